"""session archive: list, show and search the archives."""

from argparse import ArgumentTypeError
from itertools import islice
from typing import Any

from session import output
from session.arguments import check_utf8
from session.commands.parser import parser, run, unknown
from session.commands.tables import json_out, show, table, wants_json
from session.errors import UsageError
from session.host import clock
from session.store.files import open_store
from session.workflow.archive_read import Archive, archives, find, search

_USAGE = "session archive list | show NAME | search TEXT"
_EXAMPLES = """\
session archive list --workflow workflow:pr --limit 5
session archive show 2026-01-29-workflow-pr
session archive search 'CI blocked'
session archive show 2026-01-29-workflow-pr-feat-x > handover.md"""


def main(argv: list[str]) -> int:
    """`list`, `show NAME` or `search TEXT`. Returns the exit code."""
    return run(_archive, argv)


def _archive(argv: list[str]) -> int:
    if not argv:
        raise UsageError(f"Usage: {_USAGE}", "session archive --help tells more")
    if argv[0] in _WORDS:
        return _WORDS[argv[0]](argv[1:])
    if argv[0] not in ("-h", "--help"):
        raise unknown(argv[0], _WORDS, f"usage: {_USAGE}")
    words = parser("session archive", "The markdown that ended sessions became. Each word has a --help.", _EXAMPLES)
    words.usage = _USAGE
    words.parse_args(argv)
    return 0


def _list(argv: list[str]) -> int:
    words = parser(
        "session archive list",
        "List the archives, newest first. The exit code is 1 if one can't be read.",
        "session archive list --workflow workflow:pr\nsession archive list --json --limit 1",
    )
    words.add_argument("--workflow", metavar="W", help="only those of workflow W")
    words.add_argument("--limit", metavar="N", type=_count, help="no more than N")
    words.add_argument("--json", action="store_true", help="JSON, as when piped")
    given = words.parse_args(argv)
    as_json = wants_json(given.json)
    found, errors = archives(open_store(), given.workflow)
    shown = found[: given.limit]
    if as_json:
        json_out([entry(archive) for archive in shown])
    elif shown:
        show(archive_table(shown))
    else:
        show("no archives" if given.workflow else "no archives yet: session save makes them")
    if len(shown) < len(found):
        output.tell(f"{len(found) - len(shown)} more (--limit)")
    for error in errors:
        output.tell(str(error), error.keep)
    return 1 if errors else 0


def _show(argv: list[str]) -> int:
    words = parser(
        "session archive show",
        "Print an archive's markdown, piped exactly as it is.",
        "session archive show 2026-01-29-workflow-pr\n"
        "session archive show ia/state/sessions/archives/2026-01-29-workflow-pr-feat-x.md",
    )
    words.add_argument("name", metavar="NAME", help="its name, the beginning of its name alone, or its path")
    words.add_argument("--json", action="store_true", help="JSON: what it tells of itself, and its text")
    given = words.parse_args(argv)
    archive = find(open_store(), given.name)
    if given.json:
        json_out({**entry(archive), "text": archive.text})
    else:
        output.answer(archive.body)
    return 0


def _search(argv: list[str]) -> int:
    words = parser(
        "session archive search",
        "Find the lines of all archives that hold TEXT, in whichever case, in the newest archive first.\n"
        "The exit code is 1 if there are none, or if an archive can't be read.",
        "session archive search 'CI blocked'\nsession archive search --limit 10 /pull/8",
    )
    words.add_argument("text", metavar="TEXT", help="a text, not a pattern")
    words.add_argument("--limit", metavar="N", type=_count, help="no more than N lines")
    words.add_argument("--json", action="store_true", help="JSON, as when piped")
    given = words.parse_args(argv)
    check_utf8("TEXT", given.text)
    if not given.text:
        raise UsageError("TEXT is empty", " ".join(words.format_usage().split()))
    as_json = wants_json(given.json)
    found, errors = archives(open_store())
    lines = ((archive, *line) for archive in found for line in search(archive, given.text))
    shown = list(islice(lines, given.limit))
    if as_json:
        json_out([{"archive": one.name, "path": one.path, "line": number, "text": text} for one, number, text in shown])
    elif shown:
        show(table(("Archive", "Line", "Text"), ((one.name, number, text) for one, number, text in shown)))
    if not shown:
        output.tell("nothing found")
    if more := sum(1 for _ in lines):
        output.tell(f"{more} more (--limit)")
    for error in errors:
        output.tell(str(error), error.keep)
    return 0 if shown and not errors else 1


_WORDS = {"list": _list, "show": _show, "search": _search}


def archive_table(found: list[Archive], title: str = "") -> Any:
    """The archives as a table to `present.show`."""
    rows = ((one.date, one.workflow, one.status, one.duration, one.name) for one in found)
    return table(("Date", "Workflow", "Status", "Duration", "Name"), rows, title=title)


def entry(archive: Archive) -> dict[str, Any]:
    """What the archive tells of itself, as an object of JSON: texts or null."""
    return {
        "name": archive.name,
        "workflow": archive.workflow,
        "date": archive.date,
        "ended_at": None if archive.ended_ms is None else clock.iso(archive.ended_ms),
        "status": archive.status,
        "duration": archive.duration,
        "path": archive.path,
    }


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text[:9]) < 1:
        raise ArgumentTypeError(f"not a number above 0: {text}")
    return int(text[:9])
