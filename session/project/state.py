"""The project's state and its transitions, without files (seed: 000).

    {"version": str, "lastUpdated": ISO 8601, "updated": ISO, "currentSession": null | {…} | id, "history": [{…}, …],
     "last_completed": ["YYYY-MM-DD: text", …], "next_tasks": [{"id", "task", "priority"}, …],
     "current": {"phase", "focus", "blocker"}, "quick_stats": {name: "8/62" | 8},
     "extraction": {"progress": {name: {"total", "extracted", "verified"}}}}

Everything is optional on reading, null is as good as absent, and unknown keys are kept. A transition returns the new
state, leaving the old one alone, and a line that says what changed; it raises SessionError, naming the key, where
what it would change is of another type. Counters are in counters.py, the session under way in session.py.
"""

from session.errors import SessionError
from session.store import codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    State = dict[str, Any]

MOST_COMPLETED = 10
MEND = "mend it, or go back with: session checkpoint restore"


def parse(body: bytes, path: str) -> "State":
    """The state in a file's bytes. SessionError names `path` if there is no state in it."""
    try:
        value = codec.decode_bytes(body, exact=True)
    except codec.NotJSON as error:
        raise SessionError(f"{path} is not valid JSON: {error}", MEND) from None
    if isinstance(value, dict):
        return value
    kind = "null" if value is None else "an array" if isinstance(value, list) else "a bare value"
    raise SessionError(f"{path} is not a project state: it holds {kind}", MEND)


def text(state: "State", path: str) -> bytes:
    """The state as its file holds it. SessionError names `path` where it is nested too deeply for that."""
    try:
        return codec.encode(state)
    except SessionError as error:
        raise SessionError(f"{path} is {error.message}", error.hint) from None


def complete(state: "State", what: str, now: str) -> "tuple[State, str]":
    """`what` was completed today, in the open session if there is one; the first next task that it was is done."""
    entry = f"{now[:10]}: {what}"
    new = {**state, "last_completed": [entry, *array(state, "last_completed")][:MOST_COMPLETED]}
    tasks = array(state, "next_tasks")
    done = next((at for at, task in enumerate(tasks) if what in _names(task)), None)
    if done is not None:
        new["next_tasks"] = tasks[:done] + tasks[done + 1 :]
    session = state.get("currentSession")
    if session is not None and not isinstance(session, str):  # of a session that is but an id, there is no record
        record = object_(state, "currentSession")
        items = array(record, "completedItems", "currentSession.")
        new["currentSession"] = {**record, "completedItems": [*items, entry]}
    return new, f"Added: {entry}"


def next_task(state: "State", task_id: str, task: str) -> "tuple[State, str]":
    """The task comes first from now on, once; the phase is its id's."""
    tasks = array(state, "next_tasks")
    known = [old for old in tasks if task_id in _ids(old)]
    others = [old for old in tasks if task_id not in _ids(old)]
    first = {**(known[0] if known else {}), "id": task_id, "task": task, "priority": "HIGH"}
    new = {**state, "next_tasks": [first, *others]}
    return enter_phase(new, task_id), f"Next task: {task_id} - {task}"


def enter_phase(state: "State", task_id: str) -> "State":
    """`current.phase` is the id without its last dotted part, or the whole id where that leaves nothing."""
    phase = task_id.rpartition(".")[0] or task_id
    return {**state, "current": {**object_(state, "current"), "phase": phase}}


def block(state: "State", why: str) -> "tuple[State, str]":
    """`why` is what the work waits for; there is one blocker at a time."""
    return {**state, "current": {**object_(state, "current"), "blocker": why}}, f"Blocker: {why}"


def unblock(state: "State") -> "tuple[State, str]":
    """Nothing blocks any more."""
    current = object_(state, "current")
    blocker = current.get("blocker")
    if blocker is None:
        return dict(state), "No blocker was set"
    said = f"Blocker cleared: {blocker}" if isinstance(blocker, str) else "Blocker cleared"
    return {**state, "current": {**current, "blocker": None}}, said


def array(holder: "State", key: str, above: str = "") -> "list[Any]":
    """The list at `key`, empty where there is none. SessionError for anything else; `above` goes before the key."""
    value = holder.get(key)
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise wrong_type(above + key, "a list", value)


def object_(holder: "State", key: str, above: str = "") -> "State":
    """The object at `key`, empty where there is none. SessionError as for `array`."""
    value = holder.get(key)
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    raise wrong_type(above + key, "an object", value)


def wrong_type(name: str, wanted: str, value: object) -> SessionError:
    """That `name` holds `value`, and not what it should."""
    from session.text.untrusted import one_line  # cost: when something is refused

    return SessionError(f"{name} is not {wanted}: {one_line(codec.compact(value), 80)}", MEND)


def _ids(task: object) -> tuple[str, ...]:
    value = task.get("id") if isinstance(task, dict) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return (str(value),)
    return (value,) if isinstance(value, str) else ()


def _names(task: object) -> tuple[str, ...]:
    """What the task may be completed as: its id, its text; what is only a text, as some write it, is that."""
    if isinstance(task, dict):
        what = task.get("task")
        return (*_ids(task), what) if isinstance(what, str) else _ids(task)
    return (task,) if isinstance(task, str) else ()
