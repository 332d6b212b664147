"""Checks of the project's state: the types of the known keys, and the form of times and dates."""

from datetime import date
from typing import Any

from session.host import clock
from session.text.typed import as_list, as_object, object_at
from session.text.untrusted import one_line

_Keys = dict[str, tuple[str, ...]]  # for each key: the kinds of value that it may have
_TEXT, _NUMBER, _LIST, _OBJECT = "a text", "a number", "a list", "an object"
_RECORD: _Keys = {
    "id": (_TEXT,),
    "startTime": (_TEXT,),
    "endTime": (_TEXT,),
    "completedItems": (_LIST,),
    "filesCreated": (_LIST,),
    "filesModified": (_LIST,),
    "notes": (_LIST, _TEXT),
}
_STATE: _Keys = {
    "version": (_TEXT, _NUMBER),
    "lastUpdated": (_TEXT,),
    "updated": (_TEXT,),
    "currentSession": (_OBJECT, _TEXT),
    "history": (_LIST,),
    "last_completed": (_LIST,),
    "next_tasks": (_LIST,),
    "current": (_OBJECT,),
    "quick_stats": (_OBJECT,),
    "extraction": (_OBJECT,),
}
_ENTRY: _Keys = {"id": (_TEXT,), "start": (_TEXT,), "end": (_TEXT,), "logFile": (_TEXT,)}
_TASK: _Keys = {"id": (_TEXT, _NUMBER), "task": (_TEXT,), "priority": (_TEXT, _NUMBER)}
_CURRENT: _Keys = {"phase": (_TEXT,), "focus": (_TEXT,), "blocker": (_TEXT,)}
_COUNT: _Keys = {"total": (_NUMBER,), "extracted": (_NUMBER,), "verified": (_NUMBER,)}

_MOST_REASONS = 3


class Check:
    """The result of a check: its name, and the `reason` why it failed, which is empty if it passed."""

    __slots__ = ("name", "reason")

    def __init__(self, name: str, reasons: list[str]) -> None:
        self.name = name
        self.reason = "; ".join(reasons[:_MOST_REASONS])
        if len(reasons) > _MOST_REASONS:
            self.reason += f"; and {len(reasons) - _MOST_REASONS} more"


def wrong_types(state: dict[str, Any]) -> list[str]:
    """Return a line for each value of a wrong type. Any key may be missing or null."""
    wrong = _wrong(state, _STATE, "")
    wrong += _wrong(as_object(state.get("currentSession")), _RECORD, "currentSession.")
    wrong += _wrong(as_object(state.get("current")), _CURRENT, "current.")
    for name, keys in (("history", _ENTRY), ("next_tasks", _TASK)):
        for index, item in enumerate(as_list(state.get(name))):
            wrong += _wrong_item(item, keys, f"{name}[{index}]")
    for index, item in enumerate(as_list(state.get("last_completed"))):
        wrong += _unless(item, (_TEXT,), f"last_completed[{index}]")
    for name, value in object_at(state, "quick_stats").items():
        wrong += _unless(value, (_TEXT, _NUMBER), f"quick_stats.{name}")
    progress = object_at(state, "extraction").get("progress")
    wrong += [] if progress is None else _unless(progress, (_OBJECT,), "extraction.progress")
    for name, value in as_object(progress).items():
        wrong += _wrong_item(value, _COUNT, f"extraction.progress.{name}")
    return wrong


def wrong_times(state: dict[str, Any]) -> list[str]:
    """Return a line for each text that should be a time, or begin with a date, and does not."""
    record = object_at(state, "currentSession")
    times = {
        "lastUpdated": state.get("lastUpdated"),
        "updated": state.get("updated"),
        "currentSession.startTime": record.get("startTime"),
        "currentSession.endTime": record.get("endTime"),
    }
    for index, item in enumerate(as_list(state.get("history"))):
        entry = as_object(item)
        times |= {f"history[{index}].{key}": entry.get(key) for key in ("start", "end")}
    wrong = [
        f"{name} is no time: {one_line(value, 40)}"
        for name, value in times.items()
        if isinstance(value, str) and clock.parse_ms(value) is None
    ]
    wrong += [
        f"last_completed[{index}] does not begin with a date: {one_line(item, 40)}"
        for index, item in enumerate(as_list(state.get("last_completed")))
        if isinstance(item, str) and not _is_dated(item)
    ]
    return wrong


def _is_dated(entry: str) -> bool:
    try:
        return date.fromisoformat(entry[:10]).isoformat() == entry[:10] and entry[10:12] == ": "
    except ValueError:
        return False


def _wrong(holder: dict[str, Any], keys: _Keys, prefix: str) -> list[str]:
    wrong = []
    for key, kinds in keys.items():
        value = holder.get(key)
        if value is not None:
            wrong += _unless(value, kinds, prefix + key)
    return wrong


def _wrong_item(item: object, keys: _Keys, name: str) -> list[str]:
    return _unless(item, (_OBJECT,), name) or _wrong(as_object(item), keys, name + ".")


def _unless(value: object, kinds: tuple[str, ...], name: str) -> list[str]:
    if _kind(value) in kinds:
        return []
    return [f"{one_line(name, 80)} is {_kind(value)}, not {' or '.join(kinds)}"]


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _NUMBER
    if isinstance(value, dict):
        return _OBJECT
    return _LIST if isinstance(value, list) else _TEXT
