"""The feature list: the choice of the next feature, and changes that leave the other features alone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.entry import feature_list, feature_status
from session.entry.documents import Corrupt
from session.entry.feature_list import DONE, IN_PROGRESS, PENDING, PRIORITIES, STATUSES
from session.errors import SessionError, UsageError
from tests.entry.laying import feature, listing

IDS = [f"F-{n}" for n in range(7)]


@st.composite
def plans(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Generate lists as people write them, also with circular dependencies and dependencies that are not listed."""
    names = draw(st.lists(st.sampled_from(IDS), unique=True, max_size=7))
    odd = st.sampled_from([*STATUSES, *STATUSES, "nobody knows", None, 3])
    return [
        {
            "id": name,
            "description": name,
            "status": draw(odd),
            "priority": draw(st.sampled_from([*PRIORITIES, "P9", None, ["P0"]])),
            "dependencies": draw(st.one_of(st.none(), st.lists(st.sampled_from([*IDS, "gone"]), max_size=3))),
        }
        for name in names
    ]


@given(plans())
def test_the_next_one_waits_for_nothing_and_is_most_urgent(features: list[dict[str, Any]]) -> None:
    found = feature_list.next_feature(features)
    done = {each["id"] for each in features if each["status"] in DONE}
    ready = [
        each
        for each in features
        if feature_list.status_of(each) in (PENDING, IN_PROGRESS) and set(each["dependencies"] or []) <= done
    ]
    if found is None:
        assert ready == []
        return
    assert found in ready

    def rank(each: dict[str, Any]) -> tuple[int, bool, int]:
        priority = each["priority"]
        urgency = PRIORITIES.index(priority) if priority in PRIORITIES else len(PRIORITIES)
        return urgency, each["status"] != IN_PROGRESS, features.index(each)

    assert rank(found) == min(map(rank, ready))


@given(plans(), st.sampled_from(IDS), st.sampled_from(STATUSES))
def test_a_change_of_one_leaves_all_else_alone(features: list[dict[str, Any]], name: str, status: str) -> None:
    document = {"mine": 1, "features": features}
    before = [dict(each) for each in features]
    if name not in [each["id"] for each in features]:
        with pytest.raises(SessionError, match=f"no feature {name} in list.json"):
            feature_list.set_fields(document, name, "list.json", status=status)
        after = feature_list.add_feature(document, {"id": name, "status": status}, "list.json")
        assert after == {"mine": 1, "features": [*before, {"id": name, "status": status}]}
    else:
        with pytest.raises(SessionError, match="nothing changed"):
            feature_list.add_feature(document, {"id": name}, "list.json")
        after = feature_list.set_fields(document, name, "list.json", status=status, priority=None)
        for old, new in zip(before, after["features"], strict=True):
            if old["id"] == name:
                old["status"] = status
                del old["priority"]
            assert new == old
        assert after["mine"] == 1
    names = [each["id"] for each in after["features"]]
    assert len(set(names)) == len(names)
    assert document == {"mine": 1, "features": features}


@given(plans())
def test_every_feature_is_counted_once(features: list[dict[str, Any]]) -> None:
    assert feature_list.counts(features).total == len(features)


def test_what_is_begun_goes_before_what_is_as_urgent() -> None:
    features = [feature("F-1"), feature("F-2", IN_PROGRESS), feature("F-0", priority="P0", dependencies=["F-1"])]
    assert feature_list.next_feature(features) == features[1]
    features[0]["status"] = "completed"
    assert feature_list.next_feature(features) == features[2]
    assert feature_list.waits_for(features, feature("F-4", dependencies=["F-1", "F-2", "gone"])) == ["F-2", "gone"]


def test_one_dependency_may_be_a_text() -> None:
    features = [feature("F-1", dependencies="F-2"), feature("F-2", dependencies="")]
    assert feature_list.waits_for(features, features[0]) == ["F-2"]
    assert feature_list.next_feature(features) == features[1]


def test_who_waits_for_each_other_is_never_next() -> None:
    features = [feature("F-1", dependencies=["F-2"]), feature("F-2", dependencies=["F-1"])]
    assert feature_list.next_feature(features) is None


def test_ids_are_numbers_sometimes() -> None:
    document = listing(feature("1", "tested"), {"id": 2, "dependencies": [1]})
    found = feature_list.next_feature(document["features"])
    assert found == {"id": 2, "dependencies": [1]}
    after = feature_list.set_fields(document, "2", "list.json", status="blocked")
    assert after["features"][1] == {"id": 2, "dependencies": [1], "status": "blocked"}


def test_dependencies_have_to_be_there() -> None:
    document = listing(feature("F-1"))
    with pytest.raises(SessionError, match=r"no feature F-3 in list\.json to depend on"):
        feature_list.add_feature(document, feature("F-3", dependencies=["F-1", "F-3"]), "list.json")


@pytest.mark.parametrize("value", [{}, "text", ["F-1"], [{"id": "F-1"}, None]])
def test_a_list_that_is_none(value: object) -> None:
    with pytest.raises(Corrupt, match=r"list\.json: features is not a list of objects"):
        feature_list.all_of({"features": value}, "list.json")


def test_doubts_are_told() -> None:
    features = [{"description": "no id"}, feature("F-1"), feature("F-1", "begun"), {"id": True}]
    assert feature_list.doubts(features, "list.json") == [
        "list.json: feature 1 has no id",
        "list.json: F-1 is listed twice",
        "list.json: F-1 has an unknown status, taken for pending: begun",
        "list.json: feature 4 has no id",
    ]
    with pytest.raises(SessionError, match=r"list.json: F-1 is listed 2 times \(mend it\)"):
        feature_list.find(features, "F-1", "list.json")


@pytest.mark.parametrize("name", ["", " ", "two words", "-F", "a\tb", "a\x1b", "é" * 81])
def test_not_an_id(name: str) -> None:
    with pytest.raises(UsageError, match="not a feature's id"):
        feature_list.check_id(name)


@pytest.mark.parametrize("name", ["F-1", "é", "a/b", "auth:login", "x" * 80])
def test_an_id(name: str) -> None:
    feature_list.check_id(name)


def test_the_dependencies_of_many_are_looked_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next feature is chosen under the lock, so each of many features must be cheap."""
    asked: list[str] = []
    status_of = feature_list.status_of
    monkeypatch.setattr(
        feature_list, "status_of", lambda each: asked.append(feature_list.id_of(each)) or status_of(each)
    )
    features = [{"id": f"F-{number}", "dependencies": [f"F-{number - 1}"]} for number in range(500)]
    assert feature_list.next_feature(features) is None
    assert feature_status.why_none_ready(features).startswith("F-0 waits for F--1; F-1 waits for F-0; ")
    assert len(asked) < 20 * len(features)
