"""The project's state and the transitions that change it. This module touches no files.

    {"version": str, "lastUpdated": ISO 8601, "updated": ISO, "currentSession": null | {…} | id, "history": [{…}, …],
     "last_completed": ["YYYY-MM-DD: text", …], "next_tasks": [{"id", "task", "priority"}, …],
     "current": {"phase", "focus", "blocker"}, "quick_stats": {name: "8/62" | 8},
     "extraction": {"progress": {name: {"total", "extracted", "verified"}}}}

Every key is optional, null counts as absent, and unknown keys are kept. A transition returns the new state and a line
for the user; it does not modify the old state. If a key that it changes has a wrong type, it raises SessionError, which
names the key. Counters are in counters.py, the open work session in work_session.py.
"""

from session.errors import SessionError
from session.store import codec
from session.store.json_document import parse_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    State = dict[str, Any]

MOST_COMPLETED = 10
MEND = "mend it, or go back with: session checkpoint restore"


def parse(body: bytes, path: str) -> "State":
    """Return the state in a file's bytes. SessionError names `path` if the bytes are not a JSON object."""
    return parse_object(body, path, hint=MEND, expected="a project state")


def text(state: "State", path: str) -> bytes:
    """Return the bytes that the state's file holds. SessionError names `path` if the state is nested too deeply."""
    try:
        return codec.encode(state)
    except SessionError as error:
        raise SessionError(f"{path} is {error.message}", error.hint) from None


def complete(state: "State", task: str, now: str) -> "tuple[State, str]":
    """Record that `task` was finished today, also in the open work session.

    The first next task that has `task` as its id or its text is removed.
    """
    entry = f"{now[:10]}: {task}"
    new = {**state, "last_completed": [entry, *array(state, "last_completed")][:MOST_COMPLETED]}
    tasks = array(state, "next_tasks")
    index = next((index for index, item in enumerate(tasks) if task in _names(item)), None)
    if index is not None:
        new["next_tasks"] = tasks[:index] + tasks[index + 1 :]
    session = state.get("currentSession")
    if session is not None and not isinstance(session, str):  # a text is only an id: there is no record to add to
        record = object_(state, "currentSession")
        items = array(record, "completedItems", "currentSession.")
        new["currentSession"] = {**record, "completedItems": [*items, entry]}
    return new, f"Added: {entry}"


def next_task(state: "State", task_id: str, task: str) -> "tuple[State, str]":
    """Put the task first among the next tasks, and set the phase that its id names.

    A task with that id is updated and moved; it is not added twice.
    """
    tasks = array(state, "next_tasks")
    same_id = [item for item in tasks if task_id in _ids(item)]
    others = [item for item in tasks if task_id not in _ids(item)]
    first = {**(same_id[0] if same_id else {}), "id": task_id, "task": task, "priority": "HIGH"}
    new = {**state, "next_tasks": [first, *others]}
    return enter_phase(new, task_id), f"Next task: {task_id} - {task}"


def enter_phase(state: "State", task_id: str) -> "State":
    """Return the state with `current.phase` set to the id without its last part: `1.A` for `1.A.2`.

    An id without a dot is the phase itself.
    """
    phase = task_id.rpartition(".")[0] or task_id
    return {**state, "current": {**object_(state, "current"), "phase": phase}}


def block(state: "State", reason: str) -> "tuple[State, str]":
    """Set the blocker: the reason why the work waits. It replaces an earlier blocker."""
    return {**state, "current": {**object_(state, "current"), "blocker": reason}}, f"Blocker: {reason}"


def unblock(state: "State") -> "tuple[State, str]":
    """Remove the blocker. If there is none, return `state` itself."""
    current = object_(state, "current")
    blocker = current.get("blocker")
    if blocker is None:
        return state, "No blocker was set"
    message = f"Blocker cleared: {blocker}" if isinstance(blocker, str) else "Blocker cleared"
    return {**state, "current": {**current, "blocker": None}}, message


def array(holder: "State", key: str, prefix: str = "") -> "list[Any]":
    """Return the list at `key`, or an empty list if there is none.

    For any other value, SessionError names the key with `prefix` before it.
    """
    value = holder.get(key)
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise wrong_type(prefix + key, "a list", value)


def object_(holder: "State", key: str, prefix: str = "") -> "State":
    """Return the JSON object at `key`, or an empty dict if there is none.

    For any other value, SessionError names the key with `prefix` before it.
    """
    value = holder.get(key)
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    raise wrong_type(prefix + key, "an object", value)


def wrong_type(name: str, expected: str, value: object) -> SessionError:
    """Return the error that says: the key `name` holds `value`, which is not `expected`."""
    from session.text.untrusted import one_line  # cost: only when a state is refused

    return SessionError(f"{name} is not {expected}: {one_line(codec.compact(value), 80)}", MEND)


def _ids(task: object) -> tuple[str, ...]:
    value = task.get("id") if isinstance(task, dict) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return (str(value),)
    return (value,) if isinstance(value, str) else ()


def _names(task: object) -> tuple[str, ...]:
    """Return the texts that `complete` accepts for the task: its id and its text. Some tools write only a text."""
    if isinstance(task, dict):
        description = task.get("task")
        return (*_ids(task), description) if isinstance(description, str) else _ids(task)
    return (task,) if isinstance(task, str) else ()
