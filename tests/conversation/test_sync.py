"""sync: it sets sections by name, all or none, in the layout of the original script."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.conversation import markdown_lines
from session.conversation.document import Document
from session.conversation.sync import InvalidSections, sync
from session.errors import SessionError
from session.store import codec
from tests.conversation.conftest import GOLD
from tests.conversation.test_edit import NOW, STAMPED
from tests.conversation.texts import DOCUMENTS, VALUES

NAMES = st.sampled_from(
    ["Covered", "covered", "Topics", "Tests", "Metadata", "Progress", "Artifacts", "New", ".*", "C++"]
)
WANTED = st.dictionaries(
    NAMES,
    VALUES
    | st.lists(VALUES, max_size=3)
    | st.dictionaries(st.sampled_from(["Focus", "status", "C++", ".*"]), VALUES, max_size=3)
    | st.none(),
    max_size=4,
)


@given(DOCUMENTS, WANTED)
def test_all_or_none(text: str, wanted: dict[str, Any]) -> None:
    old = Document(text)
    try:
        new_text, names = sync(text, wanted, NOW)
    except SessionError:
        return
    assert names == list(wanted)
    new = Document(new_text)
    known = old.outline()
    assert new.outline()[: len(known)] == known
    for name, value in wanted.items():
        assert new.find(name) or not value
        if isinstance(value, list):
            for section in new.find(name):
                items = [item for at in new.own(section) if (item := markdown_lines.item(new.bare[at])) is not None]
                assert items == [markdown_lines.flat(item).strip(" \t") for item in value]
        elif isinstance(value, dict):
            for key, told in value.items():
                fields = {field.name.casefold(): field.value for _, field in new.fields(new.find(name)[0])}
                assert fields[key.casefold()].strip(" \t") == markdown_lines.flat(told).strip(" \t")


@given(DOCUMENTS, WANTED)
def test_again_it_changes_nothing(text: str, wanted: dict[str, Any]) -> None:
    try:
        once, _ = sync(text, wanted, NOW)
    except SessionError:
        return
    assert sync(once, wanted, NOW)[0] == once


def test_what_is_not_named_stays() -> None:
    wanted = STAMPED.replace("**Overall:** 75%", "**Overall:** 76%")
    assert sync(GOLD, {"Progress": {"Overall": "76%"}}, NOW) == (wanted, ["Progress"])


@pytest.mark.parametrize(
    ("text", "wanted", "new"),
    [
        ("## A\n- x\n- y\n\n## B\n", {"a": ["n"]}, "## A\n\n- n\n\n## B\n"),
        ("## A\n## B\n", {"A": "t\nu"}, "## A\n\nt\nu\n\n## B\n"),
        ("## A\nx\n### B\ny\n", {"A": ["n"]}, "## A\n\n- n\n\n### B\ny\n"),
        ("## A\nx\n### B\ny\n", {"b": ["n"]}, "## A\nx\n### B\n\n- n"),
        ("## A\n### A\n## C\n", {"A": ["n"]}, "## A\n\n- n\n\n### A\n## C\n"),
        ("## A\nx\n## C\n\n## a\ny\n## D", {"A": ["n"]}, "## A\n\n- n\n\n## C\n\n## a\n\n- n\n\n## D"),
        ("## A\r\nx\r\n\r\n## B\r\n", {"A": "t\nu"}, "## A\r\n\r\nt\r\nu\r\n\r\n## B\r\n"),
        ("## A\nx\n\n## B\n", {"A": []}, "## A\n\n\n\n## B\n"),
        ("## A\nx\n\n## B\n", {"A": ""}, "## A\n\n\n\n## B\n"),
        ("t", {"A": ["n"], "B": "u"}, "t\n\n## A\n\n- n\n\n## B\n\nu"),
        ("## A\n- a\n", {"A": ["1\n## 2", "- x", ""]}, "## A\n\n- 1 ## 2\n- - x\n- "),
        ("## A\n## B\n", {"A": "## h\n x\n---\n\\## h"}, "## A\n\n\\## h\n x\n\\---\n\\## h\n\n## B\n"),
        ("## A\n## B\n", {"A": "```\n## h\n```"}, "## A\n\n```\n## h\n```\n\n## B\n"),
        ("## A\n## B\n", {"A": "```\n## h"}, "## A\n\n\\```\n\\## h\n\n## B\n"),
        ("## A\n## B\n", {"A": "<!--"}, "## A\n\n\\<!--\n\n## B\n"),
    ],
)
def test_layout(text: str, wanted: dict[str, Any], new: str) -> None:
    assert sync(text, wanted, NOW)[0] == new


FIELDS: list[tuple[str, dict[str, Any], str]] = [
    (
        "## Progress\n- **A:** b\n",
        {"progress": {"a": "c", "N": "1", "M": "2"}},
        "## Progress\n- **N:** 1\n- **M:** 2\n- **A:** c\n",
    ),
    ("t\n", {"Metadata": {"A": "1", "B": "2"}}, "t\n\n\n## Metadata\n\n- **A:** 1\n- **B:** 2"),
    (
        "## Metadata\n- **A:** x\n## Metadata\n- **A:** y\n- **B:** z\n",
        {"Metadata": {"A": "1", "B": "2"}},
        "## Metadata\n- **A:** 1\n## Metadata\n- **A:** 1\n- **B:** 2\n",
    ),
    (
        "## Metadata\n- **A:** x\n## B\n- **A:** y\n",
        {"Metadata": {"A": "1"}},
        "## Metadata\n- **A:** 1\n## B\n- **A:** y\n",
    ),
    (
        "---\nstatus: x\n---\n## Metadata\n- **Status:** x\n",
        {"Metadata": {"status": "y"}},
        "---\nstatus: y\n---\n## Metadata\n- **Status:** y\n",
    ),
    (
        "---\nstatus: x\n---\n## Progress\n",
        {"Progress": {"status": "y"}},
        "---\nstatus: x\n---\n## Progress\n- **status:** y\n",
    ),
    ("t", {"Metadata": {}}, "t"),
]


@pytest.mark.parametrize(("text", "wanted", "new"), FIELDS)
def test_fields(text: str, wanted: dict[str, Any], new: str) -> None:
    assert sync(text, wanted, NOW)[0] == new


HINT = "*Files created during this conversation*"


WHOLE = {"name": "a", "classification": "permanent", "path": "b/"}


@pytest.mark.parametrize(
    ("text", "value", "body"),
    [
        ("x\n", [WHOLE], f"{HINT}\n- a (permanent, b/)"),
        ("", [{}, "plain"], f"{HINT}\n- Unknown (temporary, )\n- plain"),
        ("", [{"name": "a\nb", "size": 1}], f"{HINT}\n- a b (temporary, )"),
        ("*Mine*\nx\n", ["a"], "*Mine*\n- a"),
        ("* item*\n", [], HINT),
        ("x\n## N\n", [], f"{HINT}\n\n## N\n"),
        ("", "text", f"{HINT}\ntext"),
    ],
)
def test_artifacts(text: str, value: object, body: str) -> None:
    assert sync(f"## Artifacts\n{text}", {"artifacts": value}, NOW)[0] == f"## Artifacts\n\n{body}"
    assert sync("", {"Artifacts": ["a"]}, NOW)[0] == f"\n\n## Artifacts\n\n{HINT}\n- a"


@pytest.mark.parametrize(
    ("wanted", "wrong"),
    [
        ({"A": None}, "A: null is neither a list nor text"),
        ({"A": {"b": "c"}}, 'A: {"b":"c"} is neither a list nor text'),
        ({"A": ["x", ["y"]]}, 'A[2]: ["y"] is not text'),
        ({"A": [{"name": "x"}]}, 'A[1]: {"name":"x"} is not text'),
        ({"Artifacts": [{"name": None}]}, "Artifacts[1].name: null is not text"),
        ({"Metadata": "x"}, 'Metadata: "x" is not an object of fields'),
        ({"progress": ["x"]}, 'progress: ["x"] is not an object of fields'),
        ({"Metadata": {"A": 1, "a": True}}, "Metadata.A: 1 is not text; Metadata.a: true is not text"),
        ({"Metadata": {"A": "1", "a ": "2"}}, "Metadata.a: is given twice"),
        ({"Metadata": {" ": "1"}}, "Metadata: a field has no name"),
        ({"A": "1", " a": "2"}, "a: is given twice"),
        ({" ": "1"}, "' ': has no name"),
        ({"a\nb": "1"}, "a\\nb: is no name for a section: it must be one line that does not end in '#'"),
        ({"A": "\0"}, "A: holds a null character"),
        ({"A": ["\ud800"]}, "A[1]: holds half a character (a lone surrogate)"),
        ({"A": codec.Literal("1e400")}, "A: 1e400 is neither a list nor text"),
        ({"A": [codec.Literal("1e400")]}, "A[1]: 1e400 is not text"),
    ],
)
def test_what_is_wrong_is_all_named(wanted: dict[str, Any], wrong: str) -> None:
    with pytest.raises(InvalidSections) as refused:
        sync(GOLD, {"Covered": ["fine"], **wanted, "Topics": 1}, NOW)
    assert refused.value.message == f"✗ Errors: {wrong}; Topics: 1 is neither a list nor text"


def test_a_section_in_so_many_places_that_it_would_be_too_large() -> None:
    with pytest.raises(InvalidSections, match="in 2000 places, that would be too large"):
        sync("## A\n" * 2000, {"A": "x" * 100_000}, NOW)
