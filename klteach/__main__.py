"""`python -m klteach` is the command `klteach`."""

import sys

from klteach_command import main

if __name__ == "__main__":
    sys.exit(main())
