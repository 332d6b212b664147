"""Compute the documents after a rollback to an auto-checkpoint, and describe the changes. No files are involved.

In every function, `then` is the auto-checkpoint's document, and `now` the present one. Either may be None: missing or
unusable.
"""

from session.entry import feature_list, states
from session.entry.documents import Document
from session.store import codec
from session.text.untrusted import one_line

_SHOWN = 60  # the most characters of a value
# changes of these keys are not described: `state` has its own line, the others follow from it or are only times and ids
_QUIET = frozenset(("state", "dirty", "history", "entered_at", "timestamp", "session_id", "owner", "last_action"))
_QUIET |= {"next_state", "health_checked_at", "health_forced_at"}
# a rollback does not repair a broken project, so the last measured health stays
_MEASURED = ("health_status", "health_checked_at", "health_forced_at", "last_passing_commit")


def features_of(document: Document | None, path: str) -> list[feature_list.Feature]:
    """Return the features in the document, none if it is None; raise Corrupt if it holds no list of features."""
    return [] if document is None else feature_list.all_of(document, path)


def restore_state(then: Document, now: Document | None) -> Document:
    """Return the auto-checkpoint's state, but with the present health, and with `dirty` set to false."""
    if now is None:
        return {**then, "dirty": False}
    kept = {key: value for key, value in then.items() if key not in _MEASURED}
    return {**kept, "dirty": False, **{key: now[key] for key in _MEASURED if key in now}}


def merge_features(then: Document | None, now: Document | None) -> Document | None:
    """Return the auto-checkpoint's feature list, followed by the features that were added after it."""
    if then is None:
        return now
    added = _added(then, now)
    return {**then, "features": [*features_of(then, ""), *added]} if added else then


def state_changes(now: Document | None, then: Document) -> list[str]:
    """Return a line for each change of the state that matters to a person."""
    if now is None:
        return []
    old, new = states.current(now), states.current(then)
    changes = [] if old == new else [f"state: {_shown(old)} → {_shown(new)}"]
    others = [key for key in sorted({*now, *then} - _QUIET) if now.get(key) != then.get(key)]
    return [*changes, *(f"{_shown(key)}: {_value(now.get(key))} → {_value(then.get(key))}" for key in others)]


def feature_changes(now: Document | None, then: Document | None) -> list[str]:
    """Return a line for each feature that the rollback changes, brings back, or keeps."""
    before = {feature_list.id_of(each): each for each in features_of(now, "")}
    changes = []
    for feature in features_of(then, ""):
        name = feature_list.id_of(feature)
        if not name:
            continue
        old = before.get(name)
        if old is None:
            if now is not None:
                changes.append(f"feature {_shown(name)}: brought back, {feature_list.status_of(feature)}")
        elif old != feature:
            changes.append(f"feature {_shown(name)}: {_difference(old, feature)}")
    added = [feature_list.id_of(each) or "without an id" for each in _added(then, now)]
    return [*changes, *(f"feature {_shown(name)}: kept, as it came since" for name in added)]


def _added(then: Document | None, now: Document | None) -> list[feature_list.Feature]:
    """Return the present features that the auto-checkpoint does not list."""
    listed = features_of(then, "")
    ids = {feature_list.id_of(each) for each in listed}
    return [
        each
        for each in features_of(now, "")
        if (each not in listed if not feature_list.id_of(each) else feature_list.id_of(each) not in ids)
    ]


def _difference(old: feature_list.Feature, new: feature_list.Feature) -> str:
    """Return what the rollback does to a feature, such as `implemented → pending, notes as before`."""
    parts = []
    if feature_list.status_of(old) != feature_list.status_of(new):
        parts.append(f"{feature_list.status_of(old)} → {feature_list.status_of(new)}")
    others = [key for key in {**old, **new} if key != "status" and old.get(key) != new.get(key)]
    if others:
        parts.append(f"{', '.join(map(_shown, others))} as before")
    return ", ".join(parts) or "as before"


def _value(value: object) -> str:
    return "none" if value is None else _shown(value if isinstance(value, str) else codec.compact(value))


def _shown(text: str) -> str:
    return one_line(text, _SHOWN)
