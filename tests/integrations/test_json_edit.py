"""Edits of JSON texts: the rest of the text stays, the values are right, and every edit can be undone."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from session.integrations.json_edit import Document, undo_edits
from session.store import codec

QUICK = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
KEYS = st.text(max_size=5) | st.sampled_from(["a", "hooks", 'q"\\', "{", "é"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)
SPACE = st.text(" \t\r\n", max_size=3)


@st.composite
def texts(draw: st.DrawFn, values: st.SearchStrategy[Any] = OBJECTS) -> str:
    """Draw a JSON text with any white space, with or without escapes and a byte order mark."""

    def spell(value: Any) -> str:
        if isinstance(value, dict):
            members = (f"{space()}{spell(key)}{space()}:{space()}{spell(item)}{space()}" for key, item in value.items())
            return "{" + (",".join(members) or space()) + "}"
        if isinstance(value, list):
            return "[" + (",".join(f"{space()}{spell(item)}{space()}" for item in value) or space()) + "]"
        return json.dumps(value, ensure_ascii=draw(st.booleans()))

    def space() -> str:
        return draw(SPACE)

    if draw(st.booleans()):  # in the usual formats of people and programs
        indent = draw(st.sampled_from([None, 0, 1, 2, 4, "\t"]))
        text = json.dumps(draw(values), indent=indent, ensure_ascii=False)
        return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))) + draw(st.sampled_from(["", "\n"]))
    return draw(st.sampled_from(["", "\ufeff"])) + space() + spell(draw(values)) + space()


def decoded(text: str) -> Any:
    return codec.decode(text.removeprefix("\ufeff"))


@given(text=texts(), key=KEYS, value=VALUES)
@QUICK
def test_a_member_is_added_and_removed_again(text: str, key: str, value: Any) -> None:
    document = Document(text)
    old = document.items(document.root)
    document.append(document.root, value, key)
    assert decoded(document.text) == {**decoded(text), key: value}
    assert [item.key for item in document.items(document.root)] == [*(item.key for item in old), key]
    # the old text is unchanged
    place = document.undo[0].start
    assert document.text[:place] == text[:place]
    assert undo_edits(document.text, document.undo) == text
    document.remove(document.root, len(old))
    if old:
        assert document.text == text
    else:
        assert document.text == text[: document.root + 1] + text[text.rindex("}") :]
    assert undo_edits(document.text, document.undo) == text


@given(text=texts(st.lists(VALUES, max_size=4)), value=VALUES)
@QUICK
def test_an_element_is_added_and_removed_again(text: str, value: Any) -> None:
    document = Document(text)
    count = len(document.items(document.root))
    document.append(document.root, value)
    assert decoded(document.text) == [*decoded(text), value]
    document.remove(document.root, count)
    assert document.text == text or not count
    assert decoded(document.text) == decoded(text)


@given(text=texts(st.lists(VALUES, min_size=1, max_size=4)), data=st.data())
@QUICK
def test_any_item_is_removed_or_replaced(text: str, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(decoded(text)) - 1))
    document = Document(text)
    document.put(document.items(document.root)[index], {"new": [1]})
    expected = decoded(text)
    expected[index] = {"new": [1]}
    assert decoded(document.text) == expected
    document.remove(document.root, index)
    del expected[index]
    assert decoded(document.text) == expected
    assert undo_edits(document.text, document.undo) == text


@given(text=texts(VALUES))
@QUICK
def test_items_tell_what_is_where(text: str) -> None:
    document = Document(text)

    def check(at: int, value: Any) -> None:
        items = document.items(at)
        if isinstance(value, dict):
            assert [item.key for item in items] == list(value)
            inner = list(value.values())
        else:
            inner = value if isinstance(value, list) else []
            assert [item.key for item in items] == [None] * len(inner)
        for item, part in zip(items, inner, strict=True):
            assert decoded(document.text[item.value : item.end]) == part == document.value(item.value)
            check(item.value, part)

    check(document.root, decoded(text))


STYLES = {
    "{}": '{\n  "k": {\n    "v": [\n      1\n    ]\n  }\n}',
    "{ }\n": '{\n  "k": {\n    "v": [\n      1\n    ]\n  }\n}\n',
    "{\n}\n": '{\n  "k": {\n    "v": [\n      1\n    ]\n  }\n}\n',
    '{"a":1}': '{"a":1,"k":{"v":[1]}}',
    '{"a": 1}': '{"a": 1, "k": {"v": [1]}}',
    '{ "a": 1 }': '{ "a": 1, "k": {"v": [1]} }',
    '{\n    "a": 1\n}\n': '{\n    "a": 1,\n    "k": {\n        "v": [\n            1\n        ]\n    }\n}\n',
    '{\r\n\t"a": 1\r\n}': '{\r\n\t"a": 1,\r\n\t"k": {\r\n\t\t"v": [\r\n\t\t\t1\r\n\t\t]\r\n\t}\r\n}',
    '{"a": 1,\n "b": 2}': '{"a": 1,\n "b": 2,\n "k": {\n   "v": [\n     1\n   ]\n }}',
}


@pytest.mark.parametrize("text", STYLES)
def test_what_is_added_takes_on_the_style(text: str) -> None:
    document = Document(text)
    document.append(document.root, {"v": [1]}, "k")
    assert document.text == STYLES[text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a":{"b":[]}}', '{"a":{"b":[{"x":1}]}}'),
        ('{"a": {"b": [ ]}}', '{"a": {"b": [{"x": 1}]}}'),
        ('{\n  "a": {"b": []}\n}', '{\n  "a": {"b": [\n    {\n      "x": 1\n    }\n  ]}\n}'),
        ('{"a": {"b": [1]}}', '{"a": {"b": [1, {"x": 1}]}}'),
        ('{"a":{"b":[1,\n2]}}', '{"a":{"b":[1,\n2,\n{\n  "x": 1\n}]}}'),
    ],
)
def test_deeper_down(text: str, expected: str) -> None:
    document = Document(text)
    outer = document.items(document.root)[0].value
    document.append(document.items(outer)[0].value, {"x": 1})
    assert document.text == expected


NOT_JSON = [
    *("", " ", "\ufeff", "{", '{"a": 1,}', "{'a': 1}", "{a: 1}", '{"a": NaN}', "{} {}", "[1] x", '{"a": "\n"}'),
    *('// no\n{"a": 1}', '{"a": 1 /* no */}', "\ufeff\ufeff{}", '{"a": 01}', "{\x0c}", '{"a":\u00a01}'),
]


@pytest.mark.parametrize("text", NOT_JSON)
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(codec.NotJSON):
        Document(text)


def test_depth_and_length_are_no_matter() -> None:
    deep = '{"deep": ' + "[" * 10_000 + "]" * 10_000 + ', "long": "' + '\\"{[' * 1_000_000 + '", "\\ud800": 1e400}'
    document = Document(deep)
    assert [item.key for item in document.items(document.root)] == ["deep", "long", "\ud800"]
    document.append(document.root, 1, "x")
    assert document.text == deep[:-1] + ', "x": 1}'
    document.remove(document.root, 0)
    assert document.text.startswith('{"long": "')
    assert undo_edits(document.text, document.undo) == deep


def test_keys_that_occur_twice_are_both_told() -> None:
    document = Document('{"a": 1, "\\u0061": 2}')
    assert [(item.key, document.value(item.value)) for item in document.items(document.root)] == [("a", 1), ("a", 2)]
