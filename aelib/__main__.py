"""`python -m aelib`: see `aelib.cli`."""

import sys

from aelib.cli.main import run

if __name__ == "__main__":
    sys.exit(run())
