"""Tests of typed reads: they return the value if its type fits, else the empty value of that type."""

import pytest

from session.text.typed import as_list, as_object, count_at, list_at, object_at, text_at

HOLDER = {"text": "a", "list": [1], "object": {"b": 2}, "count": 3, "true": True, "null": None, "real": 1.5}


@pytest.mark.parametrize(
    ("read", "key", "empty"),
    [(text_at, "text", ""), (list_at, "list", []), (object_at, "object", {}), (count_at, "count", 0)],
)
def test_a_value_of_another_type_counts_as_missing(read: object, key: str, empty: object) -> None:
    assert callable(read)
    for each in (*HOLDER, "absent"):
        assert read(HOLDER, each) == (HOLDER[each] if each == key else empty)


def test_values_by_themselves() -> None:
    assert (as_list([1]), as_list({"a": 1}), as_object({"a": 1}), as_object([1])) == ([1], [], {"a": 1}, {})
