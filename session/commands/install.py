"""session install, session uninstall: add hooks and skills to an agent CLI's files, and remove them."""

import os
from argparse import Namespace
from collections.abc import Callable

from session import output
from session.commands.parser import parser, run
from session.errors import SessionError, Unconfirmed
from session.integrations import file_changes, install_plan
from session.integrations.file_changes import Change
from session.integrations.install_plan import Plan
from session.integrations.install_record import locked
from session.notices import print_all


def main(argv: list[str]) -> int:
    """Run `session install`; return the exit code."""
    return run(_install, argv)


def uninstall(argv: list[str]) -> int:
    """Run `session uninstall`; return the exit code."""
    return run(_uninstall, argv)


def _install(argv: list[str]) -> int:
    options = _options(argv, "install", "Add hooks and skills to Claude Code. Everything else in its files stays.")
    return _answer(options, install_plan.install, record_first=True)


def _uninstall(argv: list[str]) -> int:
    options = _options(argv, "uninstall", "Remove the hooks and skills that `session install` added, and nothing else.")
    return _answer(options, install_plan.uninstall, record_first=False)


def _options(argv: list[str], word: str, description: str) -> Namespace:
    examples = "".join(f"session {word} claude{option}\n" for option in (" --dry-run", "", " --project"))
    arguments = parser(f"session {word}", description, examples)
    arguments.add_argument("agent", metavar="claude", choices=["claude"], help="the agent CLI: Claude Code")
    scope = arguments.add_mutually_exclusive_group()
    scope.add_argument("--user", action="store_true", help="for all your projects, in ~/.claude (default)")
    scope.add_argument("--project", action="store_true", help="for everybody who works on this project, in its .claude")
    arguments.add_argument("--dry-run", action="store_true", help="print the changes as a diff, and change nothing")
    arguments.set_defaults(word=word)
    return arguments.parse_args(argv)


def _answer(options: Namespace, make_plan: Callable[[bool], Plan], *, record_first: bool) -> int:
    """Apply the plan and print its lines. A killed process must leave no change that the record does not name.

    So the record is written before the other changes if `record_first` is set (install), else after them (uninstall).
    """
    if options.dry_run:
        plan = make_plan(options.project)
        answer = file_changes.diff(plan.changes) or "nothing would change\n"
    else:
        with locked():
            plan = make_plan(options.project)
            record = plan.record.change()
            made: list[Change] = []
            _apply([record, *plan.changes] if record_first else plan.changes, made, options)
            for path in plan.folders:
                file_changes.remove_empty_folder(path)
            if not record_first:
                _apply([record], made, options)
        answer = "".join(f"{line}\n" for line in plan.lines)
    print_all(plan.notices)
    committed = bool(plan.changes) and not options.dry_run
    # a patch has to apply
    output.answer(answer.encode("utf-8", "surrogateescape"), committed=committed, exact=options.dry_run)
    return 0


def _apply(changes: list[Change], made: list[Change], options: Namespace) -> None:
    """Make the changes, and add them to those `made` before.

    If one fails, take all back; the error names those that cannot be taken back.
    """
    new_folders: list[str] = []
    for change in changes:
        if change.old == change.new:
            continue
        new_folders += file_changes.missing_folders(os.path.dirname(change.path))
        try:
            file_changes.apply(change)
        except SessionError as error:
            if isinstance(error, Unconfirmed):
                made.append(change)
            else:
                made[:] = _take_back(made)
            for path in sorted(set(new_folders), key=len, reverse=True):
                file_changes.remove_empty_folder(path)
            if not made:
                raise type(error)(f"{error.message}; nothing changed", error.hint) from error
            note = f"changed so far: {', '.join(change.path for change in made)}"
            hint = f"{error.hint or 'mend that'}; then, to finish: {_again(options)}"
            raise type(error)(f"{error.message}; {note}", hint) from error
        made.append(change)


def _take_back(made: list[Change]) -> list[Change]:
    """Undo the changes, the last one first; return those that cannot be undone."""
    left = []
    for change in reversed(made):
        try:
            file_changes.apply(Change(change.path, change.new, change.old))
        except SessionError:
            left.append(change)
    return left[::-1]


def _again(options: Namespace) -> str:
    return f"session {options.word} {options.agent}{' --project' if options.project else ''}"
