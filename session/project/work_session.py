"""The work session: its record in the state, its start and end, and its log. This module touches no files.

    {"id": str, "startTime": ISO 8601, "endTime": null, "completedItems": [str, …], "filesCreated": [path, …],
     "filesModified": [path, …], "notes": [str, …]}

The log is the record with its `endTime`. The state's `history` keeps {"id", "start", "end", "logFile"} of each work
session. Some tools write only the id instead of a record; such a work session can be ended too.
"""

from session.project.state import array, enter_phase, wrong_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from session.project.state import State

    Record = dict[str, Any]

NAMELESS = "session"  # the name of the log if the work session has no id


def open_record(state: "State") -> "Record | None":
    """Return the record of the open work session, or None if none is open. SessionError for a value of a wrong type."""
    value = state.get("currentSession")
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return {"id": value}
    if isinstance(value, dict):
        return value
    raise wrong_type("currentSession", "a session", value)


def id_of(record: "Record") -> str:
    """Return the work session's id, or "" if it has none."""
    value = record.get("id")
    return value if isinstance(value, str) else ""


def start(state: "State", session_id: str, now: str) -> "State":
    """Return the state with a new open work session, in the phase that its id names."""
    record: Record = {
        "id": session_id,
        "startTime": now,
        "endTime": None,
        "completedItems": [],
        "filesCreated": [],
        "filesModified": [],
        "notes": [],
    }
    return {**enter_phase(state, session_id), "lastUpdated": now, "currentSession": record}


def end(
    state: "State", record: "Record", now: str, log_file: str, created: list[str], modified: list[str]
) -> "tuple[State, Record]":
    """Return the state without its open work session, and the log of that work session.

    `log_file` is the path of the log for `history`; `created` and `modified` are the changed files.
    """
    log = {
        "id": id_of(record),
        "startTime": None,
        **record,
        "endTime": now,
        "completedItems": array(record, "completedItems", "currentSession."),
        "filesCreated": _merged(record, "filesCreated", created),
        "filesModified": _merged(record, "filesModified", modified),
        "notes": record.get("notes", []),
    }
    entry = {"id": log["id"], "start": log["startTime"], "end": now, "logFile": log_file}
    history = [*array(state, "history"), entry]
    return {**state, "lastUpdated": now, "currentSession": None, "history": history}, log


def _merged(record: "Record", key: str, files: list[str]) -> "list[Any]":
    recorded = array(record, key, "currentSession.")
    return [*recorded, *(file for file in files if file not in recorded)]
