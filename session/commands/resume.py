"""session resume: what was interrupted, next to what the repository says now."""

from typing import TYPE_CHECKING

from session import output
from session.arguments import check_utf8
from session.commands.parser import parser, run
from session.commands.tables import show, table, text, wants_json
from session.errors import SessionError
from session.host import clock
from session.resume.reports import BUDGET, LEAST_TOKENS, lines, render, reports, trimmed
from session.store import codec, paths
from session.store.files import open_store
from session.text.untrusted import visible
from session.workflow import sessions

if TYPE_CHECKING:
    from rich.table import Table

    from session.resume.report_types import Report

_MOST = 10  # workflows: for a model, more would be a flood

_DESCRIPTION = f"""\
Tell where each workflow under way stands, since when, whose it is, what
`session run` recorded of its commands, and what the repository says now; what
does not fit together is named. Nothing is changed. The sessions of this
conversation come first, then what was interrupted, then what may be at work
elsewhere, last what git tracks, which is someone else's and not offered.
The first {_MOST}, unless --all; at most {BUDGET} tokens for each workflow, a token being three bytes of UTF-8."""
_EXAMPLES = """\
session resume
session resume workflow:pr --budget 1000
session resume --text
session resume --json | jq -r '.[] | select(.tracked | not) | .workflow'"""


def main(argv: list[str]) -> int:
    """`[WORKFLOW] [--json | --text] [--all] [--budget N]`. Returns the exit code."""
    return run(_resume, argv)


def _resume(argv: list[str]) -> int:
    words = parser("session resume", _DESCRIPTION, _EXAMPLES)
    words.add_argument("workflow", metavar="WORKFLOW", nargs="?", help="only this one, as in session set")
    form = words.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="JSON, as when piped: an array, an object for each workflow")
    form.add_argument("--text", action="store_true", help="lines of text, as hooks tell a model")
    words.add_argument("--budget", metavar="N", type=int, default=BUDGET, help=f"tokens for each workflow ({BUDGET})")
    words.add_argument("--all", action="store_true", help=f"more than the first {_MOST}")
    given = words.parse_args(argv)
    if given.budget < LEAST_TOKENS:
        words.error(f"argument --budget: at least {LEAST_TOKENS} tokens")
    if given.workflow is not None:
        check_utf8("WORKFLOW", given.workflow)
        paths.check_name(given.workflow)
    notices: list[str] = []
    owner, now_ms = sessions.owner(notices), clock.now_ms()
    every, errors = reports(open_store(), owner=owner, now_ms=now_ms, workflow=given.workflow or "")
    for notice in notices:
        output.tell(notice)
    found = every if given.all else every[:_MOST]
    if given.workflow is not None and not found:
        raise SessionError(f"No session found for {given.workflow}")
    if not found and not errors and (given.text or not wants_json(given.json)):
        output.answer(b"nothing was interrupted\n")
    elif given.text:
        output.answer("".join(f"{render(each, now_ms, given.budget)}\n" for each in found).encode())
    elif wants_json(given.json):
        entries = ",\n".join(visible(codec.compact(trimmed(each, given.budget))) for each in found)
        output.answer(f"[\n{entries}\n]\n".encode() if found else b"[]\n")
    else:
        show(*[part for each in found for part in ("", _view(each, now_ms, given.budget))][1:])
    if len(found) < len(every):
        output.tell(f"{len(every) - len(found)} more: session list names them, --all tells of them")
    for error in errors:
        output.tell(str(error))
    return 1 if errors else 0


def _view(report: "Report", now_ms: int, budget: int) -> "Table":
    head, *rest = lines(report, now_ms, budget)
    return table(head, ((text(about, "yellow" if about == "mismatch" else ""), said) for about, said in rest))
