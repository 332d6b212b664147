"""What a document still lacks by the schema: placeholders, empty sections, missing parts; with line and remedy. No I/O.

The time that an audit takes is proportional to the document's length.
"""

import re
from collections import deque
from collections.abc import Iterator
from shlex import quote
from typing import NamedTuple

from session.conversation import markdown_lines
from session.conversation.document import Document
from session.conversation.edit import wrong_field_name, wrong_section_name
from session.conversation.markdown_lines import ENDING, FENCE, Field
from session.conversation.schema import MAY_BE_EMPTY, METADATA, PROGRESS, SECTIONS, SPECIFIC
from session.store import codec

FIELD, ITEM, EMPTY, MISSING = "field not filled in", "item not filled in", "empty section", "missing"
BY_HAND = "edit the line by hand"
# The class of a line without a heading, and for a heading its level: what it adds to its section, and what to report.
NOTHING, CONTENT, TEXT_PLACEHOLDER, ITEM_PLACEHOLDER, FIELD_PLACEHOLDER, EMPTY_FIELD = range(16, 22)
_MARKED = bytes((0, CONTENT, NOTHING, *[0] * 253))  # by mark: 0, FENCED, COMMENT
# A line that certainly is content without a placeholder; most lines are. An item may begin it.
_PLAIN = re.compile(r"[ \t]*(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)?[^\s\-*+_~`\[tT0-9]")
_TO_REPORT = re.compile(b"[%b]" % bytes((ITEM_PLACEHOLDER, FIELD_PLACEHOLDER, EMPTY_FIELD)))
_FIRST_TEXT = re.compile(rb"(?:\A|[\x01-\x06])%b*+(%b)" % (bytes((NOTHING,)), bytes((TEXT_PLACEHOLDER,))))
# for each level, a section with nothing below its heading but deeper headings
_EMPTY_SECTION = {
    level: re.compile(
        b"%b[%b]*+(?=[%b]|\\Z)" % (bytes((level,)), bytes((NOTHING, *range(level + 1, 7))), bytes(range(1, level + 1)))
    )
    for level in range(2, 7)
}

_FIRST_FIELD = {section.name.casefold(): section.required_fields[0] for section in SECTIONS if section.required_fields}


class Finding(NamedTuple):
    """One thing to do in a document.

    `problem` is FIELD, ITEM, EMPTY or MISSING. `name` is that of a field, a section, or `Section.Field`. `line` counts
    from 1, and is None if no line is concerned. `do` is the words of a `session doc` command, or BY_HAND if no command
    would change exactly that place.
    """

    problem: str
    name: str
    line: int | None
    do: str


class Audit:
    """The findings about a document, by line number; what is missing comes last.

    `recommended` names the sections that are missing and that the schema recommends.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        kind = (document.front_value("type") or "").casefold()
        sections = (*SECTIONS, *(SPECIFIC[kind].parts if kind in SPECIFIC else ()))
        document.find_all(section.name for section in sections)
        self._section_by_field: dict[str, str] | None = None
        self._remedies: dict[tuple[object, ...], str] = {}
        self.findings: list[Finding] = []
        self._find_in_lines()
        self._find_missing()
        self.recommended = [
            section.name for section in sections if section.recommended and not document.find(section.name)
        ]

    @property
    def complete(self) -> bool:
        """Return True if there are no findings."""
        return not self.findings

    def names(self, problem: str) -> list[str]:
        """Return the names of the findings with the problem `problem`, such as MISSING."""
        return [finding.name for finding in self.findings if finding.problem == problem]

    def _add(self, problem: str, name: str, at: int | None, do: str) -> None:
        self.findings.append(Finding(problem, name, None if at is None else at + 1, do))

    def _find_in_lines(self) -> None:
        """Add a finding for each placeholder and each empty section, from the top to the bottom."""
        document, add = self._document, self.findings.append
        classes = _classes(document)
        lines = list(_empty_sections(document, classes))
        lines += [found.start() for found in _TO_REPORT.finditer(classes)]
        lines += [found.start(1) for found in _FIRST_TEXT.finditer(classes)]
        lines.sort()
        for at, level, section, own_end in document.sections_of(document.body + line for line in lines):
            class_ = classes[at - document.body]
            if class_ < NOTHING:
                add(Finding(EMPTY, section, at + 1, self._text_remedy(level, section)))
            elif class_ < FIELD_PLACEHOLDER:
                add(Finding(ITEM, section, at + 1, self._text_remedy(level, section, is_item=True)))
            elif class_ == FIELD_PLACEHOLDER or not self._continues_below(at, own_end):
                field = document.field_by_line[document.bare[at]].name
                add(Finding(FIELD, field, at + 1, self._field_remedy(level, section, field)))

    def _field_remedy(self, level: int, section: str, field: str) -> str:
        """Return the words of the command that sets such a field in such a section, or BY_HAND."""
        key = (level, section, field)
        if key not in self._remedies:
            self._remedies[key] = self._new_field_remedy(level, section, field)
        return self._remedies[key]

    def _new_field_remedy(self, level: int, section: str, field: str) -> str:
        if wrong_field_name(field.strip()):
            return BY_HAND
        if self._section_by_field is None:
            self._section_by_field = self._document.section_by_field(METADATA, PROGRESS)
        if self._section_by_field[field.strip().casefold()] == section.casefold():  # the lines that update changes
            return f"update --field {quote(field)} --value TEXT"
        is_set_by_sync = _has_fields(section) and self._is_reached(level, section)
        return _sync_words(section, field) if is_set_by_sync else BY_HAND

    def _text_remedy(self, level: int, section: str, *, is_item: bool = False) -> str:
        """Return the words of the command that replaces the text of such a section, or one item in it, or BY_HAND."""
        key = (level, section, is_item)
        if key not in self._remedies:
            by_hand = not self._is_reached(level, section) or (is_item and _has_fields(section))
            words = BY_HAND if by_hand else _sync_words(section, _FIRST_FIELD.get(section.casefold(), ""))
            self._remedies[key] = words
        return self._remedies[key]

    def _is_reached(self, level: int, section: str) -> bool:
        """Return True if sync changes a section of that level when it gets the section's name."""
        return self._document.highest.get(section.strip().casefold()) == level and not wrong_section_name(section)

    def _continues_below(self, at: int, own_end: int) -> bool:
        """Return True if the value of the field in line `at` stands on the next line, indented further."""
        document = self._document
        below = document.bare[at + 1] if at + 1 < own_end else ""
        return bool(below.strip()) and _indent(below) > _indent(document.bare[at])

    def _find_missing(self) -> None:
        """Add a finding for each required section and field that is not in the document."""
        for required in SECTIONS:
            places = self._document.find(required.name)
            at = places[0].at if places else None
            if required.required and not places:
                self._add(MISSING, required.name, None, _sync_words(required.name))
            names = {field.name.strip().casefold() for place in places for _, field in self._document.fields(place)}
            for name in required.required_fields:
                if name.casefold() not in names:
                    self._add(MISSING, f"{required.name}.{name}", at, _sync_words(required.name, name))


