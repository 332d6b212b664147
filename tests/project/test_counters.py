"""Counters: read in each of their forms, updated in both places, and summed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.errors import SessionError
from session.project import counters
from session.project.counters import Counter

WHOLE = st.integers(0, 10**15 - 1)


def update(state: dict[str, Any], name: str, word: str) -> tuple[dict[str, Any], str]:
    counter = counters.parse(word)
    assert counter is not None
    return counters.update(state, name, counter)


def shown(state: dict[str, Any]) -> dict[str, str]:
    return {name: str(one) for name, one in counters.counters(state).items()}


@pytest.mark.parametrize(
    "word",
    [
        "",
        "x",
        "-1",
        "+1",
        "1.5",
        "1e3",
        " 1",
        "1 ",
        "1/",
        "/2",
        "1/2/3",
        "1/-2",
        "٣",
        "²",
        "1_000",
        "0x1",
        "9" * 16,
        "1\n",
    ],
)
def test_no_number(word: str) -> None:
    assert counters.parse(word) is None


@given(WHOLE, st.none() | WHOLE)
def test_every_number(value: int, total: int | None) -> None:
    found = counters.parse(str(Counter(value, total)))
    assert found is not None
    assert (found.value, found.total) == (value, total)


@pytest.mark.parametrize(
    ("old", "word", "new", "said"),
    [
        ("7/62", "8", "8/62", "8/62"),
        ("7/62", "8/70", "8/70", "8/70"),
        ("7/62 done", "8", "8/62 done", "8/62"),
        ("7 files", "8", "8 files", "8"),
        ("7/many", "8", None, None),
        (7, "8", 8, "8"),
        (7, "8/9", "8/9", "8/9"),
        (None, "8", 8, "8"),
        (None, "8/9", "8/9", "8/9"),
        ("", "8", None, None),
        ("many", "8", None, None),
        (["7"], "8", None, None),
        (True, "8", None, None),
        (-1, "8", None, None),
        (1.5, "8", None, None),
        (7.0, "8", 8, "8"),
    ],
)
def test_each_form(old: Any, word: str, new: Any, said: str | None) -> None:
    state = {"quick_stats": {"n": old}}
    if said is None:
        with pytest.raises(SessionError, match=r"^quick_stats\.n is not a counter"):
            update(state, "n", word)
    else:
        assert update(state, "n", word) == ({"quick_stats": {"n": new}}, f"Updated n: {said}")
    assert state == {"quick_stats": {"n": old}}


def test_a_total_is_kept_and_none_is_invented() -> None:
    state, said = update({}, "widgets", "5")
    assert (state, said) == ({"quick_stats": {"widgets": 5}}, "Updated widgets: 5")


def test_the_same_counter_in_both_places() -> None:
    state: dict[str, Any] = {
        "extraction": {"stage": "1", "progress": {"a": {"total": 62, "extracted": 7, "verified": 7}}}
    }
    state, said = update(state, "a", "8")
    assert said == "Updated a: 8/62"
    assert state["quick_stats"] == {"a": "8/62"}
    assert state["extraction"] == {"stage": "1", "progress": {"a": {"total": 62, "extracted": 8, "verified": 7}}}
    state, _ = update(state, "a", "9/100")
    assert state["quick_stats"] == {"a": "9/100"}
    assert state["extraction"]["progress"]["a"] == {"total": 100, "extracted": 9, "verified": 7}


def test_the_sum() -> None:
    state: dict[str, Any] = {
        "quick_stats": {"a": "7/62", "b": 2, "note": "soon", "extracted": "7/831 modules"},
        "extraction": {"progress": {"b": {"total": 5, "extracted": 1}, "c": {"total": 9, "extracted": 4}}},
    }
    state, _ = update(state, "a", "8")
    assert state["quick_stats"]["extracted"] == "14/831 modules"  # 8 + 2 + 4
    assert state["quick_stats"]["note"] == "soon"


@pytest.mark.parametrize("value", [7, "7", "7 modules", "many", None, "7/many"])
def test_what_does_not_read_as_a_sum_stays(value: Any) -> None:
    state, _ = update({"quick_stats": {"a": 1, "extracted": value}}, "a", "2")
    assert state["quick_stats"]["extracted"] == value


def test_the_sum_can_be_set() -> None:
    state, said = update({"quick_stats": {"a": "7/62", "extracted": "7/831 modules"}}, "extracted", "9")
    assert (state["quick_stats"]["extracted"], said) == ("9/831 modules", "Updated extracted: 9/831")


@pytest.mark.parametrize(
    ("state", "name"),
    [
        ({"quick_stats": []}, "quick_stats is not an object"),
        ({"extraction": "x"}, "extraction is not an object"),
        ({"extraction": {"progress": []}}, "extraction.progress is not an object"),
        ({"extraction": {"progress": {"a": 7}}}, "extraction.progress.a is not an object"),
    ],
)
def test_a_wrong_type_is_named(state: dict[str, Any], name: str) -> None:
    with pytest.raises(SessionError) as caught:
        update(state, "a", "1")
    assert caught.value.message.startswith(name)
    assert counters.counters(state) == {}  # a command that only shows the counters still works


def test_what_is_shown() -> None:
    state = {
        "quick_stats": {"b": "3/9", "x": 4, "odd": {}, "extracted": "7/831"},
        "extraction": {
            "progress": {
                "a": {"extracted": 1, "total": 2},
                "b": {"extracted": 2, "total": 5},
                "c": {"total": 3},
                "d": 1,
            }
        },
    }
    assert shown(state) == {"a": "1/2", "b": "3/9", "c": "0/3", "x": "4"}


@given(st.text(max_size=20), st.text(max_size=20), WHOLE)
def test_any_text_is_a_counter_or_refused(name: str, old: str, value: int) -> None:
    try:
        state, _ = counters.update({"quick_stats": {name: old}}, name, Counter(value, None))
    except SessionError:
        return
    if name != counters.SUM:
        assert counters.counters(state)[name].value == value
