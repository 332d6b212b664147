"""The usage line and the help of each door. Loaded only to be shown."""

from session import __version__

VERSION = f"workflow-session {__version__}\n"

USAGE = {
    "get": "session-get <workflow:name> | --all",
    "set": "session-set <workflow:name> <step> [context-json | -] [--if-step STEP | --new]",
    "reset": "session-reset <workflow:name>",
    "save": "session-save <workflow:name> [--status=completed|failed|abandoned] [--notes=TEXT]",
}

_HELP = {
    "get": """\
Print a workflow's session as JSON, or null if there is none.

  --all         print all sessions, by workflow, as a JSON array; what can't be
                read is named on stderr, the rest is printed, the exit code is 1
{common}
examples:
  session-get workflow:pr
  session-get --all
""",
    "set": """\
Enter a step: create the session or update it, durably, and print it as stored.

  context-json  an object, merged into the session's context one level deep;
                "-" reads it from stdin
  --if-step STEP  only if the session is at STEP now, else exit code 3
  --new         only if there is no session yet, else exit code 3
{common}
examples:
  session-set workflow:pr init --new
  session-set workflow:pr git:pr:monitor '{{"pr_number": 8}}'
  gh pr view --json number,url | session-set workflow:pr git:pr:find -
  session-set workflow:pr git:pr:merge --if-step git:pr:monitor
""",
    "reset": """\
Delete a workflow's session without an archive, whatever its file holds.

{common}
examples:
  session-reset workflow:pr
""",
    "save": """\
Archive a workflow's session as markdown, delete it, and print the archive.

  --status STATUS  completed (default), failed or abandoned
  --notes TEXT  text for the archive; "--notes -" reads it from stdin
{common}
examples:
  session-save workflow:pr
  session-save workflow:pr --status=failed --notes="CI blocked"
""",
}

_COMMON = """\
  -h, --help    print this help
  --version     print the version

Exit codes: 0 done, 1 wrong or unusable input, 3 conflict, 4 lock not had in
time, 5 written, but not confirmed durable or not printed, 130 interrupted.
"""


def help_text(door: str) -> str:
    """What `--help` prints, to stdout."""
    return f"usage: {USAGE[door]}\n\n{_HELP[door].format(common=_COMMON)}"
