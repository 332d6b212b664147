"""session list: the active sessions, with owner and age, and the archives."""

from typing import TYPE_CHECKING, Any

from session import output
from session.commands.archive import archive_table
from session.commands.archive import entry as archive_entry
from session.commands.parser import parser, run
from session.commands.tables import show, table, text, wants_json
from session.errors import SessionError
from session.host import clock
from session.host.project_store import open_store
from session.notices import print_all
from session.store.files import FileStore
from session.text.ages import age
from session.text.bulk_json import encode_rows
from session.workflow import sessions
from session.workflow.archive_read import archives
from session.workflow.ownership import ELSEWHERE, INTERRUPTED, MINE, UNKNOWN
from session.workflow.session_scan import scan_sessions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

    from session.workflow.state import State

_DESCRIPTION = """\
List the active sessions by workflow name, then the archives, newest first.

Each session has its step, the time since its last update, and whose it is: "mine",
"possibly active elsewhere" or "interrupted". A session that git tracks belongs to
somebody else; "unknown origin" means that git could not tell whether it does.
If a file can't be read, stderr names it and the exit code is 1."""
_EXAMPLES = """\
session list
session list --active
session list --json | jq -r '.active[].workflow'"""

# the values of "whose", and their colours
OWNERS = {MINE: "green", ELSEWHERE: "cyan", INTERRUPTED: "yellow", UNKNOWN: "red"}


def main(argv: list[str]) -> int:
    """Run `session list`; return the exit code."""
    return run(_list, argv)


def _list(argv: list[str]) -> int:
    arguments = parser("session list", _DESCRIPTION, _EXAMPLES)
    kinds = arguments.add_mutually_exclusive_group()
    kinds.add_argument("--active", action="store_true", help="list only the active sessions")
    kinds.add_argument("--archived", action="store_true", help="list only the archives")
    arguments.add_json("print JSON; the default if stdout is not a terminal")
    options = arguments.parse_args(argv)
    as_json = wants_json(options.json)
    store = open_store()
    answer: dict[str, list[dict[str, Any]]] = {}
    parts: list[RenderableType] = []
    errors: list[SessionError] = []
    if not options.archived:
        active, errors = _active(store)
        answer["active"] = active
        if active and not as_json:
            parts += [_table(active), ""]
    if not options.active:
        archived, unreadable = archives(store)
        answer["archived"] = [archive_entry(archive) for archive in archived]
        errors += unreadable
        if archived and not as_json:
            parts += [archive_table(archived, "Archived"), ""]
    if as_json:
        output.answer(_encode(answer) + b"\n")
    else:
        show(*parts[:-1] or [f"nothing {' or '.join(answer)} yet: session set begins a workflow"])
    for error in errors:
        output.tell(str(error), error.keep)
    return 1 if errors else 0


def _encode(lists: dict[str, list[dict[str, Any]]]) -> bytes:
    """Return the lists as JSON, with the bytes of `codec.encode(lists)`. orjson writes long lists: it is faster."""
    members = (f'  "{name}": '.encode() + encode_rows(rows).replace(b"\n", b"\n  ") for name, rows in lists.items())
    return b"{\n" + b",\n".join(members) + b"\n}"


def _active(store: FileStore) -> tuple[list[dict[str, Any]], list[SessionError]]:
    """Return an entry for each active session, and an error for each file that can't be read."""
    notices: list[str] = []
    owner, now_ms = sessions.owner(notices), clock.now_ms()
    states: dict[str, tuple[State, str]] = {}
    errors: list[SessionError] = []
    for session in scan_sessions(store):
        if session.state is not None:
            states[session.workflow] = session.state, session.path
        elif session.error is not None:
            errors.append(session.error)
    print_all([*notices, *store.notices])
    tracked = tracked_by_git(store, states) if states else {}
    entries = [
        entry(workflow, state, path, owner, now_ms, is_tracked=tracked[workflow])
        for workflow, (state, path) in states.items()
    ]
    return entries, errors


def tracked_by_git(store: FileStore, workflows: "Iterable[str]") -> dict[str, bool | None]:
    """Return for each workflow whether git tracks its session; None, and a warning on stderr, if git fails."""
    from session.host.git.repository import Repository  # cost: only if there are sessions
    from session.resume import origin

    repository = Repository(store.root)
    tracked = origin.tracked(store, repository, workflows)
    if None in tracked.values():
        output.tell(f"warning: can't tell which sessions git tracks: {'; '.join(repository.reasons)}")
    return tracked


def entry(
    workflow: str, state: "State", path: str, owner: str, now_ms: int, *, is_tracked: bool | None
) -> dict[str, Any]:
    """Return the session's facts as a JSON object; a fact that the state does not hold is null.

    `owner` is the id of the conversation that asks: it decides "whose". `path` is the session's file. `is_tracked` is
    None if git could not tell whether it tracks that file.
    """
    from session.resume import origin  # cost: only if there are sessions

    step = state.get("step")
    started_ms, updated_ms = clock.parse_ms(state.get("started_at")), clock.parse_ms(state.get("updated_at"))
    return {
        "workflow": workflow,
        "step": step if isinstance(step, str) else None,
        "whose": origin.whose(state, owner, now_ms, is_tracked=is_tracked),
        "age_s": None if updated_ms is None else max(0, now_ms - updated_ms) // 1000,
        "updated_at": None if updated_ms is None else clock.iso(updated_ms),
        "started_at": None if started_ms is None else clock.iso(started_ms),
        "path": path,
        "tracked": is_tracked,
    }


def _table(active: list[dict[str, Any]]) -> "Table":
    rows = (
        (
            row["workflow"],
            row["step"],
            whose(row),
            ago(row["age_s"]),
            row["started_at"] and f"{row['started_at'][:19]}Z",  # no milliseconds: the table has to fit 80 columns
        )
        for row in active
    )
    return table(("Workflow", "Step", "Whose", "Updated", "Started"), rows, title="Active")


def whose(row: dict[str, Any]) -> "Text":
    """Return the words of an `entry` that say whose the session is, for a table."""
    return text(row["whose"] + (", tracked by git" if row["tracked"] else ""), OWNERS[row["whose"]])


def ago(age_s: int | None) -> str | None:
    """Return an age such as `12 min ago`, or None if the age is not known."""
    return None if age_s is None else f"{age(age_s * 1000)} ago"
