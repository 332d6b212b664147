"""Tests of parts of file names made from names of branches."""

import re

import pytest
import slugify
from hypothesis import given
from hypothesis import strategies as st

from session.text.slug import slug


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [
        ("feat/x", 50, "feat-x"),
        ("release/v1.2", 50, "release-v1-2"),
        ("feat/été", 50, "feat-ete"),
        ("Feat/JIRA-12_Thing", 50, "Feat-JIRA-12-Thing"),
        ("a  b//c", 50, "a-b-c"),
        ("../../etc/passwd", 50, "etc-passwd"),
        ("/", 50, ""),
        ("\x1b[2J", 50, "2J"),
        ("x" * 60, 50, "x" * 50),
        ("ab/cd", 3, "ab"),
        ("feat", 0, ""),
        ("feat", -5, ""),
    ],
)
def test_slug(text: str, room: int, expected: str) -> None:
    assert slug(text, room) == expected


@given(st.text(), st.integers(-3, 60))
def test_always_fit_for_a_file_name(text: str, room: int) -> None:
    assert re.fullmatch(r"([A-Za-z0-9]+(-[A-Za-z0-9]+)*)?", slug(text, room))
    assert len(slug(text, room)) <= max(room, 0)


@given(st.from_regex(r"[A-Za-z0-9/._-]{0,14}", fullmatch=True), st.integers(1, 14))
def test_plain_names_become_what_slugify_makes_of_them(text: str, room: int) -> None:
    assert slug(text, room) == slugify.slugify(text, lowercase=False, max_length=room)
