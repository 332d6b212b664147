"""Print features: tables and texts on a terminal, else JSON."""

from typing import TYPE_CHECKING, Any

from session.commands.tables import json_out, show, table, text, wants_json
from session.entry import evidence, feature_list, feature_status
from session.entry.feature_list import (
    BLOCKED,
    COMPLETED,
    DONE,
    IMPLEMENTED,
    IN_PROGRESS,
    PENDING,
    TESTED,
    Feature,
    id_of,
    status_of,
)
from session.text.typed import object_at, text_at

if TYPE_CHECKING:
    from rich.text import Text

_STYLES = {TESTED: "green", COMPLETED: "green", BLOCKED: "red", IN_PROGRESS: "cyan", IMPLEMENTED: "yellow"}
_FIELDS = ("type", "priority", "status", "dependencies", "tests", "files", "notes")


def show_list(root: str, features: list[Feature], *, as_json: bool) -> None:
    """Print all features.

    As JSON, each feature also has `waits_for`, the ids of its unfinished dependencies, and `stale`, which says whether
    files have changed since its tests ran.
    """
    as_json = wants_json(as_json)
    stale = set(evidence.stale(features, root))
    done = feature_list.done_ids(features)
    if as_json:
        return json_out([_json_object(feature, done, stale) for feature in features])
    if not features:
        return None
    rows = [
        (
            id_of(feature),
            feature.get("priority"),
            _status(feature),
            text(evidence.about(feature, is_stale=id_of(feature) in stale), _evidence_style(feature, stale)),
            feature.get("description"),
            _obstacle(feature, done),
        )
        for feature in features
    ]
    counts, following = feature_list.counts(features), feature_list.next_feature(features)
    next_step = f"next is {id_of(following)}" if following else feature_status.why_none_ready(features)
    below = text(f"{counts.done} of {counts.total} done; {next_step}")
    return show(table(("ID", "Priority", "Status", "Evidence", "Description", "In the way"), rows), "", below)


def show_feature(root: str, features: list[Feature], feature: Feature, *, as_json: bool) -> None:
    """Print one feature with its evidence. Its dependencies are looked up in `features`, the whole list."""
    as_json = wants_json(as_json)
    stale = set(evidence.stale([feature], root))
    done = feature_list.done_ids(features)
    if as_json:
        return json_out(_json_object(feature, done, stale))
    head = text(f"{id_of(feature)}  {feature.get('description') or ''}", "bold")
    fields = [(name, _cell(feature.get(name))) for name in _FIELDS if feature.get(name) not in (None, "", [])]
    obstacle = _obstacle(feature, done)
    fields += [("in the way", obstacle)] if obstacle else []
    verdict = evidence.about(feature, is_stale=bool(stale))
    fields += [("evidence", text(verdict, _evidence_style(feature, stale)))] if verdict else []
    record = object_at(feature, "evidence")
    fields += [(name, _cell(record[name])) for name in record if name != "output_tail"]
    parts: list[Any] = [head, table(("Field", "Value"), fields)]
    tail = text_at(record, "output_tail")
    if tail:
        parts += ["", text(tail, keep_lines=True)]
    return show(*parts)


def _json_object(feature: Feature, done: set[str], stale: set[str]) -> dict[str, Any]:
    is_open = status_of(feature) not in DONE
    waits_for = feature_list.unfinished(feature, done) if is_open else []
    return {**feature, "waits_for": waits_for, "stale": id_of(feature) in stale}


def _status(feature: Feature) -> "Text":
    status = status_of(feature)
    return text(status, _STYLES.get(status, ""))


def _evidence_style(feature: Feature, stale: set[str]) -> str:
    return "yellow" if id_of(feature) in stale else ""


def _obstacle(feature: Feature, done: set[str]) -> str:
    """Return why nobody can work on the feature now, or "" if nothing is in the way."""
    status = status_of(feature)
    if status == BLOCKED:
        return f"blocked: {feature_status.reason_of(feature)}"
    waits_for = feature_list.unfinished(feature, done) if status in (PENDING, IN_PROGRESS) else []
    return f"waits for {', '.join(waits_for)}" if waits_for else ""


def _cell(value: object) -> object:
    return ", ".join(str(item) for item in value) if isinstance(value, list) else value
