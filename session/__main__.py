"""`python -P -m session`: the umbrella command."""

import sys

from session import output
from session.cli import main

if __name__ == "__main__":
    output.leave(main.main(sys.argv[1:]))
