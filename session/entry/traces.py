"""Traces: of each session, what it tried and how it ended, a line each, to learn from (seed: 001).

{"session_id", "started_at", "ended_at", "outcome": "handed off" | "not handed off", "health", "states_visited",
 "features": [{"id", "status", "attempts"?}], "feature_id", "last_action",
 "test_runs": {"passed", "failed"}, "retries", "recoveries", "compressions"}

What is not known is null. The newest ones are kept (documents.NEWEST_LINES).
"""

from session.entry import documents, states
from session.entry import feature_list as lists
from session.entry.documents import TRACES, Document
from session.entry.progress import Progress
from session.errors import SessionError

_MOST = 100  # of states, of features
_TEXT = 500  # characters


def trace(state: Document, metrics: Document | None, features: list[lists.Feature], outcome: str) -> Document:
    """The line about a session, from the documents as it leaves them."""
    told = metrics or {}
    visited = told.get("states_visited")
    return {
        "session_id": _text(state.get("session_id")),
        "started_at": _text(told.get("started_at")),
        "ended_at": _text(told.get("ended_at")),
        "outcome": outcome,
        "health": _text(state.get("health_status")),
        "states_visited": visited[-_MOST:] if isinstance(visited, list) else [states.current(state)],
        "features": [_feature(each) for each in touched(state, metrics, features)[-_MOST:]],
        "feature_id": None if state.get("feature_id") is None else str(state["feature_id"])[:_TEXT],
        "last_action": _text(state.get("last_action")),
        **{name: told.get(name) for name in ("test_runs", "retries", "recoveries", "compressions")},
    }


def touched(state: Document, metrics: Document | None, features: list[lists.Feature]) -> list[lists.Feature]:
    """The features that the session changed, and the one that it is at, in the list's order. What was done before it
    began is none of its work, unless nobody counted."""
    known = (metrics or {}).get("features_touched")
    ids = {*(each for each in (known if isinstance(known, list) else ()) if isinstance(each, str))}
    at = next((each for each in features if lists.id_of(each) == str(state.get("feature_id"))), None)
    if at is not None and (metrics is None or lists.status_of(at) not in lists.DONE):
        ids.add(lists.id_of(at))
    return [each for each in features if lists.id_of(each) and lists.id_of(each) in ids]


def add(progress: Progress, outcome: str) -> None:
    """Note down the session under way, as the documents stand. A list of features that can't be used is left out."""
    try:
        features = progress.listed()
    except SessionError as error:
        if error.is_fault:
            raise
        features = []
    documents.add_line(progress.store, progress.tx, TRACES, trace(progress.state, progress.metrics, features, outcome))


def _feature(feature: lists.Feature) -> Document:
    told: Document = {"id": lists.id_of(feature)[:_TEXT], "status": lists.status_of(feature)}
    if "attempts" in feature:
        told["attempts"] = feature["attempts"]
    return told


def _text(value: object) -> str | None:
    return value[:_TEXT] if isinstance(value, str) and value else None
