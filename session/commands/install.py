"""session install, session uninstall: hooks and skills into an agent CLI's own files, and out of them again."""

from argparse import Namespace
from collections.abc import Callable

from session import output
from session.commands.parser import parser, run
from session.errors import SessionError, Unconfirmed
from session.integrations import file_changes, install_plan
from session.integrations.file_changes import Change
from session.integrations.install_plan import Plan
from session.integrations.install_record import locked


def main(argv: list[str]) -> int:
    """`claude [--project|--user] [--dry-run]` adds hooks and skills. Returns the exit code."""
    return run(_install, argv)


def uninstall(argv: list[str]) -> int:
    """`claude [--project|--user] [--dry-run]` takes them out. Returns the exit code."""
    return run(_uninstall, argv)


def _install(argv: list[str]) -> int:
    words = _words(argv, "install", "Add hooks and skills to Claude Code. What else its files hold stays as it is.")
    return _answer(words, install_plan.install, first=True)


def _uninstall(argv: list[str]) -> int:
    words = _words(argv, "uninstall", "Take hooks and skills out of Claude Code again, and nothing else.")
    return _answer(words, install_plan.uninstall, first=False)


def _words(argv: list[str], word: str, about: str) -> Namespace:
    examples = "".join(f"session {word} claude{option}\n" for option in (" --dry-run", "", " --project"))
    made = parser(f"session {word}", about, examples)
    made.add_argument("agent", metavar="claude", choices=["claude"], help="the agent CLI: Claude Code")
    scope = made.add_mutually_exclusive_group()
    scope.add_argument("--user", action="store_true", help="for all your projects: ~/.claude (default)")
    scope.add_argument("--project", action="store_true", help="for this project and who works on it: .claude")
    made.add_argument("--dry-run", action="store_true", help="print what would change as a diff, and change nothing")
    return made.parse_args(argv)


def _answer(words: Namespace, decide: Callable[[bool], Plan], *, first: bool) -> int:
    """Carry out the plan, the record `first` or last, so that a process that is killed leaves nothing unrecorded."""
    if words.dry_run:
        planned = decide(words.project)
        said = file_changes.diff(planned.changes) or "nothing would change\n"
    else:
        with locked():
            planned = decide(words.project)
            record = planned.record.change()
            done: list[str] = []
            if first:
                _carry_out([record], [])
            _carry_out(planned.changes, done)
            for path in planned.folders:
                file_changes.remove_empty_folder(path)
            if not first:
                _carry_out([record], done)
        said = "".join(f"{line}\n" for line in planned.said)
    for notice in planned.notices:
        output.tell(notice)
    output.answer(said.encode("utf-8", "surrogateescape"), committed=bool(planned.changes) and not words.dry_run)
    return 0


def _carry_out(planned: list[Change], done: list[str]) -> None:
    """Make the changes, each added to what was `done`, which is told if one fails."""
    for change in planned:
        try:
            if change.old != change.new:
                file_changes.apply(change)
        except SessionError as error:
            if isinstance(error, Unconfirmed):
                done.append(change.path)
            note = f"changed so far: {', '.join(done)}" if done else "nothing changed"
            raise type(error)(f"{error.message}; {note}", error.hint) from error
        done.append(change.path)
