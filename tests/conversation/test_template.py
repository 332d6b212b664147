"""The document of init: its type and focus come from the message, and no value changes its structure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.conversation.document import Document
from session.conversation.schema import ALIASES, OPENINGS, TYPES
from session.conversation.template import focus_of, known_type, template, type_of
from tests.conversation.texts import VALUES


@pytest.mark.parametrize(
    ("message", "type_"),
    [
        ("", "discussion"),
        ("nothing telling", "discussion"),
        ("Fix it", "build"),
        ("FIND out, then implement", "build"),  # a tie
        ("investigate and explore, then fix", "research"),
        ("discuss the plan", "discussion"),
        ("planning the planet", "discussion"),  # whole words
        ("re-design the road-map of the architect", "planning"),
        ("codes scripts", "discussion"),
        ("plan plan plan build", "build"),  # each word counts once
    ],
)
def test_type(message: str, type_: str) -> None:
    assert type_of(message) == type_


def test_types() -> None:
    assert {word: known_type(word) for word in ALIASES} == ALIASES
    for type_ in TYPES:
        assert known_type(type_.upper()) == known_type(f" {type_} ") == type_
    assert known_type("bogus") is known_type("") is None


@pytest.mark.parametrize(
    ("message", "focus"),
    [
        ("", ""),
        ("  ", ""),
        ("I WANT TO fix it", "Fix it"),
        ("please please me", "Please me"),
        ("pleased", "Pleased"),
        ("please", "Please"),
        ("Let’s go", "Go"),
        ("can you\nfix\r\nthis", "Fix this"),
        ("please   fix", "Fix"),
        ("İ want to", "İ want to"),
        ("x" * 120, "X" + "x" * 119),
        ("x" * 121, "X" + "x" * 119 + "..."),
        ("a" * 60 + " " + "b" * 70, "A" + "a" * 59 + " " + "b" * 59 + "..."),
        ("a" * 61 + " " + "b" * 70, "A" + "a" * 60 + "..."),
        ("a b" * 50, "A b" + "a b" * 38 + "a..."),
    ],
)
def test_focus(message: str, focus: str) -> None:
    assert focus_of(message) == focus


def test_every_opening_is_left_out() -> None:
    for opening in OPENINGS:
        assert focus_of(f"{opening} go on") == "Go on"


@given(VALUES, VALUES, VALUES, st.sampled_from(TYPES))
def test_no_value_changes_the_form(mode: str, focus: str, objective: str, type_: str) -> None:
    document = Document(template("c", type_, "now", mode=mode, focus=focus, objective=objective))
    assert document.outline() == Document(template("c", type_, "now")).outline()
    assert [key for _, key, _ in document.front()] == [
        *("conversation_id", "type", "mode", "status", "created", "last_updated")
    ]
    assert len(document.fields(document.find("Metadata")[0])) == 5


def test_ids_that_yaml_would_misread() -> None:
    assert Document(template("a: b", "build", "now")).front_value("conversation_id") == "a: b"
    assert "\nconversation_id: a:b\n" in template("a:b", "build", "now")
