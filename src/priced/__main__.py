"""`python -m priced` is `priced`."""

import sys

from priced.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
