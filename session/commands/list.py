"""session list: the sessions under way, whose they are and how old, and the archives."""

import os
from typing import TYPE_CHECKING, Any

from session import output
from session.commands.archive import archive_table
from session.commands.archive import entry as archive_entry
from session.commands.parser import parser, run
from session.commands.tables import json_out, show, table, text, wants_json
from session.errors import SessionError
from session.host import clock
from session.store import paths
from session.store.files import FileStore, open_store
from session.text.ages import age
from session.workflow import sessions
from session.workflow.archive_read import archives
from session.workflow.ownership import ELSEWHERE, INTERRUPTED, MINE, whose
from session.workflow.session_scan import scan_sessions
from session.workflow.state import COLLECTION

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from session.workflow.state import State

_DESCRIPTION = """\
List the sessions under way, by workflow: where they stand, how old that is, and
whose they are: "mine", "possibly active elsewhere", or "interrupted"; one that
git tracks is somebody else's. Then the archives, newest first.
What can't be read is named on stderr, and makes the exit code 1."""
_EXAMPLES = """\
session list
session list --active
session list --json | jq -r '.active[].workflow'"""

OWNERS = {MINE: "green", ELSEWHERE: "cyan", INTERRUPTED: "yellow"}  # and the colours that they are shown in


def main(argv: list[str]) -> int:
    """`[--active | --archived] [--json]`. Returns the exit code."""
    return run(_list, argv)


def _list(argv: list[str]) -> int:
    words = parser("session list", _DESCRIPTION, _EXAMPLES)
    kinds = words.add_mutually_exclusive_group()
    kinds.add_argument("--active", action="store_true", help="only the sessions under way")
    kinds.add_argument("--archived", action="store_true", help="only the archives")
    words.add_argument("--json", action="store_true", help="JSON, as when piped")
    given = words.parse_args(argv)
    as_json = wants_json(given.json)
    store = open_store()
    told: dict[str, list[dict[str, Any]]] = {}
    parts: list[RenderableType] = []
    errors: list[SessionError] = []
    if not given.archived:
        active, errors = _active(store)
        told["active"] = active
        if active and not as_json:
            parts += [_table(active), ""]
    if not given.active:
        archived, unreadable = archives(store)
        told["archived"] = [archive_entry(archive) for archive in archived]
        errors += unreadable
        if archived and not as_json:
            parts += [archive_table(archived, "Archived"), ""]
    if as_json:
        json_out(told)
    else:
        show(*parts[:-1] or [f"nothing {' or '.join(told)} yet: session set begins a workflow"])
    for error in errors:
        output.tell(str(error), error.keep)
    return 1 if errors else 0


def _active(store: FileStore) -> tuple[list[dict[str, Any]], list[SessionError]]:
    """An entry for each session under way, and what could not be read."""
    notices: list[str] = []
    owner, now_ms = sessions.owner(notices), clock.now_ms()
    entries: list[dict[str, Any]] = []
    errors: list[SessionError] = []
    for session in scan_sessions(store):
        if session.state is not None:
            entries.append(entry(session.workflow, session.state, session.path, owner, now_ms))
        elif session.error is not None:
            errors.append(session.error)
    for notice in notices:
        output.tell(notice)
    if entries:
        from session.host.git.repository import Repository  # cost: where there is something to ask about

        ending = paths.COLLECTIONS[COLLECTION][1]
        repository = Repository(store.root)
        tracked = repository.tracked(os.path.join(store.root, *paths.folder_of(COLLECTION)), ending)
        if tracked is None:
            output.tell(f"warning: no telling which of these git tracks: {'; '.join(repository.reasons)}")
        for each in entries:
            each["tracked"] = None if tracked is None else paths.file_of(COLLECTION, each["workflow"])[1] in tracked
    return entries, errors


def entry(workflow: str, state: "State", path: str, owner: str, now_ms: int) -> dict[str, Any]:
    """What `owner` is told of a session: an object of JSON, null for what the state does not tell."""
    step = state.get("step")
    started_ms, updated_ms = clock.parse_ms(state.get("started_at")), clock.parse_ms(state.get("updated_at"))
    return {
        "workflow": workflow,
        "step": step if isinstance(step, str) else None,
        "whose": whose(state, owner, now_ms),
        "age_s": None if updated_ms is None else max(0, now_ms - updated_ms) // 1000,
        "updated_at": None if updated_ms is None else clock.iso(updated_ms),
        "started_at": None if started_ms is None else clock.iso(started_ms),
        "path": path,
    }


def _table(active: list[dict[str, Any]]) -> "Table":
    rows = (
        (
            each["workflow"],
            each["step"],
            text(each["whose"] + (", tracked by git" if each["tracked"] else ""), OWNERS[each["whose"]]),
            since(each["age_s"]),
            each["started_at"] and f"{each['started_at'][:19]}Z",  # so that it all fits into 80 columns
        )
        for each in active
    )
    return table(("Workflow", "Step", "Whose", "Updated", "Started"), rows, title="Active")


def since(age_s: int | None) -> str | None:
    """`12 min ago`."""
    return None if age_s is None else f"{age(age_s * 1000)} ago"
