"""The usage line and the help text of each command. Loaded only when one of them is printed."""

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

  --all         print all sessions as one JSON array, sorted by workflow; name
                an unreadable session on stderr, print the others, and exit with 1
{common}
examples:
  session-get workflow:pr
  session-get --all
""",
    "set": """\
Enter a step: create or update the workflow's session, and print it as stored.
The change is durable before it is printed.

  context-json  a JSON object to merge into the session's context; its keys
                replace equal keys there; "-" reads the object from stdin
  --if-step STEP  only if the session is at STEP now; otherwise exit code 3
  --new         only if there is no session yet; otherwise exit code 3
{common}
examples:
  session-set workflow:pr init --new
  session-set workflow:pr git:pr:monitor '{{"pr_number": 8}}'
  gh pr view --json number,url | session-set workflow:pr git:pr:find -
  session-set workflow:pr git:pr:merge --if-step git:pr:monitor
""",
    "reset": """\
Delete a workflow's session without archiving it, even if its file is damaged.

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
Answer an event of an agent CLI (a hook of Claude Code). The event's payload is
JSON on stdin; the answer is JSON on stdout, or nothing.

  SessionStart  report interrupted workflows; after a compaction, report where the
                conversation's workflows stand; export the owner of the commands
                that the conversation runs
  UserPromptSubmit  report where the conversation's chain of prompts stands
  PreToolUse    deny a call of prompt_engine that skips a gate
  PreToolUse    deny edits of sources while the entry protocol says BROKEN
  PostToolUse   record the step and the gate that a result of prompt_engine names
  PostToolUse   note each edited file, if the project follows the entry protocol
  PreCompact, Stop  finish a commit that a killed process left unfinished
  PreCompact, Stop  save an entry session's auto-checkpoint, every 5 minutes at most
  Stop          run the pending shell verification, if it is trusted
  SessionEnd    mark the conversation's workflows as interrupted
  -h, --help    print this help
  --version     print the version

Exit codes: always 0, because any other code would stop the agent.

examples:
  session-hook SessionStart < payload.json
""",
    "run": """\
Enter a step, run a command there, and record how the command ended. Its start is
durable before the command starts. So after any crash the session tells whether
the command ran, and its result. The command's streams, signals and exit code are
the same as without `session run`. Its command line and the last 2 kB of its
output are recorded, without text that looks like a secret. Output that it writes
directly to a terminal is not recorded.

  --context JSON  a JSON object to merge into the session's context; its keys
                replace equal keys there
  --once        run it only if no run of this step in this session has ended with
                exit code 0; otherwise exit code 3
  -h, --help    print this help
  --version     print the version

Exit codes: the command's own; 128 plus the signal's number if a signal ended it,
127 not found, 126 not executable. If the command did not run: 1 wrong or unusable
input, 3 already succeeded (--once), 4 the lock was not free in time, 5 its start
was written, but not confirmed durable.

examples:
  session run workflow:pr git:pr:create --once -- gh pr create --fill
  session run workflow:pr git:push --context '{{"branch": "x"}}' -- git push
""",
    "checkpoint": """\
Record the project's state and the workflow sessions, and restore them.

  create        record everything as it is now; keep the newest 50 checkpoints
    --session ID  the work session to name in it (default: the open one)
    --desc TEXT   the purpose of the checkpoint
  list          list all checkpoints, newest first, and mark the broken ones
  show          print one checkpoint
  diff          print what has changed since a checkpoint
  restore       restore the project's state, and other documents if they are
                missing or broken; what it replaces becomes a new checkpoint
    --all         restore everything, also workflow sessions that others
                are working on
  verify        recompute the checksums of all checkpoints, or of one
  delete        delete the checkpoint that --id names
  --id ID       the checkpoint to use (default for show, diff and restore: the
                newest valid one)
  --json        print JSON (list, show)
{common}
examples:
  session checkpoint create --desc "before the migration"
  session checkpoint list
  session checkpoint diff
  session checkpoint restore
  session checkpoint restore --id CP_20260129_224248 --all
""",
    "context": """\
Print what a new chat needs to continue the work, as markdown: current work and
its blockers, next tasks, the tasks completed last, counters, the open work
session, interrupted workflows, the repository, and the place of the state.

  --detailed    print more of each list
  --budget N    print at most N tokens; leave out the least important parts, and
                name them
  --file        write to SESSION_CONTEXT.txt beside the state instead of printing
  --clipboard   copy to the clipboard instead of printing (needs
                pip install pyperclip)
  --json        print JSON
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

Exit codes: 0 done, 1 wrong or unusable input, 3 conflict, 4 the lock was not free
in time, 5 written, but not confirmed durable or not printed, 130 interrupted.
"""


def help_text(command: str) -> str:
    """Return the text that `--help` prints."""
    return f"usage: {USAGE[command]}\n\n{_HELP[command].format(common=_COMMON)}"
