"""The list of features and its transitions, without files (seed: 001).

    {"project": str, "created_at": ISO 8601,
     "features": [{"id": str, "description": str, "type": str, "priority": "P0" | "P1" | "P2",
                   "status": "pending" | "in_progress" | "implemented" | "tested" | "completed" | "blocked",
                   "tested": bool, "dependencies": [id, ...], "tests": command | [command, ...], "files": [path, ...],
                   "notes": str, "evidence"?: see evidence.py, "attempts"?: int, "blocked_reason"?: str}],
     "metadata": {}}

Everything is optional on reading but `features`; unknown keys are kept. What is transformed is left alone: a new list
is returned. SessionError names what is wrong.
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


def beginning(project: str, now: str) -> Document:
    """The list that a project begins with."""
    return {"project": project, "created_at": now, "features": [], "metadata": {}}


def all_of(document: Document, path: str) -> list[Feature]:
    """The features in the document from `path`. Corrupt where there is no list of objects in it."""
    features = document.get("features")
    if features is None:
        return []
    if isinstance(features, list) and all(isinstance(feature, dict) for feature in features):
        return features
    raise Corrupt(f"{path}: features is not a list of objects", "mend it")


def id_of(feature: Feature) -> str:
    """The feature's id as text, empty where it has none."""
    known = feature.get("id")
    if isinstance(known, bool) or not isinstance(known, (str, int)):
        return ""
    return str(known)


def status_of(feature: Feature) -> str:
    """The feature's status; one that nobody knows is `pending`."""
    status = feature.get("status")
    return status if status in STATUSES else PENDING


def doubts(features: list[Feature], path: str) -> list[str]:
    """What is odd about the list, a line each: no ids, ids given twice, statuses that nobody knows."""
    found = []
    seen: set[str] = set()
    for at, feature in enumerate(features):
        name = id_of(feature)
        if not name:
            found.append(f"{path}: feature {at + 1} has no id")
        elif name in seen:
            found.append(f"{path}: {name} stands there twice")
        seen.add(name)
        status = feature.get("status")
        if status is not None and status not in STATUSES:
            found.append(f"{path}: {name or at + 1} has an unknown status, taken for pending: {status}")
    return found


def counts(features: list[Feature]) -> Counts:
    """How many there are in each condition."""
    found = [status_of(feature) for feature in features]
    return Counts(
        pending=found.count(PENDING),
        in_progress=found.count(IN_PROGRESS),
        implemented=found.count(IMPLEMENTED),
        blocked=found.count(BLOCKED),
        done=found.count(TESTED) + found.count(COMPLETED),
    )


def ids(features: list[Feature], *statuses: str) -> list[str]:
    """The ids of the features with one of the statuses, in the list's order."""
    return [id_of(feature) for feature in features if status_of(feature) in statuses]


def dependencies(feature: Feature) -> list[str]:
    """The ids of what has to be done before the feature."""
    known = feature.get("dependencies")
    if isinstance(known, str) and known:  # one, as `tests` may be one, too
        return [known]
    return [str(each) for each in known] if isinstance(known, list) else []


def waits_for(features: list[Feature], feature: Feature) -> list[str]:
    """Which of the feature's dependencies are not done, those that are in no list included."""
    done = set(ids(features, *DONE))
    return [each for each in dependencies(feature) if each not in done]


def next_feature(features: list[Feature]) -> Feature | None:
    """What to work on: of what is pending or in progress and waits for nothing, the most urgent; of those, what was
    begun; of those, the first in the list."""
    ready = [each for each in features if status_of(each) in (PENDING, IN_PROGRESS) and not waits_for(features, each)]
    return min(ready, key=lambda each: (_urgency(each), status_of(each) != IN_PROGRESS), default=None)


def find(features: list[Feature], name: str, path: str) -> Feature:
    """The feature with that id; SessionError where there is none, or several."""
    found = [feature for feature in features if id_of(feature) == name]
    if not found:
        raise SessionError(f"no feature {name} in {path}", "session feature list shows them")
    if len(found) > 1:
        raise SessionError(f"{path}: {name} stands there {len(found)} times", "mend it")
    return found[0]


def added(document: Document, feature: Feature, path: str) -> Document:
    """The document with one feature more. SessionError for an id that is taken, or dependencies that are unknown."""
    features = all_of(document, path)
    known = {id_of(each) for each in features}
    if id_of(feature) in known:
        raise SessionError(f"{id_of(feature)} is in {path} already; nothing changed", "give it another id")
    for each in dependencies(feature):
        if each not in known:
            raise SessionError(f"no feature {each} in {path} to depend on; nothing changed", "add that first")
    return {**document, "features": [*features, feature]}


def changed(document: Document, name: str, path: str, **fields: object) -> Document:
    """The document with the fields of one feature set; those that are None taken away."""
    features = all_of(document, path)
    old = find(features, name, path)
    new = {**old, **fields}
    for field, value in fields.items():
        if value is None:
            del new[field]
    return {**document, "features": [new if each is old else each for each in features]}


def differing(old: Document, new: Document, path: str) -> list[str]:
    """The ids of the features that are in the new list, and not, or not the same, in the old one."""
    before = {id_of(each): each for each in all_of(old, path)}
    return [id_of(each) for each in all_of(new, path) if id_of(each) and before.get(id_of(each)) != each]


def check_id(name: str) -> None:
    """UsageError unless the text can be a feature's id: one printable word of at most 80 characters."""
    if not 0 < len(name) <= 80 or not name.isprintable() or any(char.isspace() for char in name) or name[0] == "-":
        raise UsageError(f"not a feature's id, which is one word of up to 80 characters: {name[:100]}")


def _urgency(feature: Feature) -> int:
    priority = feature.get("priority")
    return PRIORITIES.index(priority) if priority in PRIORITIES else len(PRIORITIES)