def _classes(document: Document) -> bytes:
    """Return the class of each line below the frontmatter, and for a heading its level."""
    fields = document.field_by_line
    by_line = {
        line: 0
        if 0 < kind % ENDING < FENCE
        else CONTENT
        if line not in fields and _PLAIN.match(line)
        else _class(line, fields.get(line))
        for line, kind in document.kind_by_line.items()
    }
    shown = document.unmarked(bytes(map(by_line.__getitem__, document.bare)))
    parts = (shown, document.levels, document.marks.translate(_MARKED))  # of each line, two are 0
    classes = 0
    for part in parts:
        classes |= int.from_bytes(part, "little")  # as numbers: all bytes at once
    return classes.to_bytes(len(shown), "little")[document.body :]


def _class(line: str, field: Field | None) -> int:
    """Return the class of a line that is not hidden in a fence or a comment."""
    if field is not None:
        if markdown_lines.is_placeholder(field.value):
            return FIELD_PLACEHOLDER
        return CONTENT if field.value.strip() else EMPTY_FIELD
    if not line.strip() or markdown_lines.is_rule(line) or markdown_lines.is_hint(line):
        return NOTHING
    item = markdown_lines.item(line)
    if item == "":
        return NOTHING
    if not markdown_lines.is_placeholder(line if item is None else item):
        return CONTENT
    return TEXT_PLACEHOLDER if item is None else ITEM_PLACEHOLDER


def _empty_sections(document: Document, classes: bytes) -> Iterator[int]:
    """Yield the line of each section without content in itself and its subsections, unless it may be empty.

    Lines are counted from the end of the frontmatter.
    """
    lines = sorted(found.start() for pattern in _EMPTY_SECTION.values() for found in pattern.finditer(classes))
    may_be_empty = deque((at, document.end(level, at)) for at, level in document.headings(MAY_BE_EMPTY))
    end = 0  # sections above this line may be empty
    for at in lines:
        while may_be_empty and may_be_empty[0][0] <= document.body + at:
            end = max(end, may_be_empty.popleft()[1])
        if document.body + at >= end:
            yield at


def _has_fields(section: str) -> bool:
    """Return True if sync takes an object of fields for the section."""
    return section.casefold() in _FIRST_FIELD


def _indent(line: str) -> int:
    text = line.expandtabs(4)
    return len(text) - len(text.lstrip(" "))


def _sync_words(section: str, field: str = "") -> str:
    """Return the words of the sync command that sets the section, or one field in it, to the placeholder TEXT."""
    value = f'{{{codec.compact(field)}:"TEXT"}}' if field else '["TEXT"]'
    return f"sync --json {quote(f'{{{codec.compact(section)}:{value}}}')}"
