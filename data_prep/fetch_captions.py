"Fetch the captions that NEXT and IDEA released: the same as `next_reid captions fetch`"
import sys

from next_reid.using.commands import main

if __name__ == "__main__": sys.exit(main(["captions", "fetch", *sys.argv[1:]]))
