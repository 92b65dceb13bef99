"Decode and resize the pictures of a data set once: the same as `next_reid pack`"
import sys

from next_reid.using.commands import main

if __name__ == "__main__": sys.exit(main(["pack", *sys.argv[1:]]))
