r"""Documents that mix the line breaks `\n`, `\r` and `\r\n`: an edit never joins two of them to one."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from session.conversation import edit, markdown_lines
from session.conversation.document import Document
from session.conversation.sync import sync
from session.errors import SessionError
from tests.conversation.test_edit import NOW
from tests.conversation.texts import PIECES, VALUES

BREAKS = st.sampled_from(["\n", "\r", "\r\n"])
LINES = st.sampled_from([*PIECES, "", "", "## Covered", "## Metadata"])
FRONTS = st.builds(
    lambda ends, value: f"---{ends[0]}status:{ends[1]}- a{ends[2]}{value}{ends[3]}last_updated: x{ends[4]}---{ends[5]}",
    st.lists(BREAKS, min_size=6, max_size=6),
    st.sampled_from(["", "mode: m"]),
)
DOCUMENTS = st.builds(
    lambda front, pairs, last: front + "".join(line + end for line, end in pairs) + last,
    st.just("") | FRONTS,
    st.lists(st.tuples(LINES, BREAKS), max_size=12),
    st.sampled_from(["", "", "text", "## Covered"]),
)
FIELDS = st.sampled_from(["Focus", "status", "New"])
SECTIONS = st.sampled_from(["Covered", "Tests", "New"])
CONTENTS = st.sampled_from(["", "\n", "a\r\rb", []]) | VALUES | st.lists(VALUES, max_size=2)
CHANGES = st.dictionaries(SECTIONS, CONTENTS, max_size=3) | st.builds(
    lambda fields, rest: {"Metadata": fields, **rest},
    st.dictionaries(FIELDS, VALUES, max_size=2),
    st.dictionaries(SECTIONS, CONTENTS, max_size=2),
)


def front_lines(document: Document) -> Iterator[int]:
    """The lines of the frontmatter: their values may change."""
    yield from range(1, document.front_end)


def check_other_lines(old: Document, new: Document, changed: Iterable[int]) -> None:
    """All lines but the changed ones are still there, in order and byte for byte."""
    changed = {*changed, *front_lines(old)}
    if old.lines and not markdown_lines.ending(old.lines[-1]):
        changed.add(len(old.lines) - 1)  # a line below it gives it a line break
    rest = iter(new.lines)
    for at, line in enumerate(old.lines):
        if at not in changed:
            assert line in rest, (at, line)


@given(DOCUMENTS, CHANGES)
@example("## Metadata\n## Covered\r", {"Covered": ""})
@example("## Covered\r## Metadata\n", {"Covered": ["x"], "New": ["y"]})
@example("x\n## Covered\r\n- a\n- b\r", {"New": "y"})
@example("---\nstatus:\r- a\n\nmode: m\n---\n", {"Metadata": {"status": "v"}})
def test_sync(text: str, changes: dict[str, Any]) -> None:
    old = Document(text)
    try:
        once, names = sync(text, changes, NOW)
    except SessionError:
        return
    assert sync(once, changes, NOW)[0] == once
    new = Document(once)
    changed: set[int] = set()
    replaced = [section for name in names if name != "Metadata" for section in old.find(name)]
    for section in replaced:
        changed.update(old.own(section))
    fields = {name.casefold() for name in changes.get("Metadata", ())}
    for section in old.find("Metadata"):
        changed.update(at for at, field in old.fields(section) if field.name.casefold() in fields)
    check_other_lines(old, new, changed)
    for section, same in zip(old.sections, new.sections, strict=False):
        before = [old.bare[at] for at in old.own(section)]
        after = [new.bare[at] for at in new.own(same)]
        if section == old.sections[-1]:  # empty lines come between it and a new section
            after = [*after[: len(before)], *filter(None, after[len(before) :])]
        inserted = len(new.fields(same)) - len(old.fields(section))
        if section not in replaced:
            assert len(after) == len(before) + inserted
        if section not in replaced and section.name.casefold() != "metadata":
            assert after == before


@given(DOCUMENTS, FIELDS, VALUES)
@example("## Metadata\r\n\n", "New", "x")
@example("## Metadata\r\r\n\n", "New", "x")
@example("a\r## Metadata\n\n- **Focus:** x\r", "New", "y")
@example("---\nstatus:\r- a\n\nmode: m\n---\n", "status", "v")
def test_update(text: str, field: str, value: str) -> None:
    old = Document(text)
    try:
        once = edit.update(text, field, value, NOW)
    except SessionError:
        return
    assert edit.update(once, field, value, NOW) == once
    new = Document(once)
    places = old.field_lines(field, "Metadata", "Progress")
    check_other_lines(old, new, (at for at, _ in places))
    is_inserted = not places and bool(old.find("Metadata"))
    assert len(new.bare) - new.front_end == len(old.bare) - old.front_end + is_inserted


@given(DOCUMENTS, SECTIONS, VALUES | st.sampled_from(["\nx", "\n", "x\r\r"]))
@example("a\n## Covered\r", "Covered", "\nx")
@example("a\r## Covered\r\n\n\n## Tests", "Covered", "x")
@example("a\n\r", "New", "x")
def test_append(text: str, section: str, addition: str) -> None:
    old = Document(text)
    try:
        new = Document(edit.append(text, section, addition, NOW))
    except SessionError:
        return
    check_other_lines(old, new, ())
    body = markdown_lines.escape(addition)
    below = new.find(section)[0].at
    if not old.find(section):
        body = ["", *body]
    else:
        below = edit._end_of_text(old, old.find(section)[0]) - 1 + new.front_end - old.front_end
    added = new.bare[below + 1 : below + 1 + len(body)]
    assert added == body or (added == body[:-1] and body[-1] == "")  # an empty last line may lack a line break
    before = old.body if old.front_end else 0
    outside = [*new.bare[new.body : below + 1], *new.bare[below + 1 + len(body) :]]
    if old.find(section):
        assert outside == old.bare[before:]


INSERTIONS = st.lists(
    st.tuples(st.integers(0, 40), st.lists(st.sampled_from(["", "x", "- y"]), min_size=1, max_size=4))
)


@given(DOCUMENTS, INSERTIONS)
def test_every_inserted_line_is_one_line(text: str, insertions: list[tuple[int, list[str]]]) -> None:
    document = Document(text)
    plan = edit.Edit(document)
    bodies: dict[int, list[str]] = {}
    for place, body in insertions:
        at = document.body + place % (len(document.lines) - document.body + 1)
        if at < len(document.lines) and at not in bodies:
            bodies[at] = body
            plan.insert_lines(at, body)
    try:
        new = Document(plan.text())
    except SessionError:
        return
    expected = [line for at, old in enumerate(document.bare) for line in (*bodies.get(at, ()), old)]
    assert new.bare == expected


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("## Metadata\n## Covered\r", "## Metadata\n## Covered\r\r\n"),
        ("## Metadata\n## Covered\r- a\r## B\r", "## Metadata\n## Covered\r\r\n\n\n## B\r"),
        ("## Metadata\r## Covered\n", "## Metadata\r## Covered\n\r"),
        ("a\nb\r", "a\nb\r\r\n\n## Covered\n\n"),
    ],
)
def test_a_new_line_between_ends_in_both(text: str, new: str) -> None:
    assert sync(text, {"Covered": ""}, NOW)[0] == new
    assert sync(new, {"Covered": ""}, NOW)[0] == new


def test_a_new_line_before_a_line_feed() -> None:
    assert edit.update("a\r## Metadata\r\n\nb", "F", "v", NOW) == "a\r## Metadata\r\n- **F:** v\r\n\nb"
