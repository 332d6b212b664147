"""The metrics of an entry session: numbers that the commands count. Pure functions; no files are read or written.

{"session_id": uuid, "started_at": ISO 8601, "ended_at": null | ISO, "outcome": null | "handed off" | "not handed off",
 "health_status": str, "states_visited": [state, ...], "health_checks": {"passed": n, "failed": n, "skipped": n},
 "test_runs": {"passed": n, "failed": n}, "compressions": n, "retries": n, "recoveries": n,
 "features_completed": n, "tokens_used": n (only if the user reported it), "features_touched": [id, ...] (only if any)}

Each function returns a new document, and leaves its argument as it is.
"""

from session.entry.documents import Document
from session.text.typed import count_at, list_at, object_at

HANDED_OFF = "handed off"
NOT_HANDED_OFF = "not handed off"
_CHECK_RESULTS = {"HEALTHY": "passed", "BROKEN": "failed"}


def new_document(session_id: str, now: str, state: str) -> Document:
    """Return the metrics of an entry session that begins now in this state."""
    return {
        "session_id": session_id,
        "started_at": now,
        "ended_at": None,
        "outcome": None,
        "health_status": "UNKNOWN",
        "states_visited": [state],
        "health_checks": {"passed": 0, "failed": 0, "skipped": 0},
        "test_runs": {"passed": 0, "failed": 0},
        "compressions": 0,
        "retries": 0,
        "recoveries": 0,
        "features_completed": 0,
    }


def count_health_check(metrics: Document, health: str) -> Document:
    """Count a health check with this result, and record the health. UNKNOWN counts as skipped."""
    counted = _increment(metrics, "health_checks", _CHECK_RESULTS.get(health, "skipped"))
    return {**counted, "health_status": health}


def add_state(metrics: Document, state: str) -> Document:
    """Add the state to `states_visited`, unless it is the last one there."""
    states = list_at(metrics, "states_visited")
    return metrics if states[-1:] == [state] else {**metrics, "states_visited": [*states, state]}


def count_test_run(metrics: Document, *, passed: bool) -> Document:
    """Count a run of tests that passed or failed."""
    return _increment(metrics, "test_runs", "passed" if passed else "failed")


def increase(metrics: Document, counter: str, by: int = 1) -> Document:
    """Increase `compressions`, `retries`, `recoveries` or `features_completed`."""
    return {**metrics, counter: count_at(metrics, counter) + by}


def add_features(metrics: Document, ids: "list[str]") -> Document:
    """Add the ids of changed features to `features_touched`, each once."""
    before = list_at(metrics, "features_touched")
    known = {each for each in before if isinstance(each, str)}
    new = [each for each in ids if each not in known]
    return {**metrics, "features_touched": [*before, *new]} if new else metrics


def end(metrics: Document, now: str | None, outcome: str) -> Document:
    """Record that the session ended. Pass None as its time if it crashed: then the time is unknown."""
    return {**metrics, "ended_at": now, "outcome": outcome}


def _increment(metrics: Document, group: str, counter: str) -> Document:
    counters = object_at(metrics, group)
    return {**metrics, group: {**counters, counter: count_at(counters, counter) + 1}}
