"""Where the project stands, as JSON for scripts."""

from session.project import work_session
from session.project.counters import counters
from session.project.state import array, object_
from session.project.state_checks import Check
from session.store import codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.project.state import State


def summary(state: "State | None", path: str) -> bytes:
    """`{"path", "session", "phase", "focus", "blocker", "next_tasks", "last_completed", "counters", "lastUpdated",
    "updated"}`; what is not known is null, and so is a project without a state."""
    if state is None:
        return b"null\n"
    current = object_(state, "current")
    told = {
        "path": path,
        "session": work_session.opened(state),
        **{key: current.get(key) for key in ("phase", "focus", "blocker")},
        "next_tasks": array(state, "next_tasks"),
        "last_completed": array(state, "last_completed"),
        "counters": {name: {"value": one.value, "total": one.total} for name, one in counters(state).items()},
        **{key: state.get(key) for key in ("lastUpdated", "updated")},
    }
    return codec.encode(told) + b"\n"


def verdict(checks: list[Check]) -> bytes:
    """`{"passed": bool, "checks": [{"name", "passed", "reason"}, …]}`."""
    told = [{"name": check.name, "passed": not check.reason, "reason": check.reason} for check in checks]
    return codec.encode({"passed": all(one["passed"] for one in told), "checks": told}) + b"\n"
