"""A PreToolUse hook as a script: exit code 2 and two lines on stderr if it refuses an edit of a broken project.

If stdin or the state on disk cannot be read, the exit code is 0: a guard that fails must not stop anyone's work.
"""

from session import output
from session._posix import posix


def main(argv: list[str]) -> int:
    """Read the event's payload from stdin; return exit code 2 to refuse the tool call, else 0."""
    if "--help" in argv or "-h" in argv:
        output.answer(f"{_HELP}\n".encode())
        return 0
    try:
        if posix.isatty(0):
            return 0
        from session.entry.guard import REFUSAL, refuses  # cost: not for --help
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
.claude/config/project.json lists) are refused: exit code 2, and the reason on stderr.
All other calls, and a payload or state that cannot be read, pass: exit code 0."""
