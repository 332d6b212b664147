"""What a project's state tells a new chat, whatever it holds, as lines by importance. Pure (seed: 000)."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from session.context.fit import Line
from session.project.counters import counters
from session.text.quoting import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.project.state import State

T = TypeVar("T")

_DATED = re.compile(r"(\d{4}-\d\d-\d\d): ?(.*)", re.ASCII | re.DOTALL)
_MOST = {"next": 5, "done": 5, "counters": 10, "notes": 0, "workflows": 5, "files": 10}
_MOST_DETAILED = {"next": 50, "done": 50, "counters": 100, "notes": 50, "workflows": 50, "files": 100}
_VALUE = 240  # bytes
_VALUE_DETAILED = 1000
_LEAST_VALUE = 40


class Facts:
    """Lines that are collected, and for each section how many more there would be; `room` is what the whole text may
    take, in bytes."""

    def __init__(self, *, detailed: bool = False, room: int | None = None) -> None:
        self.lines: list[Line] = []
        self.left_out: dict[str, int] = {}
        self.most = _MOST_DETAILED if detailed else _MOST
        self._value = _VALUE_DETAILED if detailed else _VALUE
        if room is not None:
            self._value = max(_LEAST_VALUE, min(self._value, room // 4))

    def say(self, value: object) -> str:
        """The value as it stands in a line."""
        return quote(value, self._value)

    def add(self, section: str, text: str, rank: int) -> None:
        """One line."""
        self.lines.append(Line(section, text, rank))

    def add_list(
        self, section: str, values: Sequence[T], show: Callable[[T], str], rank: int, *, first: int | None = None
    ) -> None:
        """The beginning of a list, a line each, the later the less important; `first` is the rank of the first."""
        most = self.most[section]
        for at, value in enumerate(values[:most]):
            self.add(section, show(value), rank + at if at or first is None else first)
        if len(values) > most:
            self.left_out[section] = len(values) - most


def add_state(facts: Facts, state: "State") -> None:
    """What the state tells: what is under way, what is next, what is done, how far it is."""
    current, extraction = _object(state, "current"), _object(state, "extraction")
    told = (
        ("Phase", current.get("phase"), extraction.get("phase")),
        ("Focus", current.get("focus"), extraction.get("stage")),
        ("Blocker", current.get("blocker"), None),
    )
    for rank, (about, value, other) in enumerate(told):
        known = other if _is_empty(value) else value
        if not _is_empty(known):
            facts.add("now", f"- {about}: {facts.say(known)}", rank)
    tasks = list(enumerate(_list(state, "next_tasks"), 1))
    facts.add_list("next", tasks, lambda task: f"{task[0]}. {_task(facts, task[1])}", 10, first=3)
    facts.add_list("done", _list(state, "last_completed"), lambda one: f"- {_done(facts, one)}", 30)
    counts = list(counters(state).items())
    facts.add_list("counters", counts, lambda count: f"- {facts.say(count[0])}: {count[1]}", 50)
    session = state.get("currentSession")
    if not _is_empty(session):
        notes = _list(session, "notes") if isinstance(session, dict) else []
        facts.add("session", f"- {_session(facts, session)}", 7)
        facts.add_list("notes", notes, lambda note: f"- {facts.say(note)}", 20)


def _task(facts: Facts, task: object) -> str:
    known = task if isinstance(task, dict) else {}
    name, what, priority = (known.get(key) for key in ("id", "task", "priority"))
    if _is_empty(name) and _is_empty(what):
        return facts.say(task)
    told = "" if _is_empty(name) else facts.say(name)
    if not _is_empty(priority):
        told += f" ({facts.say(priority)})"
    if not _is_empty(what):
        told += (": " if told else "") + facts.say(what)
    return told.strip()


def _done(facts: Facts, one: object) -> str:
    dated = _DATED.fullmatch(one) if isinstance(one, str) else None
    return f"{dated[1]}: {facts.say(dated[2])}" if dated else facts.say(one)


def _session(facts: Facts, session: object) -> str:
    if not isinstance(session, dict):
        return facts.say(session)
    name, since = session.get("id"), session.get("startTime")
    told = "without an id" if _is_empty(name) else facts.say(name)
    if not _is_empty(since):
        told += f", since {facts.say(since)}"
    completed = len(_list(session, "completedItems"))
    return f"{told}, {completed} completed in it" if completed else told


def _object(holder: dict[str, Any], key: str) -> dict[str, Any]:
    value = holder.get(key)
    return value if isinstance(value, dict) else {}


def _list(holder: dict[str, Any], key: str) -> list[Any]:
    """What the list at `key` tells; what should be a list, and is not, as the one thing in it."""
    value = holder.get(key)
    return [one for one in (value if isinstance(value, list) else [value]) if not _is_empty(one)]


def _is_empty(value: object) -> bool:
    return value in (None, [], {}) or (isinstance(value, str) and not value.strip())
