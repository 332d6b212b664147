"""session_state_manager: `session doc` by the name, and with the exit codes, of the script of the seed (seed: 004)."""

import sys

from session import output
from session.commands import doc


def main(argv: list[str]) -> int:
    """`init | update | sync | check | audit`, with options. Returns the exit code, 2 for wrong words."""
    return doc.script(argv)


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
