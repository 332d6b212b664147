"""The reader of JSON objects: it returns an object, or an error line that names the file."""

import pytest

from session.errors import SessionError
from session.store.json_document import kind_of, object_or_none, parse_object


class Odd(SessionError):
    """An error class of the caller."""


def test_an_object() -> None:
    assert parse_object(b'\xef\xbb\xbf{"a": 1e400}', "f") == {"a": "1e400"}
    assert object_or_none(b'{"a": [1]}') == {"a": [1]}


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"", "f is not valid JSON: expected a value at character 0 (h)"),
        (b"\xff", "f is not valid JSON: invalid UTF-8 at byte 0 (h)"),
        (b"null", "f is not a list of x: it holds null (h)"),
        (b"[1]", "f is not a list of x: it holds an array (h)"),
        (b"1", "f is not a list of x: it holds a bare value (h)"),
    ],
)
def test_anything_else_is_one_line(body: bytes, line: str) -> None:
    with pytest.raises(Odd) as caught:
        parse_object(body, "f", hint="h", error=Odd, expected="a list of x")
    assert str(caught.value) == line
    assert object_or_none(body) is None


def test_invalid_utf8_is_read_where_nothing_is_rewritten() -> None:
    assert parse_object(b'{"a": "\xff"}', "f", exact=False) == {"a": "\ufffd"}
    assert object_or_none(b'{"a": "\xff"}', exact=False) == {"a": "\ufffd"}
    assert object_or_none(None) is None


def test_kinds() -> None:
    assert [kind_of(value) for value in (None, {}, [], "", 0, False)] == [
        "null",
        "an object",
        "an array",
        *3 * ["a bare value"],
    ]
