"`python -m next_reid` is the command `next_reid`"
from next_reid.using.commands import main

if __name__ == "__main__": raise SystemExit(main())
