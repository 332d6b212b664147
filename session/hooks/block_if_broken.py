"""PreToolUse, as a script of its own: exit code 2 and two lines where an edit is refused (seed: 001).

Whatever is odd, on stdin or on the disk, the exit code is 0: a guard that fails must not keep anyone from working.
"""

import sys

from session import output
from session._posix import posix


def main(argv: list[str]) -> int:
    """The event's payload on stdin. Returns 2 to have the tool call refused, else 0."""
    if "--help" in argv or "-h" in argv:
        output.answer(f"{_HELP}\n".encode())
        return 0
    try:
        if posix.isatty(0):
            return 0
        from session.entry.guard import REFUSAL, refuses  # cost: not for those who ask
        from session.hooks import payload as payloads

        payload = payloads.read()
        payloads.enter_project(payload)
        if not refuses(payload):
            return 0
    except Exception:
        return 0
    for line in REFUSAL.splitlines():
        output.tell(line)
    return 2


_HELP = """\
usage: block-if-broken.py < PAYLOAD

A PreToolUse hook: while .claude/progress/state.json says that the project is BROKEN,
edits of paths with a `src` folder (or of the protected_paths that
.claude/config/project.json lists) are refused: exit code 2, and why on stderr.
Everything else, and whatever can't be read, is let through: exit code 0."""

if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
