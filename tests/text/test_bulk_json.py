"""Tests of long lists as JSON: orjson and the codec write the same bytes."""

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.store import codec
from session.text import bulk_json

VALUES = st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=()), max_size=20)
ROWS = st.lists(st.dictionaries(st.text(max_size=8), VALUES, max_size=4), max_size=8)


@given(ROWS)
def test_the_bytes_are_those_of_the_codec(rows: list[dict[str, Any]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk_json, "MANY_ROWS", 0)
        assert bulk_json.encode_rows(rows) == codec.encode(rows)


def test_few_rows_do_not_load_orjson(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "orjson", None)  # importing it fails
    assert bulk_json.encode_rows([{"a": 1}]) == b'[\n  {\n    "a": 1\n  }\n]'


def test_without_orjson_many_rows_are_written_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "orjson", None)
    rows = [{"a": number} for number in range(bulk_json.MANY_ROWS)]
    assert bulk_json.encode_rows(rows) == codec.encode(rows)


def test_a_number_kept_as_text_stays_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_json, "MANY_ROWS", 0)
    assert bulk_json.encode_rows([codec.Literal("1e400")]) == b"[\n  1e400\n]"
