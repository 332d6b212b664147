"""session resume: interrupted work, and what the repository says about it now."""

from typing import TYPE_CHECKING

from session import output
from session.arguments import check_utf8
from session.commands.parser import parser, run, whole_number
from session.commands.tables import show, table, text, wants_json
from session.errors import SessionError
from session.host import clock
from session.host.project_store import open_store
from session.notices import print_all
from session.resume.reports import BUDGET, LEAST_TOKENS, lines, render, reports, trimmed
from session.store import codec, paths
from session.text.untrusted import visible
from session.workflow import sessions

if TYPE_CHECKING:
    from rich.table import Table

    from session.resume.report_types import Report

_MOST = 10  # the most workflows to report: more would fill a model's context

_DESCRIPTION = f"""\
Report each active workflow: its step and since when, whose it is, the commands that
`session run` has recorded, and what the repository says now. Facts that contradict
each other are named as mismatches. Nothing is changed.

Order: the sessions of this conversation, then interrupted ones, then those that may be
active elsewhere, then those of unknown origin, if git could not tell whether it tracks
them. Last come sessions that git tracks: they belong to somebody else.
At most {_MOST} workflows unless --all is given; at most {BUDGET} tokens for each, counted as
three bytes of UTF-8 a token."""
_EXAMPLES = """\
session resume
session resume workflow:pr --budget 1000
session resume --text
session resume --json | jq -r '.[] | select(.tracked == false) | .workflow'"""


def main(argv: list[str]) -> int:
    """Run `session resume`; return the exit code."""
    return run(_resume, argv)


def _resume(argv: list[str]) -> int:
    arguments = parser("session resume", _DESCRIPTION, _EXAMPLES)
    arguments.add_argument("workflow", metavar="WORKFLOW", nargs="?", help="report only this workflow")
    form = arguments.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON, an object per workflow (default if piped)")
    form.add_argument("--text", action="store_true", help="print lines of text, as the hooks do for a model")
    arguments.add_argument(
        "--budget",
        metavar="N",
        type=whole_number,
        default=BUDGET,
        help=f"most tokens for each workflow (default {BUDGET})",
    )
    arguments.add_argument("--all", action="store_true", help=f"report all workflows, not only the first {_MOST}")
    options = arguments.parse_args(argv)
    if options.budget < LEAST_TOKENS:
        arguments.error(f"argument --budget: at least {LEAST_TOKENS} tokens")
    if options.workflow is not None:
        check_utf8("WORKFLOW", options.workflow)
        paths.check_name(options.workflow)
    notices: list[str] = []
    owner, now_ms = sessions.owner(notices), clock.now_ms()
    store = open_store()
    every, errors = reports(store, owner=owner, now_ms=now_ms, workflow=options.workflow or "")
    print_all([*notices, *store.notices])
    chosen = every if options.all else every[:_MOST]
    if options.workflow is not None and not chosen:
        raise SessionError(f"No session found for {options.workflow}")
    if not chosen and not errors and (options.text or not wants_json(options.json)):
        output.answer(b"nothing was interrupted\n")
    elif options.text:
        output.answer("".join(f"{render(report, now_ms, options.budget)}\n" for report in chosen).encode())
    elif wants_json(options.json):
        entries = ",\n".join(visible(codec.compact(trimmed(report, options.budget))) for report in chosen)
        output.answer(f"[\n{entries}\n]\n".encode() if chosen else b"[]\n")
    else:
        show(*[part for report in chosen for part in ("", _view(report, now_ms, options.budget))][1:])
    if len(chosen) < len(every):
        output.tell(f"{len(every) - len(chosen)} more: session list names them, --all tells of them")
    for error in errors:
        output.tell(str(error))
    return 1 if errors else 0


def _view(report: "Report", now_ms: int, budget: int) -> "Table":
    head, *rest = lines(report, now_ms, budget)
    rows = ((text(label, "yellow" if label == "mismatch" else ""), value) for label, value in rest)
    return table(head, rows)
