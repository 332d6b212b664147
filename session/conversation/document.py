"""A model of SESSION_STATE.md: frontmatter, sections, fields and items. Rendered, it is the original text. No I/O."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import compress
from typing import NamedTuple

from session.conversation import markdown_lines
from session.conversation.markdown_lines import ENDING, FENCE, Field
from session.store import codec

BOM = "\ufeff"
_LEVELS = bytes(range(1, 7))
_LEVEL_OF_KIND = bytes(kind % ENDING if 0 < kind % ENDING < FENCE else 0 for kind in range(256))
_UNMARKED = bytes((255, *[0] * 255))
_HEADING = re.compile(b"[%b]" % _LEVELS)
_HEADING_UP_TO = [re.compile(b"[%b]" % _LEVELS[: max(level, 1)]) for level in range(7)]
_OPENS = bytes(kind % ENDING >= FENCE for kind in range(256))


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
    """The parsed text of a SESSION_STATE.md. Lines are counted from 0.

    `bare` are the lines without line breaks. `kind_by_line` has each different line once, and after a change also those
    that are gone. `marks` says which lines are hidden in a fence or a comment. `levels` holds the level of the heading
    in each line, or 0. All else is computed when it is asked for.
    """

    def __init__(self, text: str, before: "Document | None" = None) -> None:
        """Parse the text. `before` is the same document before a change: lines that it has need no parsing."""
        self.bom = BOM if text.startswith(BOM) else ""
        self._text = text[len(self.bom) :]
        self.bare = markdown_lines.bare_lines(self._text)
        self.newline = markdown_lines.first_break(self._text) or "\n"
        kinds = markdown_lines.kinds_of(self.bare, None if before is None else before.kind_by_line)
        self.kind_by_line: dict[str, int] = kinds
        self.front_end = self._front_end()  # the line that closes the frontmatter, 0 if there is no frontmatter
        self.body = self.front_end + 1 if self.front_end else 0
        self._kinds = bytes(map(kinds.__getitem__, self.bare))
        self.marks = self._marks(before)
        levels = bytes(self.body) + self._kinds[self.body :].translate(_LEVEL_OF_KIND)
        self.levels = self.unmarked(levels)
        self._by_name: dict[str, list[Section]] = {}
        self._heading_by_line: dict[str, tuple[int, str]] = {}

    @cached_property
    def lines(self) -> list[str]:
        """Return the lines with their line breaks."""
        return markdown_lines.split(self._text)

    def render(self) -> str:
        """Return the document's text, byte for byte the text that was parsed."""
        return self.bom + self._text

    def _front_end(self) -> int:
        """Return the number of the line that closes the frontmatter, or 0 if there is no frontmatter."""
        if not self.bare or self.bare[0].rstrip() != "---":
            return 0
        closers = [line for line in self.kind_by_line if line[:1] in ("-", ".") and line.rstrip() in ("---", "...")]
        end = len(self.bare)
        for closer in closers:
            try:
                end = self.bare.index(closer, 1, end)
            except ValueError:
                continue
        return end if end < len(self.bare) else 0

    def _marks(self, before: "Document | None") -> bytearray:
        """Return the mark of each line. They are those of `before` if nothing that makes a mark has changed."""
        openers = markdown_lines.openers(self.bare, self._kinds)
        if (
            before is not None
            and (before.body, before._kinds) == (self.body, self._kinds)
            and openers == markdown_lines.openers(before.bare, before._kinds)
        ):
            return before.marks
        below = self.bare[self.body :] if self.body else self.bare
        return bytearray(self.body) + markdown_lines.marks_by_kind(below, self._kinds[self.body :])

    def unmarked(self, values: bytes) -> bytes:
        """Return the values of all lines, one byte for each, with 0 for a line that is hidden in a fence or comment."""
        if self.marks.count(0) == len(self.marks):
            return values
        keep = self.marks.translate(_UNMARKED)
        both = int.from_bytes(values, "little") & int.from_bytes(keep, "little")  # as numbers: all bytes at once
        return both.to_bytes(len(values), "little")

    def first_opener(self) -> int | None:
        """Return the first line that opens a fence or a comment that is never closed, or None if there is none."""
        at = self.unmarked(self._kinds.translate(_OPENS)).find(1)
        return None if at < 0 else at

    @cached_property
    def sections(self) -> list[Section]:
        """Return all sections, from the top to the bottom."""
        headings = [(0, "", self.body - 1)]
        headings += [(*self._headings[self.bare[at]], at) for at in compress(range(len(self.bare)), self.levels)]
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

    @cached_property
    def _headings(self) -> dict[str, tuple[int, str]]:
        """Return the level and the name of each different heading, by its line."""
        return {line: self._heading(line) for line in dict.fromkeys(compress(self.bare, self.levels))}

    def _heading(self, line: str) -> tuple[int, str]:
        """Return the level and the name of the heading in the line."""
        heading = self._heading_by_line.get(line)
        if heading is None:
            heading = markdown_lines.heading_of_level(line, self.kind_by_line[line] % ENDING)
            self._heading_by_line[line] = heading
        return heading

    def has_outline(self, old: "Document", added: list[str]) -> bool:
        """Return True if this document has the headings of `old`, in that order, and then those of the new sections."""
        lines, old_lines = list(compress(self.bare, self.levels)), list(compress(old.bare, old.levels))
        if len(lines) != len(old_lines) + len(added):
            return False
        end = len(old_lines)
        same = lines[:end] == old_lines or (
            [*map(self._headings.__getitem__, lines[:end])] == [*map(old._headings.__getitem__, old_lines)]
        )
        return same and [markdown_lines.heading(line) for line in lines[end:]] == [(2, name) for name in added]

    def headings(self, names: Iterable[str]) -> Iterator[tuple[int, int]]:
        """Yield the line and the level of each heading that has one of these case-folded names."""
        wanted = frozenset(names)
        levels = {line: level for line, (level, name) in self._headings.items() if name.casefold() in wanted}
        for at in self.places(levels):
            yield at, levels[self.bare[at]]

    @cached_property
    def highest(self) -> dict[str, int]:
        """Return the highest level of the sections of each name, by the case-folded name. Level 1 does not count."""
        highest: dict[str, int] = {}
        for level, name in self._headings.values():
            folded = name.casefold()
            if level > 1 and highest.get(folded, 7) > level:
                highest[folded] = level
        return highest

    def find(self, name: str) -> list[Section]:
        """Return the sections with that name, in any case: of several levels, only those of the highest level."""
        folded = name.strip().casefold()
        if folded not in self._by_name:
            self.find_all((name,))
        return self._by_name[folded]

    def find_all(self, names: Iterable[str]) -> None:
        """Look all these sections up at once, so that `find` returns each of them quickly."""
        new: dict[str, list[Section]] = {
            folded: [] for name in names if (folded := name.strip().casefold()) not in self._by_name
        }
        wanted = {
            line: heading
            for line, heading in self._headings.items()
            if (folded := heading[1].casefold()) in new and self.highest.get(folded) == heading[0]
        }
        self._by_name.update(new)
        for at in self.places(wanted):
            level, name = wanted[self.bare[at]]
            self._by_name[name.casefold()].append(Section(level, name, at, self.end(6, at), self.end(level, at)))

    def end(self, level: int, at: int) -> int:
        """Return the next line below `at` with a heading of that level or a higher one, or the number of lines."""
        heading = _HEADING_UP_TO[level].search(self.levels, at + 1)
        return heading.start() if heading else len(self.bare)

    def places(self, lines: Iterable[str]) -> Iterator[int]:
        """Yield the number of each line that is one of `lines`: not in the frontmatter, and not hidden."""
        wanted = frozenset(lines)
        if wanted:
            for at in compress(range(len(self.bare)), map(wanted.__contains__, self.bare)):
                if at >= self.body and not self.marks[at]:
                    yield at

    def sections_of(self, places: Iterable[int]) -> Iterator[tuple[int, int, str, int]]:
        """Yield, for each line number, that number, and the level, the name and `own_end` of the section it is in.

        The line numbers must be in order: each line of the document is passed once.
        """
        level, name, end = 0, "", self.end(6, self.body - 1)
        for at in places:
            if at >= end:
                heading = at if self.levels[at] else self._heading_above(end, at)
                level, name = self._heading(self.bare[heading])
                end = self.end(6, at)
            yield at, level, name, end

    def _heading_above(self, first: int, at: int) -> int:
        """Return the last line from `first` to `at` that is a heading. Line `first` is one."""
        return max(self.levels.rfind(level, first, at + 1) for level in _LEVELS)

    def own(self, section: Section) -> Iterator[int]:
        """Return the line numbers of the section's own text."""
        return iter(range(section.at + 1, section.own_end))

    @cached_property
    def field_by_line(self) -> dict[str, Field]:
        """Return the field in each different line that holds one."""
        lines = [line for line in self.kind_by_line if ":**" in line]
        return {line: field for line in lines if (field := markdown_lines.field(line)) is not None}

    def fields(self, section: Section) -> list[tuple[int, Field]]:
        """Return the fields in the section's own text, each with its line number."""
        by_line = self.field_by_line
        own = range(section.at + 1, section.own_end)
        places = compress(own, map(by_line.__contains__, self.bare[section.at + 1 : section.own_end]))
        return [(at, by_line[self.bare[at]]) for at in places if not self.marks[at]]

    def field_lines(self, name: str, *first: str) -> list[tuple[int, Field]]:
        """Return the lines of the field with this name, ignoring case: `[(line number, field), …]`.

        If sections with different names have the field, return only its lines in the sections of one name: the first
        name in `first` that has it, else the name of the topmost section with it.
        """
        folded = name.strip().casefold()
        by_line = {line: field for line, field in self.field_by_line.items() if field.name.strip().casefold() == folded}
        places = list(self.sections_of(self.places(by_line)))
        if not places:
            return []
        rank = _ranks(first)
        section = min((section.casefold() for _, _, section, _ in places), key=lambda each: rank.get(each, len(rank)))
        return [(at, by_line[self.bare[at]]) for at, _, name, _ in places if name.casefold() == section]

    def section_by_field(self, *first: str) -> dict[str, str]:
        """Return the case-folded name of the sections that count for each field, by its case-folded name.

        The result leaves out some fields. If sections with different names have one field, it lists the field in the
        sections of one name only: the first name in `first` that has it, else the name of the topmost section with it.
        """
        rank = _ranks(first)
        by_line = {line: field.name.strip().casefold() for line, field in self.field_by_line.items()}
        sections: dict[str, str] = {}
        for at, _, name, _ in self.sections_of(self.places(by_line)):
            section = name.casefold()
            best = sections.setdefault(by_line[self.bare[at]], section)
            if best != section and rank.get(section, len(rank)) < rank.get(best, len(rank)):
                sections[by_line[self.bare[at]]] = section
        return sections

    def text_of(self, section: Section) -> str:
        """Return the section's own text without the white space around it."""
        return "".join(self.lines[section.at + 1 : section.own_end]).strip()

    def front(self) -> Iterator[tuple[int, str, str]]:
        """Yield each key of the frontmatter: the line number, the key, and its value as written."""
        for at in range(1, self.front_end):
            place = _front_place(at, self.bare[at])
            if place is not None:
                yield place

    def front_places(self, key: str) -> list[tuple[int, str, str]]:
        """Return the places of a key of the frontmatter, in any case, as `front` yields them."""
        folded = key.strip().casefold()
        near = (at for at, line in enumerate(self._folded_front, 1) if folded in line)
        places = (_front_place(at, self.bare[at]) for at in near)
        return [place for place in places if place is not None and place[1].casefold() == folded]

    @cached_property
    def _folded_front(self) -> list[str]:
        return [line.casefold() for line in self.bare[1 : self.front_end]]

    def front_value(self, key: str) -> str | None:
        """Return the value of a key of the frontmatter, in any case, or None if there is no such key."""
        places = self.front_places(key)
        return parse_value(places[0][2]) if places else None


def _ranks(names: Iterable[str]) -> dict[str, int]:
    return {name.casefold(): number for number, name in enumerate(names)}


def _front_place(at: int, line: str) -> tuple[int, str, str] | None:
    """Return the number of a line of the frontmatter, the key in it and its value; None if the line has no key."""
    key, colon, value = line.partition(":")
    return (at, key.rstrip(), value) if colon and key and key[0] not in " \t#-" else None


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
