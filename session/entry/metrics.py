"""What a session did, in numbers that the commands themselves counted; without files (seed: 001).

{"session_id": uuid, "started_at": ISO 8601, "ended_at": null | ISO, "outcome": null | "handed off" | "not handed off",
 "health_status": str, "states_visited": [state, ...], "health_checks": {"passed": n, "failed": n, "skipped": n},
 "test_runs": {"passed": n, "failed": n}, "compressions": n, "retries": n, "recoveries": n,
 "features_completed": n, "tokens_used": n (only when it was told), "features_touched": [id, ...] (only if any was)}
"""

from session.entry.documents import Document

HANDED_OFF = "handed off"
NOT_HANDED_OFF = "not handed off"
_OUTCOMES = {"HEALTHY": "passed", "BROKEN": "failed"}


def beginning(session_id: str, now: str, state: str) -> Document:
    """The metrics of a session that begins."""
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


def checked(metrics: Document, health: str) -> Document:
    """The health was measured once more, or not: UNKNOWN."""
    told = _more(metrics, "health_checks", _OUTCOMES.get(health, "skipped"))
    return {**told, "health_status": health}


def visited(metrics: Document, state: str) -> Document:
    """The session is in that state now."""
    states = metrics.get("states_visited")
    known = states if isinstance(states, list) else []
    return metrics if known[-1:] == [state] else {**metrics, "states_visited": [*known, state]}


def tested(metrics: Document, *, passed: bool) -> Document:
    """Tests were run; those that failed are a retry of something sooner or later."""
    return _more(metrics, "test_runs", "passed" if passed else "failed")


def counted(metrics: Document, what: str, by: int = 1) -> Document:
    """`compressions`, `retries`, `recoveries` or `features_completed` grows."""
    return {**metrics, what: _number(metrics.get(what)) + by}


def touched(metrics: Document, ids: "list[str]") -> Document:
    """Those features were changed, or added, in this session."""
    known = metrics.get("features_touched")
    before = known if isinstance(known, list) else []
    new = [each for each in ids if each not in before]
    return {**metrics, "features_touched": [*before, *new]} if new else metrics


def ended(metrics: Document, now: str | None, outcome: str) -> Document:
    """The session is over. When, nobody knows of one that did not hand off."""
    return {**metrics, "ended_at": now, "outcome": outcome}


def _more(metrics: Document, group: str, what: str) -> Document:
    known = metrics.get(group)
    numbers = known if isinstance(known, dict) else {}
    return {**metrics, group: {**numbers, what: _number(numbers.get(what)) + 1}}


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
