"""Traces: one line in traces.jsonl for each entry session, with its work and its outcome.

{"session_id", "started_at", "ended_at", "outcome": "handed off" | "not handed off", "health", "states_visited",
 "features": [{"id", "status", "attempts"?}], "feature_id", "last_action",
 "test_runs": {"passed", "failed"}, "retries", "recoveries", "compressions"}

An unknown value is null. The file keeps its newest lines (documents.NEWEST_LINES).
"""

from session.entry import documents, feature_list, states
from session.entry.documents import TRACES, Document
from session.entry.progress import Progress
from session.errors import SessionError
from session.text.typed import list_at, text_at

_MOST = 100  # the most states and the most features in a trace
_LONGEST = 500  # the most characters of a text


def trace(state: Document, metrics: Document | None, features: list[feature_list.Feature], outcome: str) -> Document:
    """Return the trace of an entry session, from its documents at the end."""
    numbers = metrics or {}
    visited = numbers.get("states_visited")
    return {
        "session_id": _text(state, "session_id"),
        "started_at": _text(numbers, "started_at"),
        "ended_at": _text(numbers, "ended_at"),
        "outcome": outcome,
        "health": _text(state, "health_status"),
        "states_visited": visited[-_MOST:] if isinstance(visited, list) else [states.current(state)],
        "features": [_feature(each) for each in touched(state, metrics, features)[-_MOST:]],
        "feature_id": None if state.get("feature_id") is None else str(state["feature_id"])[:_LONGEST],
        "last_action": _text(state, "last_action"),
        **{name: numbers.get(name) for name in ("test_runs", "retries", "recoveries", "compressions")},
    }


def touched(
    state: Document, metrics: Document | None, features: list[feature_list.Feature]
) -> list[feature_list.Feature]:
    """Return the features that the entry session changed, and its current feature, in the list's order.

    A current feature that is done, and that the session did not change, was finished before the session began: it is
    left out. Without metrics this is unknown, so it is included.
    """
    ids = {each for each in list_at(metrics or {}, "features_touched") if isinstance(each, str)}
    current = feature_list.current_feature(features, state)
    if current is not None and (metrics is None or feature_list.status_of(current) not in feature_list.DONE):
        ids.add(feature_list.id_of(current))
    return [each for each in features if feature_list.id_of(each) and feature_list.id_of(each) in ids]


def add(progress: Progress, outcome: str) -> None:
    """Add the trace of the present entry session to the transaction. An unusable feature list counts as empty."""
    try:
        features = progress.listed()
    except SessionError as error:
        if error.is_fault:
            raise
        features = []
    documents.add_line(progress.store, progress.tx, TRACES, trace(progress.state, progress.metrics, features, outcome))


def _feature(feature: feature_list.Feature) -> Document:
    shown: Document = {"id": feature_list.id_of(feature)[:_LONGEST], "status": feature_list.status_of(feature)}
    if "attempts" in feature:
        shown["attempts"] = feature["attempts"]
    return shown


def _text(holder: Document, key: str) -> str | None:
    return text_at(holder, key)[:_LONGEST] or None
