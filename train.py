"""`python train.py [overrides]` is `priced train [overrides]`."""

import sys

from priced.cli import main

if __name__ == "__main__":
    sys.exit(main(["train", *sys.argv[1:]]))
