"""A model of SESSION_STATE.md: frontmatter, sections, fields and items. Rendered, it is the original text. No I/O."""

from collections.abc import Iterator
from typing import NamedTuple

from session.conversation import markdown_lines
from session.conversation.markdown_lines import Field
from session.store import codec

BOM = "\ufeff"


class Section(NamedTuple):
    """A heading and the lines below it, by line number, counted from 0.

    `at` is the heading's line. The section's own text ends before `own_end`, at the next heading. All that belongs to
    the section, with its subsections, ends before `end`. The lines before the first heading are a section of level 0
    without a name.
    """

    level: int
    name: str
    at: int
    own_end: int
    end: int


class Document:
    """The parsed text of a SESSION_STATE.md. Lines are counted from 0."""

    def __init__(self, text: str) -> None:
        self.bom = BOM if text.startswith(BOM) else ""
        self.lines = markdown_lines.split(text[len(self.bom) :])
        self.bare = [markdown_lines.bare(line) for line in self.lines]
        self.newline = markdown_lines.ending(self.lines[0]) if self.lines else ""
        self.newline = self.newline or "\n"
        self.front_end = _front_end(self.bare)  # the line that closes the frontmatter, 0 if there is no frontmatter
        self.body = self.front_end + 1 if self.front_end else 0
        self.marks = bytearray(self.body) + markdown_lines.hidden_marks(self.bare[self.body :])
        self.sections = self._sections()
        self._by_name: dict[str, list[Section]] = {}
        for section in self.sections[1:]:
            if section.level > 1:
                namesakes = self._by_name.setdefault(section.name.casefold(), [])
                if namesakes and section.level < namesakes[0].level:
                    namesakes.clear()
                if not namesakes or section.level == namesakes[0].level:
                    namesakes.append(section)

    def render(self) -> str:
        """Return the document's text, byte for byte the text that was parsed."""
        return self.bom + "".join(self.lines)

    def _sections(self) -> list[Section]:
        headings = [(0, "", self.body - 1)]
        for at in range(self.body, len(self.bare)):
            if not self.marks[at]:
                heading = markdown_lines.heading(self.bare[at])
                if heading:
                    headings.append((*heading, at))
        ends: list[int] = []
        # level and line of each later heading that can end a section, the nearest one last
        later: list[tuple[int, int]] = []
        for level, _, at in reversed(headings):
            while later and later[-1][0] > level:
                later.pop()
            ends.append(later[-1][1] if later else len(self.bare))
            later.append((level, at))
        ends.reverse()
        own_ends = [at for _, _, at in headings[1:]] + [len(self.bare)]
        return [Section(*heading, own_end, end) for heading, own_end, end in zip(headings, own_ends, ends, strict=True)]

    def outline(self) -> list[tuple[int, str]]:
        """Return the level and the name of every heading."""
        return [(section.level, section.name) for section in self.sections]

    def find(self, name: str) -> list[Section]:
        """Return the sections with this name, ignoring case. If their levels differ, return only the highest level."""
        return self._by_name.get(name.strip().casefold(), [])

    def own(self, section: Section) -> Iterator[int]:
        """Return the line numbers of the section's own text."""
        return iter(range(section.at + 1, section.own_end))

    def fields(self, section: Section) -> list[tuple[int, Field]]:
        """Return the fields in the section's own text, each with its line number."""
        fields = ((at, None if self.marks[at] else markdown_lines.field(self.bare[at])) for at in self.own(section))
        return [(at, field) for at, field in fields if field is not None]

    def field_lines(self, name: str, *first: str) -> list[tuple[int, Field]]:
        """Return the lines of the field with this name, ignoring case: `[(line number, field), …]`.

        If sections with different names have the field, return only its lines in the sections of one name: the first
        name in `first` that has it, else the name of the topmost section with it.
        """
        return self.fields_by_name(*first).get(name.strip().casefold(), [])

    def fields_by_name(self, *first: str) -> dict[str, list[tuple[int, Field]]]:
        """Return the lines of all fields by case-folded field name: `{name: [(line number, field), …]}`.

        The result leaves out some fields. If sections with different names have one field, it lists the field in the
        sections of one name only: the first name in `first` that has it, else the name of the topmost section with it.
        """
        rank = {name.casefold(): number for number, name in enumerate(first)}
        by_name: dict[str, dict[str, list[tuple[int, Field]]]] = {}
        for section in self.sections:
            for place in self.fields(section):
                places = by_name.setdefault(place[1].name.strip().casefold(), {})
                places.setdefault(section.name.casefold(), []).append(place)
        return {
            name: places[min(places, key=lambda section: rank.get(section, len(rank)))]
            for name, places in by_name.items()
        }

    def text_of(self, section: Section) -> str:
        """Return the section's own text without the white space around it."""
        return "".join(self.lines[section.at + 1 : section.own_end]).strip()

    def front(self) -> Iterator[tuple[int, str, str]]:
        """Yield each key of the frontmatter: the line number, the key, and its value as written."""
        for at in range(1, self.front_end):
            line = self.bare[at]
            key, colon, value = line.partition(":")
            if colon and key and key[0] not in " \t#-":
                yield at, key.rstrip(), value

    def front_value(self, key: str) -> str | None:
        """Return the value of a key of the frontmatter, ignoring case, or None if there is no such key."""
        folded = key.strip().casefold()
        for _, name, value in self.front():
            if name.casefold() == folded:
                return parse_value(value)
        return None


def parse_value(value: str) -> str:
    """Return a value of the frontmatter as plain text, without quotes around it."""
    text = value.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            decoded = codec.decode(text)
        except codec.NotJSON:
            return text
        return decoded if isinstance(decoded, str) else text
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return text


def format_value(value: str) -> str:
    """Return the value as the frontmatter should hold it: quoted if YAML would misread it otherwise."""
    special = value[:1] in tuple("[]{},#&*!|>'\"%@`") or (value[:1] in tuple("-?:") and value[1:2] in ("", " ", "\t"))
    if special or ": " in value or " #" in value or "\t" in value or value.rstrip().endswith(":"):
        return codec.quote(value)
    return value if all(char >= " " for char in value) else codec.quote(value)


def _front_end(lines: list[str]) -> int:
    """Return the number of the line that closes the frontmatter, or 0 if there is no frontmatter."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    return next((at for at in range(1, len(lines)) if lines[at].rstrip() in ("---", "...")), 0)
