"""session_state_manager: `session doc` under the name of the original script, with that script's exit codes."""

import sys

from session import output
from session.commands import doc


def main(argv: list[str]) -> int:
    """Run `session_state_manager`; return the exit code, 2 for wrong arguments."""
    return doc.script(argv)


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
