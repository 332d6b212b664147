"""session archive: list, show and search the archives of ended workflow sessions."""

from argparse import ArgumentTypeError
from itertools import islice
from typing import Any

from session import output
from session.arguments import check_utf8
from session.commands.parser import parser, run, unknown
from session.commands.tables import json_out, show, table, wants_json
from session.errors import SessionError, UsageError
from session.host import clock
from session.host.project_store import open_store
from session.notices import print_all
from session.text.bulk_json import encode_rows
from session.workflow.archive_read import Archive, archives, find, search

_USAGE = "session archive list | show NAME | search TEXT"
_DESCRIPTION = """\
Read the archives. An archive is the markdown file that `session save` writes when
a workflow session ends. Each of the three commands has its own --help."""
_EXAMPLES = """\
session archive list --workflow workflow:pr --limit 5
session archive show 2026-01-29-workflow-pr
session archive search 'CI blocked'
session archive show 2026-01-29-workflow-pr-feat-x > handover.md"""


def main(argv: list[str]) -> int:
    """Run `session archive`; return the exit code."""
    return run(_archive, argv)


def _archive(argv: list[str]) -> int:
    if not argv:
        raise UsageError(f"Usage: {_USAGE}", "session archive --help tells more")
    if argv[0] in _COMMANDS:
        return _COMMANDS[argv[0]](argv[1:])
    if argv[0] not in ("-h", "--help"):
        raise unknown(argv[0], _COMMANDS, f"usage: {_USAGE}")
    command_line = parser("session archive", _DESCRIPTION, _EXAMPLES)
    command_line.usage = _USAGE
    command_line.parse_args(argv)
    return 0


def _list(argv: list[str]) -> int:
    command_line = parser(
        "session archive list",
        "List the archives, newest first. The exit code is 1 if an archive can't be read;\n"
        "a line on stderr names it, and the others are listed.",
        "session archive list --workflow workflow:pr\nsession archive list --json --limit 1",
    )
    command_line.add_argument("--workflow", metavar="W", help="list only the archives of workflow W")
    command_line.add_argument("--limit", metavar="N", type=_count, help="list at most N archives")
    command_line.add_json()
    options = command_line.parse_args(argv)
    as_json = wants_json(options.json)
    store = open_store()
    every, errors = archives(store, options.workflow)
    print_all(store.notices)
    listed = every[: options.limit]
    if as_json:
        output.answer(encode_rows([entry(archive) for archive in listed]) + b"\n")
    elif listed:
        show(archive_table(listed))
    else:
        show("no archives" if options.workflow else "no archives yet: session save makes them")
    _report_left_out(len(every) - len(listed))
    _report_errors(errors)
    return 1 if errors else 0


def _show(argv: list[str]) -> int:
    command_line = parser(
        "session archive show",
        "Print an archive's markdown. In a pipe, the bytes are exactly those of the file.",
        "session archive show 2026-01-29-workflow-pr\n"
        "session archive show ia/state/sessions/archives/2026-01-29-workflow-pr-feat-x.md",
    )
    command_line.add_argument(
        "name", metavar="NAME", help="the archive's name, a beginning that no other name shares, or its path"
    )
    command_line.add_json("print JSON: the fields of `list`, and the text")
    options = command_line.parse_args(argv)
    archive = find(open_store(), options.name)
    if options.json:
        json_out({**entry(archive), "text": archive.text})
    else:
        output.answer(archive.body, exact=True)
    return 0


def _search(argv: list[str]) -> int:
    command_line = parser(
        "session archive search",
        "Print each line of any archive that contains TEXT, in upper or lower case. The newest\n"
        "archive comes first. The exit code is 1 if no line contains it, or if an archive\n"
        "can't be read.",
        "session archive search 'CI blocked'\nsession archive search --limit 10 /pull/8",
    )
    command_line.add_argument("text", metavar="TEXT", help="the text to find, taken literally: not a pattern")
    command_line.add_argument("--limit", metavar="N", type=_count, help="print at most N lines")
    command_line.add_json()
    options = command_line.parse_args(argv)
    check_utf8("TEXT", options.text)
    if not options.text:
        raise UsageError("TEXT is empty", " ".join(command_line.format_usage().split()))
    as_json = wants_json(options.json)
    every, errors = archives(open_store())
    matches = ((archive, *line) for archive in every for line in search(archive, options.text))
    printed = list(islice(matches, options.limit))
    if as_json:
        rows = [
            {"archive": archive.name, "path": archive.path, "line": number, "text": text}
            for archive, number, text in printed
        ]
        output.answer(encode_rows(rows) + b"\n")
    elif printed:
        show(table(("Archive", "Line", "Text"), ((archive.name, number, text) for archive, number, text in printed)))
    if not printed:
        output.tell("nothing found")
    _report_left_out(sum(1 for _ in matches))
    _report_errors(errors)
    return 0 if printed and not errors else 1


_COMMANDS = {"list": _list, "show": _show, "search": _search}


def archive_table(listed: list[Archive], title: str = "") -> Any:
    """Return a table of the archives, for `tables.show`."""
    rows = ((archive.date, archive.workflow, archive.status, archive.duration, archive.name) for archive in listed)
    return table(("Date", "Workflow", "Status", "Duration", "Name"), rows, title=title)


def entry(archive: Archive) -> dict[str, Any]:
    """Return the archive's fields as a JSON object of strings; a field that its text lacks is null."""
    return {
        "name": archive.name,
        "workflow": archive.workflow,
        "date": archive.date,
        "ended_at": None if archive.ended_ms is None else clock.iso(archive.ended_ms),
        "status": archive.status,
        "duration": archive.duration,
        "path": archive.path,
    }


def _report_left_out(count: int) -> None:
    if count:
        output.tell(f"{count} more (--limit)")


def _report_errors(errors: list[SessionError]) -> None:
    for error in errors:
        output.tell(str(error), error.keep)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text[:9]) < 1:
        raise ArgumentTypeError(f"not a number above 0: {text}")
    return int(text[:9])
