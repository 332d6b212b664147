"""Features as tables and texts on a terminal, as JSON when piped."""

from typing import TYPE_CHECKING, Any

from session.commands.tables import json_out, show, table, text, wants_json
from session.entry import evidence, feature_status
from session.entry import feature_list as lists
from session.entry.feature_list import BLOCKED, DONE, IMPLEMENTED, IN_PROGRESS, PENDING, TESTED, Feature

if TYPE_CHECKING:
    from rich.text import Text

_STYLES = {TESTED: "green", lists.COMPLETED: "green", BLOCKED: "red", IN_PROGRESS: "cyan", IMPLEMENTED: "yellow"}
_FIELDS = ("type", "priority", "status", "dependencies", "tests", "files", "notes")


def all_of(root: str, features: list[Feature], *, as_json: bool) -> None:
    """Print the list; as JSON each feature with what it `waits_for`, and whether its evidence is `stale`."""
    as_json = wants_json(as_json)
    stale = evidence.stale(features, root)
    if as_json:
        return json_out([_told(features, each, stale) for each in features])
    if not features:
        return None
    rows = [
        (
            lists.id_of(each),
            each.get("priority"),
            _status(each),
            text(evidence.about(each, is_stale=lists.id_of(each) in stale), _evidence_style(each, stale)),
            each.get("description"),
            _in_the_way(features, each),
        )
        for each in features
    ]
    counts, following = lists.counts(features), lists.next_feature(features)
    known = f"next is {lists.id_of(following)}" if following else feature_status.why_none_ready(features)
    below = text(f"{counts.done} of {counts.total} done; {known}")
    return show(table(("ID", "Priority", "Status", "Evidence", "Description", "In the way"), rows), "", below)


def one(root: str, features: list[Feature], feature: Feature, *, as_json: bool) -> None:
    """Print one feature."""
    as_json = wants_json(as_json)
    stale = evidence.stale([feature], root)
    if as_json:
        return json_out(_told(features, feature, stale))
    head = text(f"{lists.id_of(feature)}  {feature.get('description') or ''}", "bold")
    fields = [(name, _shown(feature.get(name))) for name in _FIELDS if feature.get(name) not in (None, "", [])]
    way = _in_the_way(features, feature)
    fields += [("in the way", way)] if way else []
    found = evidence.about(feature, is_stale=bool(stale))
    fields += [("evidence", text(found, _evidence_style(feature, stale)))] if found else []
    proof = feature.get("evidence")
    known = proof if isinstance(proof, dict) else {}
    fields += [(name, _shown(known[name])) for name in known if name != "output_tail"]
    parts: list[Any] = [head, table(("Field", "Value"), fields)]
    tail = known.get("output_tail")
    if isinstance(tail, str) and tail:
        parts += ["", text(tail, keep_lines=True)]
    return show(*parts)


def _told(features: list[Feature], feature: Feature, stale: list[str]) -> dict[str, Any]:
    is_open = lists.status_of(feature) not in DONE
    waits = lists.waits_for(features, feature) if is_open else []
    return {**feature, "waits_for": waits, "stale": lists.id_of(feature) in stale}


def _status(feature: Feature) -> "Text":
    status = lists.status_of(feature)
    return text(status, _STYLES.get(status, ""))


def _evidence_style(feature: Feature, stale: list[str]) -> str:
    return "yellow" if lists.id_of(feature) in stale else ""


def _in_the_way(features: list[Feature], feature: Feature) -> str:
    status = lists.status_of(feature)
    if status == BLOCKED:
        return f"blocked: {feature_status.reason_of(feature)}"
    waits = lists.waits_for(features, feature) if status in (PENDING, IN_PROGRESS) else []
    return f"waits for {', '.join(waits)}" if waits else ""


def _shown(value: object) -> object:
    return ", ".join(str(each) for each in value) if isinstance(value, list) else value
