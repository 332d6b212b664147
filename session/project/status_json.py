"""The project's status and the results of its checks, as JSON for scripts."""

from session.project import work_session
from session.project.counters import counters
from session.project.state import array, object_
from session.project.state_checks import Check
from session.store import codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.project.state import State


def summary(state: "State | None", path: str) -> bytes:
    """Return the status as JSON; `null` if the project has no state. A missing value is null.

    {"path", "session", "phase", "focus", "blocker", "next_tasks", "last_completed", "counters", "lastUpdated",
     "updated"}
    """
    if state is None:
        return b"null\n"
    current = object_(state, "current")
    answer = {
        "path": path,
        "session": work_session.open_record(state),
        **{key: current.get(key) for key in ("phase", "focus", "blocker")},
        "next_tasks": array(state, "next_tasks"),
        "last_completed": array(state, "last_completed"),
        "counters": {name: {"value": count.value, "total": count.total} for name, count in counters(state).items()},
        **{key: state.get(key) for key in ("lastUpdated", "updated")},
    }
    return codec.encode(answer) + b"\n"


def verdict(checks: list[Check]) -> bytes:
    """Return the results as JSON: `{"passed": bool, "checks": [{"name", "passed", "reason"}, …]}`."""
    results = [{"name": check.name, "passed": not check.reason, "reason": check.reason} for check in checks]
    passed = not any(check.reason for check in checks)
    return codec.encode({"passed": passed, "checks": results}) + b"\n"
