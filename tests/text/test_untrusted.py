"""Tests that text from other sources is harmless for a person or a terminal."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.text.untrusted import one_line, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("plain text, été, 工作流, 🚀", "plain text, été, 工作流, 🚀"),
        ("\x1b[2J", "\\u001b[2J"),
        ("\x1b]0;title\x07", "\\u001b]0;title\\u0007"),
        ("\x9b2J", "\\u009b2J"),
        ("\x7f\x00", "\\u007f\\u0000"),
        ("a\nb\tc\rd", "a\\u000ab\\u0009c\\u000dd"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\u2066\u2069", "\\u2066\\u2069"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("line\u2028paragraph\u2029", "line\\u2028paragraph\\u2029"),
        ("tag\U000e0041", "tag\\udb40\\udc41"),
        ("\U000e0000\U000e0100\U000e01ef", "\\udb40\\udc00\\udb40\\udd00\\udb40\\uddef"),
        ("\u2764\ufe0f", "\u2764\ufe0f"),
        ("lone\ud800", "lone\\ud800"),
        ("back\\slash", "back\\slash"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_what_is_to_be_kept() -> None:
    assert visible("a\n\tb\x1b\r", keep="\n\t") == "a\n\tb\\u001b\\u000d"


@given(st.text())
def test_nothing_invisible_is_left(text: str) -> None:
    assert not {unicodedata.category(char) for char in visible(text)} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert visible(visible(text)) == visible(text)


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_json_stays_the_same_json(text: str) -> None:
    assert json.loads(visible(json.dumps(text, ensure_ascii=False))) == text


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("short", 200, "short"),
        ("a\nb\r\nc\td", 200, "a\\nb\\r\\nc\\td"),
        ("\x1b[31m", 200, "\\u001b[31m"),
        ("x" * 200, 200, "x" * 200),
        ("x" * 201, 200, "x" * 200 + "… (1 more characters)"),
        ("abcdef", 3, "abc… (3 more characters)"),
        ("", 0, ""),
    ],
)
def test_one_line(text: str, limit: int, shown: str) -> None:
    assert one_line(text, limit) == shown


@given(st.text())
def test_one_line_is_one(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
