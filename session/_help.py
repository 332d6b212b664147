"""The usage line and the help of each door. Loaded only to be shown."""

from session import __version__

VERSION = f"workflow-session {__version__}\n"

USAGE = {
    "get": "session-get <workflow:name> | --all",
    "set": "session-set <workflow:name> <step> [context-json | -] [--if-step STEP | --new]",
    "reset": "session-reset <workflow:name>",
    "save": "session-save <workflow:name> [--status=completed|failed|abandoned] [--notes=TEXT]",
    "run": "session run <workflow:name> <step> [--context JSON] [--once] -- CMD ...",
    "hook": "session-hook SessionStart | UserPromptSubmit | PreToolUse | PostToolUse | PreCompact | Stop | SessionEnd",
    "checkpoint": (
        "session checkpoint create [--session ID] [--desc TEXT] | list [--json] | show [--id ID] [--json]"
        " | diff [--id ID] | restore [--id ID] [--all] | verify [--id ID] | delete --id ID"
    ),
    "context": "session context [--detailed] [--budget N] [--file] [--clipboard] [--json]",
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
    "hook": """\
Answer an event of an agent CLI (Claude Code's hooks): its payload as JSON on
stdin, the answer as JSON on stdout, or nothing.

  SessionStart  what was interrupted, or where the conversation stood before it
                was compacted; tells its commands who they work for
  UserPromptSubmit  where the conversation's chain of prompts stands
  PreToolUse    deny a call of prompt_engine that passes a gate by
  PostToolUse   note what a result of prompt_engine says of step and gate
  PreCompact, Stop  finish a commit that a killed process left
  Stop          run the shell verification that is pending, if it is trusted
  SessionEnd    the conversation's workflows are interrupted from now on
  -h, --help    print this help
  --version     print the version

Exit codes: 0, whatever happens: others would stop the agent.

examples:
  session-hook SessionStart < payload.json
""",
    "run": """\
Enter a step, run a command there, and record how it ended: that it begins is
durable before it begins, so that whoever comes back, after any crash, knows
whether it was run, and with what result. Its streams, signals and exit code are
as without this; its command line and the last 2 kB of its output are recorded,
without what looks like a secret. What it writes to a terminal goes there itself,
and is not recorded.

  --context JSON  an object, merged into the session's context one level deep
  --once        run it only if no run of this step, in this session, ended with
                exit code 0, else exit code 3
  -h, --help    print this help
  --version     print the version

Exit codes: the command's; 128 and the signal's number if a signal ended it, 127
not found, 126 not executable. If it was not run at all: 1 wrong or unusable
input, 3 already done (--once), 4 lock not had in time, 5 that it would begin
was written, but not confirmed durable.

examples:
  session run workflow:pr git:pr:create --once -- gh pr create --fill
  session run workflow:pr git:push --context '{{"branch": "x"}}' -- git push
""",
    "checkpoint": """\
Record the project's state and the sessions under way, and go back to that.

  create        record everything as it is; the newest 50 are kept
    --session ID  the session that it is recorded for (the one under way)
    --desc TEXT   what the checkpoint is for
  list          all checkpoints, newest first, what is broken marked
  show          one of them: the newest valid one, or that of --id ID
  diff          what has changed since
  restore       bring the project's state back, and other documents where they
                are missing or broken; what it replaces becomes a checkpoint
    --all         bring back everything, also what others have under way
  verify        recompute the checksums, of all checkpoints or of one
  delete        drop the checkpoint of --id ID
  --json        list, show: JSON
{common}
examples:
  session checkpoint create --desc "before the migration"
  session checkpoint list
  session checkpoint diff
  session checkpoint restore
  session checkpoint restore --id CP_20260129_224248 --all
""",
    "context": """\
Print what a new chat needs to go on, as markdown: what is worked on and what
blocks it, next tasks, what was completed last, counters, the session under way,
interrupted workflows, the repository, where the state is.

  --detailed    more of each list
  --budget N    within N tokens: the least important is left out, and named
  --file        write it to SESSION_CONTEXT.txt beside the state instead
  --clipboard   copy it to the clipboard instead (pip install
                'workflow-session[clipboard]')
  --json        as JSON
{common}
examples:
  session context
  session context --clipboard
  session context --file --budget 500
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
