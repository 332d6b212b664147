"""An edit changes only the intended lines, for any names and values."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from session.conversation import edit, markdown_lines
from session.conversation.document import Document
from session.errors import SessionError
from tests.conversation.conftest import GOLD
from tests.conversation.texts import DOCUMENTS, LINES, VALUES

NOW = "2026-01-02T03:04:05.678+00:00"
STAMPED = GOLD.replace("last_updated: 2025-12-26T16:45:00+00:00", f"last_updated: {NOW}")
NAMES = st.sampled_from(["Focus", "status", "Overall", "Focus (main)", "C++", ".*", "[", "\\1", "é", "A:B"])


@given(DOCUMENTS, NAMES, VALUES)
def test_update_changes_one_field(text: str, name: str, value: str) -> None:
    old = Document(text)
    try:
        new = Document(edit.update(text, name, value, NOW))
    except SessionError as error:
        refused = error.message
    else:
        refused = ""
    if refused:
        has_place = old.find("Metadata") or old.field_lines(name)
        assert "read the same" in refused or ("Could not find" in refused and not has_place)
        return
    assert new.outline() == old.outline()
    assert bool(new.front_end) == bool(old.front_end)
    found = new.field_lines(name, "Metadata", "Progress")
    assert {field.value.strip(" \t") for _, field in found} <= {markdown_lines.flat(value).strip(" \t")}
    if name.casefold() in ("status", "type", "mode") and old.front_value(name) is not None:
        assert (new.front_value(name) or "").strip() == markdown_lines.flat(value).strip()
    changed = set(old.lines) - set(new.lines)
    assert all(
        markdown_lines.field(markdown_lines.bare(line)) or ":" in line or not markdown_lines.ending(line)
        for line in changed
    )


@given(DOCUMENTS, NAMES, VALUES)
def test_update_twice_is_update(text: str, name: str, value: str) -> None:
    try:
        once = edit.update(text, name, value, NOW)
    except SessionError:
        return
    assert edit.update(once, name, value, NOW) == once


@given(VALUES, LINES)
def test_no_value_opens_or_ends_anything(value: str, before: str) -> None:
    """For any text, the heading after it stays a heading, and the text itself has none."""
    assume(not markdown_lines.opens(before))
    body = "\n".join(markdown_lines.escape(value))
    document = Document(f"## A\n\n{body}\n\n## B\n")
    assert document.outline() == [(0, ""), (2, "A"), (2, "B")]
    assert markdown_lines.escape(body) == markdown_lines.lines_of(body)  # to give it back changes nothing


def test_the_gold_example() -> None:
    wanted = STAMPED.replace("**Overall:** 75%", "**Overall:** 80%")
    assert edit.update(GOLD, "overall", "80%", NOW) == wanted
    crlf = GOLD.replace("\n", "\r\n")
    assert edit.update(crlf, "Overall", "80%", NOW) == wanted.replace("\n", "\r\n")
    assert edit.update("\ufeff" + GOLD, "Overall", "80%", NOW) == "\ufeff" + wanted


def test_frontmatter_and_line_change_together() -> None:
    new = edit.update(GOLD, "STATUS", "on hold: waiting", NOW)
    assert '\nstatus: "on hold: waiting"\n' in new
    assert "\n- **Status:** on hold: waiting\n" in new


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("## Metadata", "## Metadata\n- **X:** v"),
        ("## Metadata\n", "## Metadata\n- **X:** v\n"),
        ("## Metadata\n\n- **A:** b\n", "## Metadata\n- **X:** v\n\n- **A:** b\n"),
        ("## metadata ##\r\n\r\nt", "## metadata ##\r\n- **X:** v\r\n\r\nt"),
        ("```\n- **X:** no\n```\n## Metadata\n", "```\n- **X:** no\n```\n## Metadata\n- **X:** v\n"),
        ("- **X:** old", "- **X:** v"),
        ("- **x:**\n", "- **x:** v\n"),
        ("* **x:**   old\n", "* **x:**   v\n"),
    ],
)
def test_where_a_field_goes(text: str, wanted: str) -> None:
    assert edit.update(text, "X", "v", NOW) == wanted


@pytest.mark.parametrize("text", ["", "text\n", "# Metadata\n", "```\n## Metadata\n```\n"])
def test_no_place_for_a_field(text: str) -> None:
    with pytest.raises(SessionError, match="Could not find field 'X' or Metadata section"):
        edit.update(text, "X", "v", NOW)


def test_values_of_the_frontmatter_that_go_on() -> None:
    text = "---\nstatus:\n- a\n\n  b: c\n\ntype: >\n  x\nmode: m\n---\n## Metadata\n"
    assert edit.update(text, "status", "v", NOW).startswith("---\nstatus: v\n\ntype: >\n  x\nmode: m\n---\n")
    assert edit.update(text, "type", "v", NOW).startswith("---\nstatus:\n- a\n\n  b: c\n\ntype: v\nmode: m\n---\n")


def test_spaces_do_not_grow() -> None:
    text = "---\nmode: m\n---\n## Metadata\n- **Mode:** m\n"
    for _ in range(3):
        text = edit.update(text, "mode", "  x ", NOW)
    assert text == "---\nmode:   x \n---\n## Metadata\n- **Mode:**   x \n"


def test_a_loose_fence_further_up_is_named() -> None:
    """A text that closes it would hide the lines between."""
    text = "## A\n```py\n## B\ntext\n"
    with pytest.raises(SessionError, match="line 2 opens what is never closed; nothing changed"):
        edit.append(text, "B", "```\nx\n```", NOW)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("## A\n- x\n\n## B\n", "## A\n- x\n- new\n\n## B\n"),
        ("## A\n## B\n", "## A\n- new\n## B\n"),
        ("## A", "## A\n- new"),
        ("## A\n", "## A\n- new\n"),
        ("## A\n\n- x\n### C\n", "## A\n\n- x\n- new\n### C\n"),
        ("## a\nx", "## a\nx\n- new"),
        ("", "\n\n## A\n\n- new\n"),
        ("t\r\n", "t\r\n\r\n\r\n## A\r\n\r\n- new\r\n"),
    ],
)
def test_append(text: str, wanted: str) -> None:
    assert edit.append(text, "A", "- new", NOW) == wanted


@pytest.mark.parametrize("name", ["", "a\nb", "a**b", "a:** b", "a\x1b", "a\u2028b", "\ud800"])
def test_no_name_for_a_field(name: str) -> None:
    assert edit.wrong_field_name(name)


@pytest.mark.parametrize("name", ["", "a\nb", "a #", "a\x7f", "a\ud800"])
def test_no_name_for_a_section(name: str) -> None:
    assert edit.wrong_section_name(name)


@pytest.mark.parametrize("name", ["a", "Focus (main)", "C++", ".*", "#1", "# x", "*", "a:b", "é🚀", "<b>", "`x`", "-"])
def test_names(name: str) -> None:
    assert edit.wrong_field_name(name) == ""
    assert edit.wrong_section_name(name) == "" or name.endswith("#")
    new = edit.update(GOLD, name, "v", NOW)
    assert edit.update(new, name.upper(), "w", NOW) == new.replace(f"- **{name}:** v", f"- **{name}:** w")
