"""session project: the words of `update_state` and `session_manager` under one command."""

import os

from session import output

_DESCRIPTION = """\
usage: session project WORD ...

Keep the project's state: the work session, finished and next tasks, counters and
the blocker.

  start ID              start a work session; refused if one is open
  end                   end the work session and write its log
  status                show the work session, phase, blocker and counters
  verify                check the state, its logs and the newest checkpoint
  complete TEXT         record a finished task
  next ID TEXT          set the next task
  stats NAME N[/TOTAL]  set a counter, such as 8/62
  blocker TEXT          record what blocks the work
  clear-blocker         remove the blocker

status and verify print JSON if piped, or with --json. The state is in the project's
ia/state folder, or in the folder that the variable PRISM_ROOT names.

examples:
  session project start 1.A.5
  session project complete "Extracted the materials"
  session project status --json
"""
_SESSION = ("start", "end", "status", "verify")
_STATE = ("complete", "next", "stats", "blocker", "clear-blocker")


def main(argv: list[str]) -> int:
    """Run `session project WORD …`; return the exit code."""
    word = argv[0].lower() if argv else ""
    if word in _STATE:
        from session.commands import update_state

        return update_state.main(argv)
    if word in _SESSION:
        from session.commands import session_manager

        if word in ("status", "verify") and not os.isatty(1) and len(argv) == 1:
            argv = [*argv, "--json"]
        return session_manager.main(argv)
    return output.run(_about, argv)


def _about(argv: list[str]) -> int:
    from session.commands.parser import unknown
    from session.errors import UsageError

    if not argv:
        raise UsageError("Usage: session project WORD ...", "session project --help lists the words")
    if argv[0] in ("--help", "-h"):
        output.answer(_DESCRIPTION.encode())
        return 0
    raise unknown(argv[0], (*_SESSION, *_STATE), "session project --help lists the words")
