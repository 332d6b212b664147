"""Turn a project's state of any shape into ranked lines for a new chat. No I/O, no clock."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from session.context.fit import Line
from session.project.counters import counters
from session.text.quoting import quote
from session.text.typed import as_object, object_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.project.state import State

T = TypeVar("T")

_DATED = re.compile(r"(\d{4}-\d\d-\d\d): ?(.*)", re.ASCII | re.DOTALL)
_MOST = {"next": 5, "done": 5, "counters": 10, "notes": 0, "workflows": 5, "files": 10}
_MOST_DETAILED = {"next": 50, "done": 50, "counters": 100, "notes": 50, "workflows": 50, "files": 100}
_VALUE = 240  # the most bytes of a value in a line
_VALUE_DETAILED = 1000
_LEAST_VALUE = 40


class Facts:
    """Collected lines, and for each section the number of entries that are left out.

    `detailed` allows more and longer entries. `room` is the most bytes for the whole text; None means no limit.
    """

    def __init__(self, *, detailed: bool = False, room: int | None = None) -> None:
        self.lines: list[Line] = []
        self.left_out: dict[str, int] = {}
        self.most = _MOST_DETAILED if detailed else _MOST
        self._value = _VALUE_DETAILED if detailed else _VALUE
        if room is not None:
            self._value = max(_LEAST_VALUE, min(self._value, room // 4))

    def show(self, value: object) -> str:
        """Return a value from a file as text for a line: quoted if necessary, and cut to a bounded length."""
        return quote(value, self._value)

    def add(self, section: str, text: str, rank: int) -> None:
        """Add one line. The higher its `rank`, the sooner it is left out."""
        self.lines.append(Line(section, text, rank))

    def add_list(
        self, section: str, values: Sequence[T], show: Callable[[T], str], rank: int, *, first: int | None = None
    ) -> None:
        """Add a line for each of the first values of a list, and count the rest as left out.

        The first line has the rank `first`, or `rank` if `first` is None. The next ones have `rank` + 1, `rank` + 2 …
        """
        most = self.most[section]
        for index, value in enumerate(values[:most]):
            self.add(section, show(value), rank + index if index or first is None else first)
        if len(values) > most:
            self.left_out[section] = len(values) - most


def add_state(facts: Facts, state: "State") -> None:
    """Add lines about the project's state: focus, next tasks, completed tasks, counters, open work session."""
    current, extraction = object_at(state, "current"), object_at(state, "extraction")
    rows = (
        ("Phase", current.get("phase"), extraction.get("phase")),
        ("Focus", current.get("focus"), extraction.get("stage")),
        ("Blocker", current.get("blocker"), None),
    )
    for rank, (label, value, fallback) in enumerate(rows):
        shown = fallback if _is_empty(value) else value
        if not _is_empty(shown):
            facts.add("now", f"- {label}: {facts.show(shown)}", rank)
    tasks = list(enumerate(_list(state, "next_tasks"), 1))
    facts.add_list("next", tasks, lambda task: f"{task[0]}. {_task(facts, task[1])}", 10, first=3)
    facts.add_list("done", _list(state, "last_completed"), lambda item: f"- {_completed(facts, item)}", 30)
    counts = list(counters(state).items())
    facts.add_list("counters", counts, lambda count: f"- {facts.show(count[0])}: {count[1]}", 50)
    session = state.get("currentSession")
    if not _is_empty(session):
        notes = _list(session, "notes") if isinstance(session, dict) else []
        facts.add("session", f"- {_session(facts, session)}", 7)
        facts.add_list("notes", notes, lambda note: f"- {facts.show(note)}", 20)


def _task(facts: Facts, task: object) -> str:
    fields = as_object(task)
    name, description, priority = (fields.get(key) for key in ("id", "task", "priority"))
    if _is_empty(name) and _is_empty(description):
        return facts.show(task)
    text = "" if _is_empty(name) else facts.show(name)
    if not _is_empty(priority):
        text += f" ({facts.show(priority)})"
    if not _is_empty(description):
        text += (": " if text else "") + facts.show(description)
    return text.strip()


def _completed(facts: Facts, item: object) -> str:
    match = _DATED.fullmatch(item) if isinstance(item, str) else None
    return f"{match[1]}: {facts.show(match[2])}" if match else facts.show(item)


def _session(facts: Facts, session: object) -> str:
    if not isinstance(session, dict):
        return facts.show(session)
    name, since = session.get("id"), session.get("startTime")
    text = "without an id" if _is_empty(name) else facts.show(name)
    if not _is_empty(since):
        text += f", since {facts.show(since)}"
    completed = len(_list(session, "completedItems"))
    return f"{text}, {completed} completed in it" if completed else text


def _list(holder: dict[str, Any], key: str) -> list[Any]:
    """Return the list at `key` without empty values. A value of another type counts as a list of this value."""
    value = holder.get(key)
    return [item for item in (value if isinstance(value, list) else [value]) if not _is_empty(item)]


def _is_empty(value: object) -> bool:
    return value in (None, [], {}) or (isinstance(value, str) and not value.strip())
