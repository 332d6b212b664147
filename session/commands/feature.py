"""session feature: what is planned, what comes next, and what is tested, on evidence that the tool made itself."""

import sys
from collections.abc import Callable

from session import output
from session.commands import feature_changes
from session.commands.feature_changes import known, of_one
from session.commands.parser import parser, run, unknown
from session.entry import feature_list as lists
from session.entry import feature_status
from session.entry.documents import FEATURES
from session.errors import UsageError
from session.store import codec

_DESCRIPTION = """\
usage: session feature WORD ...

The project's features: what is planned, what comes next, what is tested.

  list                  all of them; JSON when piped
  next                  the one to work on, as JSON; null if none is ready
  show ID               one of them, with its evidence
  add ID DESCRIPTION    plan one
  start [ID]            work on it (default: the next), if the smoke test passes
  implemented ID        it is written, and to be tested
  tested ID             run its tests: what comes of it is recorded, and counts
  block ID REASON       nobody can go on with it
  unblock ID            somebody can

They are in .claude/progress/feature-list.json. Words that change something print one
line, or JSON with --json. What is run for start and tested needs to be trusted:
session trust. `session feature WORD --help` tells more.

examples:
  session feature add F-1 'Users can log in' --priority P0 --tests 'pytest tests/login'
  session feature start
  session feature tested F-1 --commit
"""


def main(argv: list[str]) -> int:
    """`WORD ...`. Returns the exit code."""
    return run(_feature, argv)


def _feature(argv: list[str]) -> int:
    if not argv:
        raise UsageError("Usage: session feature WORD ...", "session feature --help lists the words")
    if argv[0] in ("--help", "-h"):
        output.answer(_DESCRIPTION.encode())
        return 0
    work = _WORDS.get(argv[0])
    if work is None:
        raise unknown(argv[0], _WORDS, "session feature --help lists the words")
    return work(argv[1:])


def _list(argv: list[str]) -> int:
    words = parser("session feature list", "All features: what they wait for, and whether their evidence still holds.")
    words.add_argument("--json", action="store_true", help="JSON, as when piped")
    given = words.parse_args(argv)
    store, features = known()
    for line in lists.doubts(features, store.shown_path(FEATURES)):
        output.tell(line)
    from session.commands import feature_tables

    feature_tables.all_of(store.root, features, as_json=given.json)
    if not features:
        output.tell(feature_status.why_none_ready(features))
    return 0


def _next(argv: list[str]) -> int:
    words = parser(
        "session feature next", "The feature to work on, as JSON: the most urgent one that waits for nothing."
    )
    words.add_argument("--json", action="store_true", help="JSON, as always")
    words.parse_args(argv)
    store, features = known()
    found = lists.next_feature(features)
    output.answer(codec.encode(found) + b"\n")
    is_left = lists.counts(features).done < len(features)
    if found is None and (is_left or store.read(FEATURES) is None):
        output.tell(feature_status.why_none_ready(features))
    return 0


def _show(argv: list[str]) -> int:
    words = of_one("show", "One feature, with its evidence.")
    given = words.parse_args(argv)
    store, features = known()
    from session.commands import feature_tables

    feature = lists.find(features, given.id, store.shown_path(FEATURES))
    feature_tables.one(store.root, features, feature, as_json=given.json)
    return 0


_WORDS: dict[str, Callable[[list[str]], int]] = {
    "list": _list,
    "next": _next,
    "show": _show,
    "add": feature_changes.add,
    "start": feature_changes.start,
    "implemented": feature_changes.implemented,
    "tested": feature_changes.tested,
    "block": feature_changes.block,
    "unblock": feature_changes.unblock,
}


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
