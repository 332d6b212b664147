"""From the documents as they are to those of a checkpoint: what becomes of them, and how that is told. Pure."""

from session.entry import feature_list as lists
from session.entry import states
from session.entry.documents import Document
from session.store import codec
from session.text.untrusted import one_line

_SHOWN = 60  # characters of a value
# what nobody looks for: the state has a line of its own, the rest follows from it, or only says when and who
_QUIET = frozenset(("state", "dirty", "history", "entered_at", "timestamp", "session_id", "owner", "last_action"))
_QUIET |= {"next_state", "health_checked_at", "health_forced_at"}
# what was measured stays true: a broken project is not mended by going back to when it was not
_MEASURED = ("health_status", "health_checked_at", "health_forced_at", "last_passing_commit")


def listed(document: Document | None, path: str) -> list[lists.Feature]:
    """The features of a list that may not be there. Corrupt where that is no list."""
    return [] if document is None else lists.all_of(document, path)


def restored(then: Document, now: Document | None) -> Document:
    """The state as it was, clean; with the health as it is known now, if anything is."""
    if now is None:
        return {**then, "dirty": False}
    kept = {key: value for key, value in then.items() if key not in _MEASURED}
    return {**kept, "dirty": False, **{key: now[key] for key in _MEASURED if key in now}}


def merged(then: Document | None, now: Document | None) -> Document | None:
    """The list as it was, and behind it the features that came since: nothing anybody planned is lost."""
    if then is None:
        return now
    added = _added(then, now)
    return {**then, "features": [*listed(then, ""), *added]} if added else then


def state_changes(now: Document | None, then: Document) -> list[str]:
    """What becomes of the state, a line for each thing that a person would look for."""
    if now is None:
        return []
    old, new = states.current(now), states.current(then)
    said = [] if old == new else [f"state: {_shown(old)} → {_shown(new)}"]
    other = [key for key in sorted({*now, *then} - _QUIET) if now.get(key) != then.get(key)]
    return [*said, *(f"{_shown(key)}: {_value(now.get(key))} → {_value(then.get(key))}" for key in other)]


def feature_changes(now: Document | None, then: Document | None) -> list[str]:
    """What becomes of the features, as the checkpoint's list has them, a line each."""
    before = {lists.id_of(each): each for each in listed(now, "")}
    said = []
    for each in listed(then, ""):
        name = lists.id_of(each)
        if not name:
            continue
        old = before.get(name)
        if old is None:
            if now is not None:
                said.append(f"feature {_shown(name)}: brought back, {lists.status_of(each)}")
        elif old != each:
            said.append(f"feature {_shown(name)}: {_difference(old, each)}")
    came = [lists.id_of(each) or "without an id" for each in _added(then, now)]
    return [*said, *(f"feature {_shown(name)}: kept, as it came since" for name in came)]


def _added(then: Document | None, now: Document | None) -> list[lists.Feature]:
    known = listed(then, "")
    ids = {lists.id_of(each) for each in known}
    return [
        each
        for each in listed(now, "")
        if (each not in known if not lists.id_of(each) else lists.id_of(each) not in ids)
    ]


def _difference(old: lists.Feature, new: lists.Feature) -> str:
    said = []
    if lists.status_of(old) != lists.status_of(new):
        said.append(f"{lists.status_of(old)} → {lists.status_of(new)}")
    others = [key for key in {**old, **new} if key != "status" and old.get(key) != new.get(key)]
    if others:
        said.append(f"{', '.join(map(_shown, others))} as before")
    return ", ".join(said) or "as before"


def _value(value: object) -> str:
    return "none" if value is None else _shown(value if isinstance(value, str) else codec.compact(value))


def _shown(text: str) -> str:
    return one_line(text, _SHOWN)
