"""The JSON codec: a document survives reading and writing; any other text is refused with a one-line reason."""

import json
import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from session.errors import SessionError
from session.store import codec

SURROGATES = st.characters(categories=["Cs"])
TEXTS = st.text(st.characters() | SURROGATES)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=30)


def plain(value: Any) -> Any:
    """Return `value` as it reads back: a double that is written without a point becomes an integer."""
    if isinstance(value, float):
        # not int(value): 44670637893126128 as a double is written 44670637893126130
        return int(Decimal(repr(value))) if value.is_integer() and abs(value) < 1e21 else value
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def same(one: Any, other: Any) -> bool:
    """Return True if two values are equal, also in types and order of keys, which `==` ignores."""
    return type(one) is type(other) and repr(one) == repr(other)


@settings(deadline=None)
@given(VALUES)
def test_what_was_written_reads_back(value: Any) -> None:
    # two lone halves that met are one character from then on
    value = json.loads(json.dumps(value))
    assert same(codec.decode_bytes(codec.encode(value), exact=True), plain(value))
    assert same(codec.decode(codec.compact(value)), plain(value))


@settings(deadline=None)
@given(VALUES)
def test_writing_settles(value: Any) -> None:
    once = codec.encode(value)
    assert codec.encode(codec.decode_bytes(once, exact=True)) == once


@settings(deadline=None)
@given(VALUES)
def test_the_json_package_reads_what_we_write(value: Any) -> None:
    value = json.loads(json.dumps(value))
    assert same(json.loads(codec.encode(value)), plain(value))


@settings(deadline=None)
@given(VALUES)
def test_we_read_what_the_json_package_writes(value: Any) -> None:
    value = json.loads(json.dumps(value))
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert same(codec.decode(text), value)


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
@example(5e-324)
@example(1.7976931348623157e308)
@example(-1e-7)
@example(123456789012345680000.0)
def test_a_double_keeps_its_value_and_the_shortest_form(value: float) -> None:
    text = codec.real(value)
    assert float(text) == value
    assert len(text.lstrip("-").split("e")[0].replace(".", "").strip("0")) <= 17
    assert not text.endswith((".0", "."))
    assert "e0" not in text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1.0", "1"),
        ("-0", "0"),
        ("-0.0", "0"),
        ("1E2", "100"),
        ("100e-2", "1"),
        ("1e20", "100000000000000000000"),
        ("1e21", "1e+21"),
        ("123e-20", "1.23e-18"),
        ("0.000001", "0.000001"),
        ("0.0000001", "1e-7"),
        ("5e-324", "5e-324"),
        ("2e-324", "0"),
        ("9007199254740991", "9007199254740991"),
        ("9007199254740993", "9007199254740993"),
        ("9007199254740993.0", "9007199254740992"),
        ("1.7976931348623159e308", "1.7976931348623159e308"),
        ("1e400", "1e400"),
        ("-1E+400", "-1E+400"),
        ("1" * 5000, "1" * 5000),
        (r'"\u0041\/\u00e9"', '"A/é"'),
        (r'"\b\f\n\r\t\"\\"', r'"\b\f\n\r\t\"\\"'),
        (r'"\u0000\u001f\u007f"', '"\\u0000\\u001f\x7f"'),
        ('"\u2028\u2029"', '"\u2028\u2029"'),
        (r'"\ud83d\ude00"', '"😀"'),
        (r'"\uD800"', r'"\ud800"'),
        (r'"\ude00\ud83d"', r'"\ude00\ud83d"'),
        ('{"a":1,"b":2,"a":3}', '{\n  "a": 3,\n  "b": 2\n}'),
        ('{"b":1,"10":2,"9":3}', '{\n  "b": 1,\n  "10": 2,\n  "9": 3\n}'),
        ('{"__proto__":{"":[]}}', '{\n  "__proto__": {\n    "": []\n  }\n}'),
        (" [ ] ", "[]"),
        ("[{},[null,true,false]]", "[\n  {},\n  [\n    null,\n    true,\n    false\n  ]\n]"),
    ],
)
def test_written_forms(text: str, written: str) -> None:
    assert codec.encode(codec.decode(text)) == written.encode()


def test_numbers_beyond_a_double_are_not_strings() -> None:
    assert codec.compact(codec.decode('[1e400,"1e400"]')) == '[1e400,"1e400"]'


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_json_has_no_number_for_is_null(value: float) -> None:
    assert codec.encode([value]) == b"[\n  null\n]"


