"""Run the command `session` for `python -P -m session`."""

import sys

from session import output
from session.commands import words

if __name__ == "__main__":
    output.leave(words.main(sys.argv[1:]))
