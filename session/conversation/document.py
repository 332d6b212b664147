"""A SESSION_STATE.md as a model: frontmatter, sections, fields, items; rendered, it is the text. Pure (seed: 004)."""

from collections.abc import Iterator
from typing import NamedTuple

from session.conversation import markdown_lines as grammar
from session.conversation.markdown_lines import Field
from session.store import codec

BOM = "\ufeff"


class Section(NamedTuple):
    """A heading and what is below it: `at` is the heading's line, its own text ends before `own_end`, what belongs to
    it before `end`. What stands before the first heading is a section of level 0 without a name."""

    level: int
    name: str
    at: int
    own_end: int
    end: int


class Document:
    """What a text holds. Lines are counted from 0."""

    def __init__(self, text: str) -> None:
        self.bom = BOM if text.startswith(BOM) else ""
        self.lines = grammar.split(text[len(self.bom) :])
        self.bare = [grammar.bare(line) for line in self.lines]
        self.newline = grammar.ending(self.lines[0]) if self.lines else ""
        self.newline = self.newline or "\n"
        self.front_end = _front_end(self.bare)  # the line that closes the frontmatter, 0 where there is none
        self.body = self.front_end + 1 if self.front_end else 0
        self.marks = bytearray(self.body) + grammar.hidden(self.bare[self.body :])
        self.sections = self._sections()
        self._by_name: dict[str, list[Section]] = {}
        for section in self.sections[1:]:
            if section.level > 1:
                known = self._by_name.setdefault(section.name.casefold(), [])
                if known and section.level < known[0].level:
                    known.clear()
                if not known or section.level == known[0].level:
                    known.append(section)

    def render(self) -> str:
        """The text, every byte as it was."""
        return self.bom + "".join(self.lines)

    def _sections(self) -> list[Section]:
        found = [(0, "", self.body - 1)]
        for at in range(self.body, len(self.bare)):
            if not self.marks[at]:
                told = grammar.heading(self.bare[at])
                if told:
                    found.append((*told, at))
        ends: list[int] = []
        later: list[tuple[int, int]] = []  # headings further down, level and line, nearest last: none hides another
        for level, _, at in reversed(found):
            while later and later[-1][0] > level:
                later.pop()
            ends.append(later[-1][1] if later else len(self.bare))
            later.append((level, at))
        ends.reverse()
        starts = [at for _, _, at in found[1:]] + [len(self.bare)]
        return [Section(*told, own_end, end) for told, own_end, end in zip(found, starts, ends, strict=True)]

    def outline(self) -> list[tuple[int, str]]:
        """Every heading, level and name."""
        return [(section.level, section.name) for section in self.sections]

    def find(self, name: str) -> list[Section]:
        """The sections of that name, in any case: the highest ones, as one further down has the name by chance."""
        return self._by_name.get(name.strip().casefold(), [])

    def own(self, section: Section) -> Iterator[int]:
        """The lines of the section's own text."""
        return iter(range(section.at + 1, section.own_end))

    def fields(self, section: Section) -> list[tuple[int, Field]]:
        """The fields in the section's own text, each with its line."""
        told = ((at, None if self.marks[at] else grammar.field(self.bare[at])) for at in self.own(section))
        return [(at, field) for at, field in told if field is not None]

    def field_lines(self, name: str, *first: str) -> list[tuple[int, Field]]:
        """Where the field of that name, in any case, is: in the sections called by the `first` names, else in the
        section that has it first, in every place there."""
        return self.fields_by_name(*first).get(name.strip().casefold(), [])

    def fields_by_name(self, *first: str) -> dict[str, list[tuple[int, Field]]]:
        """`field_lines` of every field that there is, by its name without case."""
        rank = {name.casefold(): number for number, name in enumerate(first)}
        found: dict[str, dict[str, list[tuple[int, Field]]]] = {}
        for section in self.sections:
            for place in self.fields(section):
                places = found.setdefault(place[1].name.strip().casefold(), {})
                places.setdefault(section.name.casefold(), []).append(place)
        return {name: places[min(places, key=lambda each: rank.get(each, len(rank)))] for name, places in found.items()}

    def text_of(self, section: Section) -> str:
        """The section's own text without the space around it."""
        return "".join(self.lines[section.at + 1 : section.own_end]).strip()

    def front(self) -> Iterator[tuple[int, str, str]]:
        """The frontmatter's keys: the line, the key, what is written for its value."""
        for at in range(1, self.front_end):
            line = self.bare[at]
            key, colon, value = line.partition(":")
            if colon and key and key[0] not in " \t#-":
                yield at, key.rstrip(), value

    def front_value(self, key: str) -> str | None:
        """The value of a key of the frontmatter, in any case, None where there is none."""
        wanted = key.strip().casefold()
        for _, name, value in self.front():
            if name.casefold() == wanted:
                return plain(value)
        return None


def plain(value: str) -> str:
    """The text that a value of the frontmatter stands for."""
    text = value.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            told = codec.decode(text)
        except codec.NotJSON:
            return text
        return told if isinstance(told, str) else text
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return text


def written(value: str) -> str:
    """The value as it stands in the frontmatter: quoted where it would break the YAML, or lose a part in it."""
    special = value[:1] in tuple("[]{},#&*!|>'\"%@`") or (value[:1] in tuple("-?:") and value[1:2] in ("", " ", "\t"))
    if special or ": " in value or " #" in value or "\t" in value or value.rstrip().endswith(":"):
        return codec.quote(value)
    return value if all(char >= " " for char in value) else codec.quote(value)


def _front_end(lines: list[str]) -> int:
    if not lines or lines[0].rstrip() != "---":
        return 0
    return next((at for at in range(1, len(lines)) if lines[at].rstrip() in ("---", "...")), 0)
