"""The model of a document: rendering it gives the text again; its sections, fields and hidden lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.conversation import markdown_lines
from session.conversation.document import Document, format_value, parse_value
from tests.conftest import REPOSITORY
from tests.conversation.conftest import CASES, GOLD
from tests.conversation.texts import DOCUMENTS


@given(DOCUMENTS | st.text())
def test_rendered_it_is_the_text(text: str) -> None:
    document = Document(text)
    assert document.render() == text
    assert "".join(markdown_lines.split(text)) == text


def test_real_documents_too() -> None:
    texts = [path.read_bytes().decode() for path in REPOSITORY.rglob("*.md") if ".venv" not in path.parts]
    texts += [text for case in CASES for text in case["before"].values()]
    assert len(texts) > 60
    for text in texts:
        assert Document(text).render() == text
        assert Document(text.replace("\n", "\r\n")).render() == text.replace("\n", "\r\n")


@given(DOCUMENTS)
def test_sections_follow_one_another(text: str) -> None:
    document = Document(text)
    sections = document.sections
    assert sections[0].level == 0
    for section, after in zip(sections, [*sections[1:], None], strict=True):
        assert section.own_end == (len(document.lines) if after is None else after.at)
        assert section.at < section.own_end <= section.end or section.at == section.own_end - 1
        inside = [other for other in sections if section.at < other.at < section.end]
        assert all(other.level > section.level for other in inside)


def test_the_gold_example() -> None:
    document = Document(GOLD)
    names = [section.name for section in document.sections if section.level == 2]
    assert names[:3] == ["Metadata", "Progress", "Covered"]
    assert names[-1] == "Build-Specific"
    assert document.front_value("CONVERSATION_ID") == "con_EXAMPLE123"
    [section] = document.find("tests")
    assert section.level == 3
    assert document.text_of(section).startswith("- [x] Unit tests written\n")
    [specific] = document.find("Build-Specific")
    assert document.text_of(specific) == ""
    assert specific.end == len(document.lines)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("## A", (2, "A")),
        ("##\tA b ", (2, "A b")),
        ("   ### A ##", (3, "A")),
        ("## C#", (2, "C#")),
        ("## #", (2, "")),
        ("#", (1, "")),
        ("###### x", (6, "x")),
        ("####### x", None),
        ("##x", None),
        ("    ## x", None),
        ("\t## x", None),
        ("\\## x", None),
        ("- ## x", None),
    ],
)
def test_headings(line: str, told: tuple[int, str] | None) -> None:
    assert markdown_lines.heading(line) == told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("- **A:** b", ("A", "- **A:** ", "b")),
        ("* **A b (c):**\t d ", ("A b (c)", "* **A b (c):**\t ", "d ")),
        ("  - **A:**", ("A", "  - **A:**", "")),
        ("- **A:B:** c:** d", ("A:B", "- **A:B:** ", "c:** d")),
        ("- **:** x", None),
        ("- **A** and **B:** x", None),
        ("**A:** x", None),
        ("-**A:** x", None),
        ("- **A**: x", None),
    ],
)
def test_fields(line: str, told: tuple[str, str, str] | None) -> None:
    assert markdown_lines.field(line) == told


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("```\n## A\n```\n## B", ["B"]),
        ("~~~~\n## A\n~~~\n## A\n~~~~\n## B", ["B"]),
        ("``` `x`\n## A\n```", ["A"]),
        ("```py\n## A\n``` no end\n## B", ["A", "B"]),  # what is never closed hides nothing
        ("```\n~~~\n## A\n~~~\n```\n## B", ["B"]),
        ("<!--\n## A\n-->\n## B", ["B"]),
        ("<!-- x -->\n## B", ["B"]),
        ("<!--\n## A", ["A"]),
        ("---\n## not: a heading\n---\n## B", ["B"]),
        ("---\n## A", ["A"]),
        ("\ufeff---\nx: y\n---\r## B", ["B"]),
        ("A\n---\n## B", ["B"]),
    ],
)
def test_what_is_hidden(text: str, names: list[str]) -> None:
    assert [section.name for section in Document(text).sections[1:]] == names


@pytest.mark.parametrize(
    "text", ["TBD", "tbd", "TBD - later", " TBD.", "**TBD**", "_Tbd_", "`TBD`", "[ ] TBD", "TBD: x", "~~TBD~~ x"]
)
def test_placeholders(text: str) -> None:
    assert markdown_lines.is_placeholder(text)


@pytest.mark.parametrize("text", ["", "TBDs", "TBD1", "TBDé", "not TBD", "TB", "TBD_x", "\\TBD"])
def test_no_placeholders(text: str) -> None:
    assert not markdown_lines.is_placeholder(text)


@pytest.mark.parametrize(
    "value",
    [
        "active",
        "",
        "x y",
        "a:b",
        "x: y",
        "x:",
        "# x",
        "a #b",
        "a#b",
        "[x",
        "{",
        "*x*",
        "'q'",
        '"q"',
        "- x",
        "-x",
        "é🚀",
    ],
)
def test_values_of_the_frontmatter(value: str) -> None:
    assert parse_value(format_value(value)) == value
    if value.replace(":", "").replace("-", "").isalnum() and not value.endswith(":"):
        assert format_value(value) == value


def test_the_frontmatter() -> None:
    document = Document("---\nA: 1\nlist:\n- x: y\n  b: c\n# no: comment\nq: 'it''s'\nbad: \"\\x\"\n...\nA: 2\n")
    assert [key for _, key, _ in document.front()] == ["A", "list", "q", "bad"]
    assert document.front_value("a") == "1"
    assert document.front_value("q") == "it's"
    assert document.front_value("bad") == '"\\x"'
    assert document.front_value("b") is None


def test_a_field_is_where_it_belongs() -> None:
    text = "- **Status:** before\n## Notes\n- **Status:** n\n## Metadata\n- **Status:** m\n- **status:** m2\n"
    document = Document(text)
    assert [at for at, _ in document.field_lines("STATUS", "Metadata")] == [4, 5]
    assert [at for at, _ in document.field_lines("STATUS", "Progress")] == [0]
    assert document.field_lines("none") == []
