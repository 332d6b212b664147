"""Whether a project's state is what it should be: the types of the known keys, and the times (seed: 000)."""

from datetime import date
from typing import Any

from session.host import clock
from session.text.untrusted import one_line

_Keys = dict[str, tuple[str, ...]]  # what each may be
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
    """One check by its name; `reason` says why it failed, empty where it passed."""

    __slots__ = ("name", "reason")

    def __init__(self, name: str, reasons: list[str]) -> None:
        self.name = name
        self.reason = "; ".join(reasons[:_MOST_REASONS])
        if len(reasons) > _MOST_REASONS:
            self.reason += f"; and {len(reasons) - _MOST_REASONS} more"


def wrong_types(state: dict[str, Any]) -> list[str]:
    """What is of another type than it should be, one line each. Any key may be missing, or null."""
    found = _wrong(state, _STATE, "")
    found += _wrong_in(state.get("currentSession"), _RECORD, "currentSession.")
    found += _wrong_in(state.get("current"), _CURRENT, "current.")
    for name, keys in (("history", _ENTRY), ("next_tasks", _TASK)):
        for at, item in enumerate(_items(state.get(name))):
            found += _wrong_item(item, keys, f"{name}[{at}]")
    for at, item in enumerate(_items(state.get("last_completed"))):
        found += _unless(item, (_TEXT,), f"last_completed[{at}]")
    for name, value in _entries(state.get("quick_stats")):
        found += _unless(value, (_TEXT, _NUMBER), f"quick_stats.{name}")
    progress = dict(_entries(state.get("extraction"))).get("progress")
    found += [] if progress is None else _unless(progress, (_OBJECT,), "extraction.progress")
    for name, value in _entries(progress):
        found += _wrong_item(value, _COUNT, f"extraction.progress.{name}")
    return found


def wrong_times(state: dict[str, Any]) -> list[str]:
    """What should be a time, or begin with a date, and does not, one line each."""
    record = dict(_entries(state.get("currentSession")))
    times = {
        "lastUpdated": state.get("lastUpdated"),
        "updated": state.get("updated"),
        "currentSession.startTime": record.get("startTime"),
        "currentSession.endTime": record.get("endTime"),
    }
    for at, item in enumerate(_items(state.get("history"))):
        entry = dict(_entries(item))
        times |= {f"history[{at}].{key}": entry.get(key) for key in ("start", "end")}
    found = [
        f"{name} is no time: {one_line(value, 40)}"
        for name, value in times.items()
        if isinstance(value, str) and clock.parse_ms(value) is None
    ]
    found += [
        f"last_completed[{at}] does not begin with a date: {one_line(item, 40)}"
        for at, item in enumerate(_items(state.get("last_completed")))
        if isinstance(item, str) and not _is_dated(item)
    ]
    return found


def _is_dated(entry: str) -> bool:
    try:
        return date.fromisoformat(entry[:10]).isoformat() == entry[:10] and entry[10:12] == ": "
    except ValueError:
        return False


def _wrong(holder: dict[str, Any], keys: _Keys, above: str) -> list[str]:
    found = []
    for key, wanted in keys.items():
        value = holder.get(key)
        if value is not None:
            found += _unless(value, wanted, above + key)
    return found


def _wrong_in(value: object, keys: _Keys, above: str) -> list[str]:
    return _wrong(value, keys, above) if isinstance(value, dict) else []


def _wrong_item(item: object, keys: _Keys, name: str) -> list[str]:
    return _unless(item, (_OBJECT,), name) or _wrong_in(item, keys, name + ".")


def _unless(value: object, wanted: tuple[str, ...], name: str) -> list[str]:
    if _kind(value) in wanted:
        return []
    return [f"{one_line(name, 80)} is {_kind(value)}, not {' or '.join(wanted)}"]


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


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _entries(value: object) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []
