"""A session's state and its transitions: no field of a file gets lost."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.errors import SessionError
from session.workflow.state import advance, parse, parse_context

T0 = "2026-01-29T22:00:00.000Z"
T1 = "2026-01-29T22:10:00.000Z"
NOW = "2026-01-29T22:42:48.473Z"


def at(step: str, time: str | None) -> dict[str, str | None]:
    return {"step": step, "at": time}


def entered(state: dict[str, Any] | None, step: str, context: dict[str, Any] | None = None, owner: str = "") -> Any:
    """Return the state after a step; check that there is no warning and that the old state is unchanged."""
    new, warnings = advance(state, step, context, NOW, owner)
    assert warnings == []
    return new


def test_the_first_step() -> None:
    new = entered(None, "init")
    assert new == {
        "started_at": NOW,
        "steps": ["init"],
        "step": "init",
        "updated_at": NOW,
        "history": [at("init", NOW)],
    }
    assert list(new) == ["started_at", "steps", "step", "updated_at", "history"]


def test_the_first_step_with_everything() -> None:
    new = entered(None, "init", {"pr": 8}, "me")
    assert list(new) == ["started_at", "steps", "step", "context", "updated_at", "history", "owner"]
    assert (new["context"], new["owner"]) == ({"pr": 8}, {"id": "me"})


def test_the_next_step() -> None:
    old = entered(None, "init") | {"started_at": T0, "updated_at": T0, "history": [at("init", T0)]}
    new = entered(old, "next")
    assert new == {
        "started_at": T0,
        "steps": ["init", "next"],
        "step": "next",
        "updated_at": NOW,
        "history": [at("init", T0), at("next", NOW)],
    }


def test_the_same_step_again_adds_nothing() -> None:
    old = {"started_at": T0, "steps": ["a", "b"], "step": "b", "updated_at": T1, "history": [at("a", T0), at("b", T1)]}
    assert entered(old, "b") == old | {"updated_at": NOW}
    back = entered(old, "a")
    assert back["steps"] == ["a", "b", "a"]
    assert back["history"] == [at("a", T0), at("b", T1), at("a", NOW)]


def test_steps_count_not_the_step() -> None:
    """As in the original scripts, a step is appended if it differs from the last of `steps`; `step` does not count."""
    assert entered({"started_at": T0, "steps": ["a"], "step": "b"}, "b")["steps"] == ["a", "b"]


def test_the_old_state_is_left_alone() -> None:
    old: dict[str, Any] = {
        "started_at": T0,
        "steps": ["a"],
        "step": "a",
        "context": {"n": {"x": 1}},
        "history": [at("a", T0)],
    }
    before = copy.deepcopy(old)
    advance(old, "b", {"n": 2, "m": 3}, NOW, "me")
    assert old == before


def test_unknown_fields_and_their_order_are_kept() -> None:
    old = {"x": 1, "step": "a", "updated_at": T0, "y": [None], "steps": ["a"], "started_at": T0}
    new = entered(old, "b")
    assert list(new) == [*old, "history"]
    assert (new["x"], new["y"]) == (1, [None])


@pytest.mark.parametrize(
    ("old", "given_", "expected"),
    [
        (None, {"a": 1}, {"a": 1}),
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, {"a": None}, {"a": None, "b": 2}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"z": 3}}, {"a": {"z": 3}}),
        ({"a": 1}, {}, {"a": 1}),
        ({}, {"__proto__": 1}, {"__proto__": 1}),
    ],
)
def test_contexts_are_merged_one_level_deep(old: Any, given_: dict[str, Any], expected: dict[str, Any]) -> None:
    state = {"started_at": T0, "steps": ["a"], "step": "a", "context": old}
    assert entered(state, "a", given_)["context"] == expected


def test_no_context_leaves_it_as_it_is() -> None:
    assert "context" not in entered(None, "a")
    assert entered({"started_at": T0, "steps": ["a"], "context": ["odd"]}, "a")["context"] == ["odd"]


@pytest.mark.parametrize("context", ["text", 1, 0, True, False, [], [1], ""])
def test_a_context_that_is_no_object_is_not_merged_into(context: Any) -> None:
    with pytest.raises(SessionError, match=r"^has a context that is not an object"):
        advance({"started_at": T0, "steps": [], "context": context}, "a", {"b": 1}, NOW, "")


@pytest.mark.parametrize(
    ("state", "steps", "warning"),
    [
        ({"step": "b"}, ["b", "new"], 'steps was missing; rebuilt from step as ["b"]'),
        ({}, ["new"], "steps was missing; rebuilt from step as []"),
        ({"step": 7}, ["new"], "steps was missing; rebuilt from step as []"),
        ({"step": ""}, ["new"], "steps was missing; rebuilt from step as []"),
        ({"steps": None, "step": "b"}, ["b", "new"], 'steps was not a list: null; rebuilt from step as ["b"]'),
        ({"steps": "a", "step": "b"}, ["b", "new"], 'steps was not a list: "a"; rebuilt from step as ["b"]'),
        ({"steps": {"a": 1}}, ["new"], 'steps was not a list: {"a":1}; rebuilt from step as []'),
        ({"steps": 3, "step": "new"}, ["new"], 'steps was not a list: 3; rebuilt from step as ["new"]'),
        (
            {"steps": None, "step": "b", "history": [at("a", T0), at("b", None)]},
            ["a", "b", "new"],
            'steps was not a list: null; rebuilt from history and step as ["a","b"]',
        ),
        (
            {"step": "c", "history": [at("a", T0), at("b", T1)]},
            ["a", "b", "c", "new"],
            'steps was missing; rebuilt from history and step as ["a","b","c"]',
        ),
    ],
)
def test_steps_are_rebuilt_with_a_warning(state: dict[str, Any], steps: list[str], warning: str) -> None:
    new, warnings = advance({"started_at": T0, **state}, "new", None, NOW, "")
    assert new["steps"] == steps
    assert new["step"] == "new"
    assert warnings == [warning]


def test_a_warning_has_an_end() -> None:
    _, [warning] = advance({"started_at": T0, "steps": "x" * 10_000}, "new", None, NOW, "")
    assert len(warning) < 400


@pytest.mark.parametrize("steps", [[1, None], [{"name": "a"}], ["a", ["b"]]])
def test_steps_of_any_kind_stay(steps: list[Any]) -> None:
    new = entered({"started_at": T0, "steps": steps, "step": "a"}, "new")
    assert new["steps"] == [*steps, "new"]
    assert "history" not in new  # which could not tell them


@pytest.mark.parametrize(
    ("steps", "history", "expected"),
    [
        # another tool, one that keeps no history, added steps
        (["a", "b"], None, [at("a", None), at("b", None), at("new", NOW)]),
        (["a", "b"], [at("a", T0)], [at("a", T0), at("b", None), at("new", NOW)]),
        (["a"], [at("a", T0) | {"exit": 0}], [at("a", T0) | {"exit": 0}, at("new", NOW)]),
        (["a"], [{"step": "a"}], [{"step": "a"}, at("new", NOW)]),
        ([], [], [at("new", NOW)]),
    ],
)
def test_history_runs_alongside(steps: list[str], history: Any, expected: Any) -> None:
    old = {"started_at": T0, "steps": steps, "step": "x"} | ({} if history is None else {"history": history})
    assert entered(old, "new")["history"] == expected


def test_history_is_filled_up_without_a_new_step_too() -> None:
    assert entered({"started_at": T0, "steps": ["a", "b"]}, "b")["history"] == [at("a", None), at("b", None)]


@pytest.mark.parametrize(
    "history",
    [
        "text",
        None,
        7,
        {"a": T0},
        ["a"],
        [["a", T0]],
        [{"at": T0}],
        [{"step": 1, "at": T0}],
        [{"step": "a", "at": 12345}],
        [at("other", T0)],  # runs alongside something else
        [at("a", T0), at("b", T1)],  # longer than steps
    ],
)
def test_history_in_another_shape_is_left_alone(history: Any) -> None:
    new = entered({"started_at": T0, "steps": ["a"], "step": "a", "history": history}, "new")
    assert new["history"] == history
    assert new["steps"] == ["a", "new"]


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        (None, {"id": "me"}),
        ({"id": "other"}, {"id": "me"}),
        ({"id": "other", "host": "h"}, {"id": "me", "host": "h"}),
        ("somebody", "somebody"),
        (["me"], ["me"]),
        ({"name": "x"}, {"name": "x"}),
        ({"id": 5}, {"id": 5}),
        (False, False),
    ],
)
def test_owner(owner: Any, expected: Any) -> None:
    old = {"started_at": T0, "steps": ["a"], "owner": owner}
    assert entered(old, "a", owner="me")["owner"] == expected
    assert entered(old, "a")["owner"] == owner  # without one of our own, what is there stays


def test_no_owner_unless_there_is_one() -> None:
    assert "owner" not in entered({"started_at": T0, "steps": ["a"]}, "a")
    assert entered({"started_at": T0, "steps": ["a"]}, "a", owner="me")["owner"] == {"id": "me"}


@pytest.mark.parametrize(
    ("state", "started"),
    [
        ({}, NOW),
        ({"started_at": None}, NOW),
        ({"updated_at": T1}, T1),
        ({"updated_at": "2026-01-29T23:05:00+01:00"}, "2026-01-29T23:05:00+01:00"),
        ({"updated_at": T1, "history": [at("a", T0)]}, T0),
        ({"updated_at": T0, "history": [at("a", T1)]}, T0),
        ({"updated_at": "garbage", "history": [at("a", None)]}, NOW),
        ({"updated_at": 5}, NOW),
        ({"started_at": T1, "updated_at": T0}, T1),
        ({"started_at": "garbage"}, "garbage"),
    ],
)
def test_a_missing_start_is_the_oldest_time_known(state: dict[str, Any], started: str) -> None:
    assert entered({"steps": ["a"], **state}, "a")["started_at"] == started


def test_a_start_that_was_missing_comes_first() -> None:
    assert next(iter(entered({"steps": ["a"], "step": "a"}, "a"))) == "started_at"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("started_at", "steps", "step", "updated_at", "history", "owner", "x")
STATES = st.none() | st.dictionaries(st.sampled_from(FIELDS), JSON | st.just([at("a", T0)]))


@given(STATES, st.sampled_from(["a", "b"]), st.sampled_from(["", "me"]))
def test_from_anything_a_step_can_be_entered(state: Any, step: str, owner: str) -> None:
    new, warnings = advance(state, step, {"k": 1}, NOW, owner)
    assert (new["step"], new["steps"][-1], new["updated_at"]) == (step, step, NOW)
    assert new["started_at"] is not None
    assert new["context"] == {"k": 1}
    if state is not None:
        assert {key: new[key] for key in state if key == "x"} == {key: state[key] for key in state if key == "x"}
        if isinstance(state.get("steps"), list):
            assert new["steps"][: len(state["steps"])] == state["steps"]
            assert warnings == []
    again, warnings = advance(new, step, None, NOW, owner)
    assert again == new  # entering it twice is entering it once
    assert warnings == []


@pytest.mark.parametrize("text", ["{}", '{"a": 1}', ' {"a": [1, {"b": null}]} \n'])
def test_a_context_is_an_object(text: str) -> None:
    assert parse_context(text) == json.loads(text)


def test_an_empty_context_is_none() -> None:
    assert parse_context("") is None


@pytest.mark.parametrize(
    "text",
    ["x", "{", '{"a": 1,}', "{'a': 1}", '{"a": NaN}', '{"a": Infinity}', '{"a": 1e400}', '{"a": -1e400}',
     '\ufeff{"a": 1}', '{"a": "\t"}', '{"a": 01}', '{"a": 1} x', " ", "{}{}", "[1]", '"x"', "1", "null", "true",
     "// x\n{}"],
)  # fmt: skip
def test_anything_else_is_refused_and_quoted(text: str) -> None:
    with pytest.raises(SessionError) as refused:
        parse_context(text)
    assert refused.value.message.startswith("Invalid JSON context: ")
    assert refused.value.message.endswith(text)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "is not valid JSON: "),
        (b"\0" * 100, "is not valid JSON: "),
        (b'{"step": "a"', "is not valid JSON: "),
        (b'{"step": "a"} x', "is not valid JSON: "),
        (b'{"step": "\xff"}', "is not valid JSON: invalid UTF-8 at byte 10"),
        ('{"step": "a"}'.encode("utf-16"), "is not valid JSON: "),
        (b"[]", "is not a session: it holds an array"),
        (b'"x"', "is not a session: it holds a bare value"),
        (b"0", "is not a session: it holds a bare value"),
        (b"false", "is not a session: it holds a bare value"),
    ],
)
def test_a_file_without_a_state_is_named(body: bytes, message: str) -> None:
    with pytest.raises(SessionError) as refused:
        parse(body, "the/path.json", exact=True)
    assert refused.value.message.startswith(f"the/path.json {message}")
    assert "\n" not in refused.value.message


def test_reading_is_lenient_where_nothing_can_get_lost() -> None:
    assert parse(b'\xef\xbb\xbf{"a": 1,\r\n"a": 2}\r\n', "p", exact=True) == {"a": 2}
    assert parse(b'{"step": "\xff"}', "p", exact=False) == {"step": "\ufffd"}
    assert parse(b" null\n", "p", exact=True) is None


def test_times_that_the_history_does_not_have_are_no_times() -> None:
    state, warnings = advance({"steps": ["a"], "step": "a", "history": [{"step": "a"}]}, "b", None, NOW, "")
    assert (state["started_at"], state["steps"], warnings) == (NOW, ["a", "b"], [])
