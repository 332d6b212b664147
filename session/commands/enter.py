"""session enter: run the entry protocol, and print its result as one screen and one JSON object.

Described in docs/entry.md.
"""

import os
import sys

from session import output
from session._posix import unset_variable
from session.commands.parser import parser, run
from session.errors import SessionError

_DESCRIPTION = """\
Run the entry protocol: find out where this project stands, and what to do next. An
agent runs it first when it comes to a project. It checks the project's health, brings
.claude/progress/state.json up to date, and prints a screen for people, then the same
facts as one JSON object.

The health is HEALTHY, BROKEN or UNKNOWN. The command that .claude/config/project.json
configures as health_check decides it, if you trust that command (session trust).

The exit code is 0 even if the project is BROKEN. It is 1 if a file can't be used; a
line on stderr names the file."""
_EXAMPLES = """\
session enter
session enter ../other/project --json
session enter --init --strict    # start the development server first; exit code 1 if BROKEN
session enter --force            # skip the health check; state.json records that"""


def main(argv: list[str]) -> int:
    """Run `session enter`; return the exit code."""
    return run(_enter, argv)


def _enter(argv: list[str]) -> int:
    command_line = parser("session enter", _DESCRIPTION, _EXAMPLES)
    command_line.add_argument(
        "folder", metavar="DIR", nargs="?", help="the project's folder (default: the current project)"
    )
    command_line.add_json("print only the JSON object")
    command_line.add_argument("--force", action="store_true", help="skip the health check, and record that")
    command_line.add_argument("--strict", action="store_true", help="exit with code 1 if the project is BROKEN")
    command_line.add_argument("--init", action="store_true", help="run the configured init_script first")
    command_line.add_argument("--yes", action="store_true", help="trust the configured commands for this run, as in CI")
    options = command_line.parse_args(argv)
    if options.folder:  # the original script's callers pass "" for the current folder
        _go_to(options.folder)

    from session.entry import enter, enter_report
    from session.entry.states import BROKEN
    from session.host.project_store import open_store
    from session.store import codec, lock
    from session.workflow.sessions import owner

    store = open_store()
    notices: list[str] = []
    conversation = owner(notices)
    if options.init:
        from session.entry import init_script  # cost: only with --init

        init_script.start(store.root, yes=options.yes, tell=output.tell)
    report = enter.enter(
        store,
        force=options.force,
        yes=options.yes,
        owner=conversation,
        timeout_s=lock.timeout_s(),
        tell=output.tell,
    )
    for line in (*notices, *report.problems, *report.plan.doubts):
        output.tell(line)
    screen = "" if options.json else enter_report.lines(report)
    answer = screen.encode("utf-8", "replace") + codec.encode(enter_report.summary(report)) + b"\n"
    output.answer(answer, committed=bool(report.state_update.session_id))
    return report.state_update.code or int(bool(report.problems) or (options.strict and report.health.status == BROKEN))


def _go_to(folder: str) -> None:
    # with this variable set, the folder that the user names would not be the root
    unset_variable("WORKFLOW_SESSION_ROOT")
    try:
        os.chdir(folder)
    except (OSError, ValueError) as error:
        reason = os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
        raise SessionError(f"can't go to {folder}: {reason}") from None


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
