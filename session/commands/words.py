"""session: every command by its first word, which alone is loaded."""

from session import output

# word: (module, or module:function where that is not `main`; what the word does)
WORDS = {
    "set": ("session.set", "enter a step of a workflow"),
    "run": ("session.run", "enter a step, run a command, record how it ended"),
    "get": ("session.get", "print a workflow's session as JSON, or all of them"),
    "save": ("session.save", "archive a session as markdown, and end it"),
    "reset": ("session.reset", "drop a session without an archive"),
    "list": ("session.commands.list", "sessions under way: where, whose, how old; archives"),
    "show": ("session.commands.show", "one session in full"),
    "resume": ("session.commands.resume", "what was interrupted, what happened, how to go on"),
    "archive": ("session.commands.archive", "list, show and search archives"),
    "project": ("session.commands.project", "the project's state: sessions, tasks, counters, blocker"),
    "checkpoint": ("session.commands.checkpoint", "snapshots of the state, and the way back"),
    "context": ("session.commands.context", "what a new chat must know to go on"),
    "enter": ("session.commands.enter", "the entry protocol: health, state, what comes next"),
    "feature": ("session.commands.feature", "features: what is next, what is tested, and on what evidence"),
    "transition": ("session.commands.transition", "change the entry protocol's state, or ask what may follow"),
    "handoff": ("session.commands.handoff", "end a session: summary, metrics, a clean state"),
    "recover": ("session.commands.recover", "what to do after a crash, a broken check, a hung test"),
    "metrics": ("session.commands.metrics", "what a session did, in numbers"),
    "doc": ("session.commands.doc", "a conversation's SESSION_STATE.md, edited safely"),
    "trust": ("session.commands.trust", "see and trust the commands that a repository configures"),
    "install": ("session.commands.install", "set up an agent CLI"),
    "uninstall": ("session.commands.install:uninstall", "undo that"),
    "hook": ("session.hook", "answer an event of an agent CLI"),
}
USAGE = "session WORD ..."
_SEE = "session --help lists the words"

_HELP = """\
usage: {usage}

Workflow memory for AI agents that survives crashes, closed terminals and
compacted contexts.

{words}
  session help WORD    what WORD takes, with examples; as session WORD --help
  session --version    the version

Lists and records are tables on a terminal, JSON when piped or with --json.

examples:
  session set workflow:pr init --new
  session run workflow:pr git:pr:create -- gh pr create --fill
  session list
  session resume workflow:pr
  session archive search 'CI blocked'
"""


def main(argv: list[str]) -> int:
    """`WORD ...` does what the word says. Returns the exit code."""
    return output.run(_call if argv and argv[0] in WORDS else _about, argv)


def _call(argv: list[str]) -> int:
    module, _, function = WORDS[argv[0]][0].partition(":")
    function = function or "main"
    return int(getattr(__import__(module, fromlist=[function]), function)(argv[1:]))


def _about(argv: list[str]) -> int:
    if not argv:
        from session.errors import UsageError  # cost: for people only, as all below

        raise UsageError(f"Usage: {USAGE}", _SEE)
    word, *rest = argv
    if word == "help" and rest:
        if rest[0] in WORDS:
            return _call([*rest, "--help"])
        word = rest[0]
    elif word in ("--help", "-h", "help"):
        words = "".join(f"  {name:11}{what}\n" for name, (_, what) in WORDS.items())
        output.answer(_HELP.format(usage=USAGE, words=words).encode())
        return 0
    elif word == "--version":
        from session._help import VERSION

        output.answer(VERSION.encode())
        return 0
    from session.commands.parser import unknown

    raise unknown(word, [*WORDS, "help"], _SEE)
