"""session project: the project's state, by the words of update_state and session_manager."""

import os

from session import output

_DESCRIPTION = """\
usage: session project WORD ...

The project's state: what is worked on, what is done, what comes next.

  start ID              open a session; refused while one is open
  end                   close it, and write its log
  status                where the project stands
  verify                check the state, its logs and the newest checkpoint
  complete TEXT         note what is done
  next ID TEXT          what comes next
  stats NAME N[/TOTAL]  how far something is
  blocker TEXT          what is in the way
  clear-blocker         nothing is any more

Piped, or with --json, status and verify print JSON. The state is in ia/state of
the project, or in the folder that PRISM_ROOT names.

examples:
  session project start 1.A.5
  session project complete "Extracted the materials"
  session project status --json
"""
_SESSION = ("start", "end", "status", "verify")
_STATE = ("complete", "next", "stats", "blocker", "clear-blocker")


def main(argv: list[str]) -> int:
    """`WORD ...`. Returns the exit code."""
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
