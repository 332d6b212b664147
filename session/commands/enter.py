"""session enter: the entry protocol, on one screen and as one JSON object."""

import os
import sys

from session import output
from session._posix import unset_variable
from session.commands.parser import parser, run
from session.errors import SessionError

_DESCRIPTION = """\
Where does this project stand, and what comes next? Checks the project's health,
keeps .claude/progress/state.json, and prints what a session that begins has to
know: first for people, then the same as one JSON object.

The health_check that .claude/config/project.json configures is run if you trust it
(session trust). The exit code is 0, also for a BROKEN project; 1 if a file can't be
used, which a line on stderr names."""
_EXAMPLES = """\
session enter
session enter ../other/project --json
session enter --init --strict    # start the development server first; exit code 1 if BROKEN
session enter --force            # without a health check, which is recorded"""


def main(argv: list[str]) -> int:
    """`[DIR] [--json] [--force] [--strict] [--init] [--yes]`. Returns the exit code."""
    return run(_enter, argv)


def _enter(argv: list[str]) -> int:
    words = parser("session enter", _DESCRIPTION, _EXAMPLES)
    words.add_argument("folder", metavar="DIR", nargs="?", help="the project (default: the working folder's)")
    words.add_argument("--json", action="store_true", help="print the JSON object alone")
    words.add_argument("--force", action="store_true", help="skip the health check, and record that")
    words.add_argument("--strict", action="store_true", help="exit code 1 if the project is BROKEN")
    words.add_argument("--init", action="store_true", help="run the configured init_script first")
    words.add_argument("--yes", action="store_true", help="trust the configured commands this once, as in CI")
    given = words.parse_args(argv)
    if given.folder:  # `session-entry.sh "$DIR"` without a DIR is the working folder, as ever
        _go_to(given.folder)

    from session.entry import enter, enter_report
    from session.entry.states import BROKEN
    from session.store import codec, lock
    from session.store.files import open_store
    from session.workflow.sessions import owner

    store = open_store()
    notices: list[str] = []
    who = owner(notices)
    if given.init:
        from session.entry import init_script  # cost: only where asked for

        init_script.start(store.root, yes=given.yes, tell=output.tell)
    report = enter.enter(
        store, force=given.force, yes=given.yes, owner=who, timeout_s=lock.timeout_s(), tell=output.tell
    )
    for line in (*notices, *report.problems, *report.plan.doubts):
        output.tell(line)
    shown = "" if given.json else enter_report.lines(report)
    answer = shown.encode("utf-8", "replace") + codec.encode(enter_report.summary(report)) + b"\n"
    output.answer(answer, committed=bool(report.state_update.session_id))
    return report.state_update.code or int(bool(report.problems) or (given.strict and report.health.status == BROKEN))


def _go_to(folder: str) -> None:
    """The folder is given: no other root that the environment names counts."""
    unset_variable("WORKFLOW_SESSION_ROOT")
    try:
        os.chdir(folder)
    except (OSError, ValueError) as error:
        why = os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
        raise SessionError(f"can't go to {folder}: {why}") from None


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
