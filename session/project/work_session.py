"""The session under way: opened, ended, and the log that it leaves, without files (seed: 000).

    {"id": str, "startTime": ISO 8601, "endTime": null, "completedItems": [str, …], "filesCreated": [path, …],
     "filesModified": [path, …], "notes": [str, …]}

A log is the same, with `endTime`; `history` keeps {"id", "start", "end", "logFile"} of each. Some write nothing but
the id where the record belongs: such a session can be ended, too.
"""

from session.project.state import array, enter_phase, wrong_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from session.project.state import State

    Record = dict[str, Any]

NAMELESS = "session"  # what a log is called whose session has no id


def opened(state: "State") -> "Record | None":
    """The open session's record, None where none is open. SessionError where `currentSession` is neither."""
    value = state.get("currentSession")
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return {"id": value}
    if isinstance(value, dict):
        return value
    raise wrong_type("currentSession", "a session", value)


def id_of(record: "Record") -> str:
    """The session's id, empty where it has none."""
    value = record.get("id")
    return value if isinstance(value, str) else ""


def start(state: "State", session_id: str, now: str) -> "State":
    """The state with the session open, and in its phase."""
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
    """The state without its open session, and that session's log; `log_file` is where the log will be."""
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
    known = array(record, key, "currentSession.")
    return [*known, *(file for file in files if file not in known)]
