"""session feature: list the project's features, show the next one, and run the commands that change them.

Described in docs/features.md. The commands that change a feature are in `feature_changes`.
"""

import sys
from collections.abc import Callable

from session import output
from session.commands import feature_changes
from session.commands.feature_changes import feature_parser, read_features
from session.commands.parser import parser, run, unknown
from session.commands.tables import json_out
from session.entry import feature_list, feature_status
from session.entry.documents import FEATURES
from session.errors import UsageError

_DESCRIPTION = """\
usage: session feature COMMAND ...

Plan features, find out which one to work on next, and prove that they work. A feature
counts as tested only if this tool ran its tests and they passed: that record is its
evidence.

  list                  list all features; JSON if stdout is not a terminal
  next                  print the feature to work on as JSON; null if none is ready
  show ID               show one feature, with its evidence
  add ID DESCRIPTION    add a planned feature
  start [ID]            run the smoke test, then start the feature (default: the next one)
  implemented ID        record that the feature is written, and not yet tested
  tested ID             run the feature's tests, and record the result as its evidence
  block ID REASON       record why nobody can continue the feature
  unblock ID            return a blocked feature to pending

The features are in .claude/progress/feature-list.json. The commands from `add` down
print one line, or JSON with --json. A command that the project configures, such as the
smoke test, is run only if you trust it: see session trust. For more about a command:
session feature COMMAND --help

examples:
  session feature add F-1 'Users can log in' --priority P0 --tests 'pytest tests/login'
  session feature start
  session feature tested F-1 --commit
"""
_SEE_HELP = "session feature --help lists the commands"


def main(argv: list[str]) -> int:
    """Run `session feature`; return the exit code."""
    return run(_feature, argv)


def _feature(argv: list[str]) -> int:
    if not argv:
        raise UsageError("Usage: session feature COMMAND ...", _SEE_HELP)
    if argv[0] in ("--help", "-h"):
        output.answer(_DESCRIPTION.encode())
        return 0
    work = _COMMANDS.get(argv[0])
    if work is None:
        raise unknown(argv[0], _COMMANDS, _SEE_HELP)
    return work(argv[1:])


def _list(argv: list[str]) -> int:
    command_line = parser(
        "session feature list",
        "List all features: their status, the features that each waits for, and whether the\n"
        "evidence is stale, which means that files have changed since the tests ran.",
    )
    command_line.add_json()
    options = command_line.parse_args(argv)
    store, features = read_features()
    for line in feature_list.doubts(features, store.shown_path(FEATURES)):
        output.tell(line)
    from session.commands import feature_tables

    feature_tables.show_list(store.root, features, as_json=options.json)
    if not features:
        output.tell(feature_status.why_none_ready(features))
    return 0


def _next(argv: list[str]) -> int:
    command_line = parser(
        "session feature next",
        "Print the feature to work on as JSON: the most urgent one whose dependencies are all\n"
        "done. Print null if there is none; a line on stderr then says why, unless all are done.",
    )
    command_line.add_json("print JSON, which this command always does")
    command_line.parse_args(argv)
    store, features = read_features()
    feature = feature_list.next_feature(features)
    json_out(feature)
    is_left = feature_list.counts(features).done < len(features)
    if feature is None and (is_left or store.read(FEATURES) is None):
        output.tell(feature_status.why_none_ready(features))
    return 0


def _show(argv: list[str]) -> int:
    options = feature_parser("show", "Show one feature, with its evidence.").parse_args(argv)
    store, features = read_features()
    from session.commands import feature_tables

    feature = feature_list.find(features, options.id, store.shown_path(FEATURES))
    feature_tables.show_feature(store.root, features, feature, as_json=options.json)
    return 0


_COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "list": _list,
    "next": _next,
    "show": _show,
    "add": feature_changes.add,
    "start": feature_changes.start,
    "implemented": feature_changes.mark_implemented,
    "tested": feature_changes.run_tests,
    "block": feature_changes.block,
    "unblock": feature_changes.unblock,
}


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
