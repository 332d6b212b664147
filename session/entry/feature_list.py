"""The feature list, and pure functions on it. No files are read or written.

    {"project": str, "created_at": ISO 8601,
     "features": [{"id": str, "description": str, "type": str, "priority": "P0" | "P1" | "P2",
                   "status": "pending" | "in_progress" | "implemented" | "tested" | "completed" | "blocked",
                   "tested": bool, "dependencies": [id, ...], "tests": command | [command, ...], "files": [path, ...],
                   "notes": str, "evidence"?: see evidence.py, "attempts"?: int, "blocked_reason"?: str}],
     "metadata": {}}

A reader requires `features` alone; unknown keys are kept. No function changes its arguments: each returns new objects.
A SessionError names what is wrong.
"""

from typing import Any

from session.entry.documents import Corrupt, Document
from session.entry.states import Counts
from session.errors import SessionError, UsageError

PENDING, IN_PROGRESS, IMPLEMENTED = "pending", "in_progress", "implemented"
TESTED, COMPLETED, BLOCKED = "tested", "completed", "blocked"
STATUSES = (PENDING, IN_PROGRESS, IMPLEMENTED, TESTED, COMPLETED, BLOCKED)
DONE = (TESTED, COMPLETED)
PRIORITIES = ("P0", "P1", "P2")

Feature = dict[str, Any]


def new_document(project: str, now: str) -> Document:
    """Return an empty feature list for a project."""
    return {"project": project, "created_at": now, "features": [], "metadata": {}}


def all_of(document: Document, path: str) -> list[Feature]:
    """Return the document's features; raise Corrupt, which names `path`, if they are not a list of objects."""
    features = document.get("features")
    if features is None:
        return []
    if isinstance(features, list) and all(isinstance(feature, dict) for feature in features):
        return features
    raise Corrupt(f"{path}: features is not a list of objects", "mend it")


def id_of(feature: Feature) -> str:
    """Return the feature's id as text, or "" if it has none."""
    value = feature.get("id")
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return str(value)


def status_of(feature: Feature) -> str:
    """Return the feature's status; an unknown status counts as `pending`."""
    status = feature.get("status")
    return status if status in STATUSES else PENDING


def doubts(features: list[Feature], path: str) -> list[str]:
    """Return a line for each oddity: a feature without an id, an id that is listed twice, an unknown status."""
    oddities = []
    seen: set[str] = set()
    for at, feature in enumerate(features):
        name = id_of(feature)
        if not name:
            oddities.append(f"{path}: feature {at + 1} has no id")
        elif name in seen:
            oddities.append(f"{path}: {name} is listed twice")
        seen.add(name)
        status = feature.get("status")
        if status is not None and status not in STATUSES:
            oddities.append(f"{path}: {name or at + 1} has an unknown status, taken for pending: {status}")
    return oddities


def counts(features: list[Feature]) -> Counts:
    """Return the number of features by status; `tested` and `completed` both count as done."""
    statuses = [status_of(feature) for feature in features]
    return Counts(
        pending=statuses.count(PENDING),
        in_progress=statuses.count(IN_PROGRESS),
        implemented=statuses.count(IMPLEMENTED),
        blocked=statuses.count(BLOCKED),
        done=statuses.count(TESTED) + statuses.count(COMPLETED),
    )


def ids(features: list[Feature], *statuses: str) -> list[str]:
    """Return the ids of the features that have one of the statuses, in the list's order."""
    return [id_of(feature) for feature in features if status_of(feature) in statuses]


def dependencies(feature: Feature) -> list[str]:
    """Return the ids of the features that must be done before this one. A file may hold one id instead of a list."""
    value = feature.get("dependencies")
    if isinstance(value, str) and value:
        return [value]
    return [str(each) for each in value] if isinstance(value, list) else []


def done_ids(features: list[Feature]) -> set[str]:
    """Return the ids of the features that are done."""
    return set(ids(features, *DONE))


def waits_for(features: list[Feature], feature: Feature) -> list[str]:
    """Return the feature's dependencies that are not done. A dependency that is not listed counts as not done."""
    return unfinished(feature, done_ids(features))


def unfinished(feature: Feature, done: set[str]) -> list[str]:
    """Return the feature's dependencies that are not in `done`, the `done_ids` of its list."""
    return [each for each in dependencies(feature) if each not in done]


def next_feature(features: list[Feature]) -> Feature | None:
    """Return the feature to work on next, or None if no feature is ready.

    A feature is ready if it is pending or in progress and has no unfinished dependencies. The most urgent one comes
    first. Of equally urgent ones, one in progress comes first. After that, the list's order decides.
    """
    done = done_ids(features)
    ready = [each for each in features if status_of(each) in (PENDING, IN_PROGRESS) and not unfinished(each, done)]
    return min(ready, key=lambda each: (_urgency(each), status_of(each) != IN_PROGRESS), default=None)


def current_feature(features: list[Feature], state: Document) -> Feature | None:
    """Return the listed feature that the state names as its `feature_id`, or None."""
    name = state.get("feature_id")
    return next((each for each in features if id_of(each) == str(name)), None) if name not in (None, "") else None


def find(features: list[Feature], name: str, path: str) -> Feature:
    """Return the feature with this id; raise SessionError if there is none, or more than one."""
    matches = [feature for feature in features if id_of(feature) == name]
    if not matches:
        raise SessionError(f"no feature {name} in {path}", "session feature list shows them")
    if len(matches) > 1:
        raise SessionError(f"{path}: {name} is listed {len(matches)} times", "mend it")
    return matches[0]


def add_feature(document: Document, feature: Feature, path: str) -> Document:
    """Return the document with `feature` as its last one; raise SessionError for a used id or unknown dependencies."""
    features = all_of(document, path)
    used = {id_of(each) for each in features}
    if id_of(feature) in used:
        raise SessionError(f"{id_of(feature)} is in {path} already; nothing changed", "give it another id")
    for each in dependencies(feature):
        if each not in used:
            raise SessionError(f"no feature {each} in {path} to depend on; nothing changed", "add that first")
    return {**document, "features": [*features, feature]}


def set_fields(document: Document, name: str, path: str, **fields: object) -> Document:
    """Return the document with these fields of one feature set. A field whose value is None is removed."""
    features = all_of(document, path)
    old = find(features, name, path)
    new = {**old, **fields}
    for field, value in fields.items():
        if value is None:
            del new[field]
    return {**document, "features": [new if each is old else each for each in features]}


def changed_ids(old: Document, new: Document, path: str) -> list[str]:
    """Return the ids of the features in `new` that are missing in `old`, or are different there."""
    before = {id_of(each): each for each in all_of(old, path)}
    return [id_of(each) for each in all_of(new, path) if id_of(each) and before.get(id_of(each)) != each]


def check_id(name: str) -> None:
    """Raise UsageError unless the text can be a feature's id: one printable word of at most 80 characters."""
    if not 0 < len(name) <= 80 or not name.isprintable() or any(char.isspace() for char in name) or name[0] == "-":
        raise UsageError(f"not a feature's id, which is one word of up to 80 characters: {name[:100]}")


def _urgency(feature: Feature) -> int:
    priority = feature.get("priority")
    return PRIORITIES.index(priority) if priority in PRIORITIES else len(PRIORITIES)