def test_a_value_that_json_has_no_form_for_is_a_bug() -> None:
    for write in (codec.encode, codec.compact):
        with pytest.raises(TypeError, match="not JSON: set"):
            write([set()])


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "nul",
            "True",
            "NaN",
            "Infinity",
            "-Infinity",
            "-",
            "+1",
            "01",
            "-01",
            ".5",
            "5.",
            "1e",
            "1e+",
            "0x1",
        ),
        *("'a'", '"', '"\\"', '"\n"', '"\x00"', '"\x1f"', r'"\x41"', r'"\u12"', r'"\u+123"', r'"\u 123"', r'"\u12_3"'),
        *(
            "[",
            "]",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{",
            "}",
            "{,}",
            '{"a"}',
            '{"a":}',
            '{"a":1,}',
            "{a:1}",
            "{1:1}",
            '{"a":1 "b":2}',
        ),
        *(
            "\ufeff1",
            "\xa01",
            "1\x0b",
            "1\x0c",
            "1\u2028",
            "1 2",
            "[] []",
            "null,",
            "٣",
            "1٣",
            "-٣",
            "1.٣",
            "1e٣",
            r'"\u٣٣٣٣"',
        ),
        *("//\n1", "/**/1", "[1]\x00", "\x00", '{"a":1}}', "[" * 100_000, '{"a":' * 100_000, "[" * 5_000 + "]" * 4_999),
    ],
)
@pytest.mark.parametrize("finite", [False, True])
def test_what_is_not_json_is_refused_with_one_line(text: str, finite: bool) -> None:
    with pytest.raises(codec.NotJSON) as refused:
        codec.decode(text, finite=finite)
    assert "\n" not in str(refused.value)
    assert str(refused.value)


@pytest.mark.parametrize(
    "number", ["1e400", "-1e400", "1.7976931348623159e308", "1E999", "0.1e310", "1" + "0" * 320 + ".0"]
)
@pytest.mark.parametrize("form", ["%", "[0, %]", '{"a": {"b": %}}', "[" * 3_000 + "%" + "]" * 3_000])
def test_finite_refuses_numbers_beyond_a_double(number: str, form: str) -> None:
    text = form.replace("%", number)
    with pytest.raises(codec.NotJSON, match="beyond the range of a number"):
        codec.decode(text, finite=True)
    assert codec.compact(codec.decode(text)) == text.replace(" ", "")


@pytest.mark.parametrize(
    "text", ["1e308", "1.7976931348623158e308", "-1e-400", "5e-324", "0e999", "1" * 400, '"1e400"']
)
def test_finite_takes_every_other_number(text: str) -> None:
    assert same(codec.decode(text, finite=True), codec.decode(text))


def test_depth_has_no_limit() -> None:
    for text in ("[" * 100_000 + "]" * 100_000, '{"a":[' * 10_000 + "1e400" + "]}" * 10_000):
        assert codec.compact(codec.decode(text)) == text
    deep = codec.decode("[" * 2_000 + "]" * 2_000)
    lines = codec.encode(deep).decode().split("\n")
    assert lines[:2] == ["[", "  ["]
    assert lines[1_999] == "  " * 1_999 + "[]"
    assert len(lines) == 3_999


def test_indentation_has_a_limit() -> None:
    """Indentation grows with the square of the depth: a text of a few kilobytes must not take all memory."""
    for opening, closing in (("[", "]"), ('{"a":[', "]}")):
        text = opening * (12_000 // len(closing)) + closing * (12_000 // len(closing))
        value = codec.decode(text)
        with pytest.raises(SessionError, match="nested so deeply"):
            codec.encode(value)
        assert codec.compact(value) == text


def test_bytes_may_begin_with_a_byte_order_mark() -> None:
    assert codec.decode_bytes(b'\xef\xbb\xbf{"a": 1}\r\n', exact=True) == {"a": 1}
    with pytest.raises(codec.NotJSON):
        codec.decode_bytes(b"\xef\xbb\xbf" * 2 + b"1", exact=True)


def test_invalid_utf8_is_replaced_or_refused() -> None:
    body = b'{"a": "x\xffy\xe2\x82"}'
    assert codec.decode_bytes(body, exact=False) == {"a": "x\ufffdy\ufffd"}
    with pytest.raises(codec.NotJSON, match=r"^invalid UTF-8 at byte 8$"):
        codec.decode_bytes(body, exact=True)
    # a surrogate in UTF-8 is not UTF-8, an escaped one is fine
    with pytest.raises(codec.NotJSON, match=r"^invalid UTF-8 at byte 1$"):
        codec.decode_bytes(b'"\xed\xa0\x80"', exact=True)
    assert codec.decode_bytes(b'"\\ud800"', exact=True) == "\ud800"
