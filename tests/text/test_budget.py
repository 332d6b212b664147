"""Tests of measuring and cutting texts: a cut text fits, is harmless, and shows that it was cut."""

import json
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from session.store import codec
from session.text.budget import cut, cut_value, quoted, size, tokens

TEXTS = st.text(st.characters(), max_size=60) | st.text("\x1b\n\u202e\u200b\U000e0041a\ud800'\"\\", max_size=60)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
)


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("a", 1), ("abc", 1), ("abcd", 2), ("é", 1), ("分支", 2), ("😀", 2), ("\ud800", 1)]
)
def test_tokens(text: str, count: int) -> None:
    assert tokens(text) == count


@given(TEXTS)
def test_quoted_is_the_same_json_and_harmless(text: str) -> None:
    shown = quoted(text)
    assert json.loads(shown) == json.loads(json.dumps(text))
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert len(shown.splitlines()) == 1


@given(TEXTS, st.integers(5, 100))
@example("\ud83d\ude00" * 3, 20)
def test_what_is_cut_fits_and_says_so(text: str, limit: int) -> None:
    kept = cut(text, limit)
    assert size(quoted(kept)) <= limit
    if kept != text:
        assert size(quoted(text)) > limit
        assert kept.endswith("…")
        assert text.startswith(kept[:-1])
        assert size(quoted(text[: len(kept)] + "…")) > limit  # as much as fits


@given(VALUES, st.integers(5, 100))
def test_a_value_is_whole_or_the_beginning_of_its_text(value: object, limit: int) -> None:
    kept = cut_value(value, limit)
    shown = quoted(kept) if isinstance(kept, str) else codec.compact(kept)
    assert size(shown) <= limit
    if kept is not value:
        assert isinstance(kept, str)
        assert kept.endswith("…")
        whole = value if isinstance(value, str) else codec.compact(value)
        assert whole.startswith(kept[:-1])


def test_a_value_of_any_size_and_depth() -> None:
    deep: object = 1
    for _ in range(100_000):
        deep = [deep]
    assert cut_value(deep, 20) == "[" * 15 + "…"
    assert cut_value({"a": ["x" * 1_000_000] * 3}, 20) == '{"a":["xxxxx…'
    assert cut_value({"k" * 1_000_000: 1}, 20) == '{"kkkkkkkkkkkk…'
    assert cut_value(codec.Literal("9" * 1_000_000), 20) == "9" * 15 + "…"
    assert cut_value(10**300, 20) == "1" + "0" * 14 + "…"
    assert cut_value(list(range(1_000_000)), 20) == "[0,1,2,3,4,5,6,…"


def test_a_number_that_is_no_python_number_stays_one() -> None:
    number = codec.decode("1e400")
    assert cut_value(number, 20) is number
