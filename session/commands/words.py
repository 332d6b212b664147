"""session: the first word names the command; only that command's module is loaded."""

from session import output

# for each word: its module, or module:function if the function is not `main`; what the word does
WORDS = {
    "set": ("session.set", "enter a step of a workflow; the first one creates its session"),
    "run": ("session.run", "enter a step, run a command, record its exit code and output"),
    "get": ("session.get", "print a workflow's session as JSON; --all prints every session"),
    "save": ("session.save", "end a session and keep it as a markdown archive"),
    "reset": ("session.reset", "delete a session without keeping an archive"),
    "list": ("session.commands.list", "list the active sessions and the archives"),
    "show": ("session.commands.show", "show one session in full"),
    "resume": ("session.commands.resume", "show interrupted work and what the repository says about it"),
    "archive": ("session.commands.archive", "list, show and search the archives"),
    "project": ("session.commands.project", "keep the project's state: work sessions, tasks, counters, blocker"),
    "checkpoint": ("session.commands.checkpoint", "save the project's state and sessions, and go back to them"),
    "context": ("session.commands.context", "print what a new conversation needs to know to continue"),
    "enter": ("session.commands.enter", "start an entry session: check the project, find the next state"),
    "feature": ("session.commands.feature", "manage the features: which is next, which are tested, evidence"),
    "transition": ("session.commands.transition", "show or change the entry protocol's state"),
    "handoff": ("session.commands.handoff", "end an entry session: write its summary and metrics"),
    "recover": ("session.commands.recover", "recover from a crash, a failed health check or a hung test"),
    "metrics": ("session.commands.metrics", "show what an entry session did, in numbers"),
    "doc": ("session.commands.doc", "edit a conversation's SESSION_STATE.md safely"),
    "trust": ("session.commands.trust", "show and trust the commands that a repository configures"),
    "install": ("session.commands.install", "add hooks and skills to an agent CLI (Claude Code)"),
    "uninstall": ("session.commands.install:uninstall", "remove the hooks and skills that `install` added"),
    "hook": ("session.hook", "answer a hook event; the agent CLI calls this"),
}
USAGE = "session WORD ..."
_SEE = "session --help lists the words"

_HELP = """\
usage: {usage}

Workflow memory for AI agents that survives crashes, closed terminals and
compacted contexts.

{words}
  session help WORD    print the options and examples of WORD
  session --version    print the version

Most lists and records are tables on a terminal, and JSON if piped or with
--json. Some commands print JSON only with --json: see the help of each word.

examples:
  session set workflow:pr init --new
  session run workflow:pr git:pr:create -- gh pr create --fill
  session list
  session resume workflow:pr
  session archive search 'CI blocked'
"""


def main(argv: list[str]) -> int:
    """Run the command that the first word names; return the exit code."""
    return output.run(_call if argv and argv[0] in WORDS else _about, argv)


def _call(argv: list[str]) -> int:
    module, _, function = WORDS[argv[0]][0].partition(":")
    function = function or "main"
    return int(getattr(__import__(module, fromlist=[function]), function)(argv[1:]))


def _about(argv: list[str]) -> int:
    if not argv:
        from session.errors import UsageError  # cost: only for people, not for scripts; so are the imports below

        raise UsageError(f"Usage: {USAGE}", _SEE)
    word, *rest = argv
    if word == "help" and rest:
        if rest[0] in WORDS:
            return _call([*rest, "--help"])
        word = rest[0]
    elif word in ("--help", "-h", "help"):
        words = "".join(f"  {name:11}{summary}\n" for name, (_, summary) in WORDS.items())
        output.answer(_HELP.format(usage=USAGE, words=words).encode())
        return 0
    elif word == "--version":
        from session._help import VERSION

        output.answer(VERSION.encode())
        return 0
    from session.commands.parser import unknown

    raise unknown(word, [*WORDS, "help"], _SEE)
