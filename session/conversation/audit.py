"""What a document still lacks, by the schema: placeholders, empty sections, what is missing; and where (seed: 004).

Pure, and in time in proportion to the document.
"""

from bisect import bisect_left
from itertools import accumulate
from shlex import quote
from typing import NamedTuple

from session.conversation import markdown_lines as grammar
from session.conversation.document import Document, Section
from session.conversation.edit import wrong_field_name, wrong_section_name
from session.conversation.schema import MAY_BE_EMPTY, METADATA, PROGRESS, SECTIONS, SPECIFIC
from session.store import codec

FIELD, ITEM, EMPTY, MISSING = "field to be given", "item to be given", "empty section", "missing"
BY_HAND = "edit the line by hand"
_FIELDED = {section.name.casefold(): section.required_fields[0] for section in SECTIONS if section.required_fields}


class Finding(NamedTuple):
    """Something to do: what is wrong, with what (a field, a section, `Section.Field`), in which line, from 1, None
    where there is none, and what to do: words of a command, or `BY_HAND` where none would change that very place."""

    problem: str
    name: str
    line: int | None
    do: str


class Audit:
    """The findings about a document, by line, what is missing last; `recommended` names the sections that are not
    there and would be good to have."""

    def __init__(self, document: Document) -> None:
        self._document = document
        by_name = document.fields_by_name(METADATA, PROGRESS)
        self._updated = {at for places in by_name.values() for at, _ in places}  # the lines that update changes
        self.findings: list[Finding] = []
        filled = [self._look(section) for section in document.sections]
        self._find_empty(filled)
        self.findings.sort(key=lambda finding: finding.line or 0)
        self._require()
        kind = (document.front_value("type") or "").casefold()
        wanted = (*SECTIONS, *(SPECIFIC[kind].parts if kind in SPECIFIC else ()))
        self.recommended = [each.name for each in wanted if each.recommended and not document.find(each.name)]

    @property
    def complete(self) -> bool:
        """Whether nothing is to be done."""
        return not self.findings

    def names(self, problem: str) -> list[str]:
        """What has that problem, once for each time."""
        return [finding.name for finding in self.findings if finding.problem == problem]

    def _find(self, problem: str, name: str, at: int | None, do: str) -> None:
        self.findings.append(Finding(problem, name, None if at is None else at + 1, do))

    def _look(self, section: Section) -> bool:
        """Find what is to be given in the section's own text; whether there is anything in that."""
        document = self._document
        filled = False
        for at in document.own(section):
            line, mark = document.bare[at], document.marks[at]
            if mark or not line.strip() or grammar.is_rule(line) or grammar.is_hint(line):
                filled = filled or mark == grammar.FENCED
                continue
            field, item = grammar.field(line), grammar.item(line)
            if field is not None:
                if grammar.is_placeholder(field.value) or not (field.value.strip() or self._goes_on(section, at)):
                    self._find(FIELD, field.name, at, self._set(section, field.name, at))
            elif grammar.is_placeholder(line if item is None else item) and (item is not None or not filled):
                self._find(ITEM, section.name, at, self._fill(section, item=True))
            filled = filled or item != ""
        return filled

    def _set(self, section: Section, field: str, at: int) -> str:
        """What gives the field in that line a value."""
        if wrong_field_name(field.strip()):
            return BY_HAND
        if at in self._updated:
            return f"update --field {quote(field)} --value TEXT"
        return _sync(section.name, field) if self._has_fields(section) and self._is_reached(section) else BY_HAND

    def _fill(self, section: Section, *, item: bool = False) -> str:
        """What replaces the section's text, or an item in it."""
        if not self._is_reached(section) or (item and self._has_fields(section)):
            return BY_HAND
        return _sync(section.name, _FIELDED.get(section.name.casefold(), ""))

    def _is_reached(self, section: Section) -> bool:
        """Whether sync changes that section when it is given its name."""
        found = self._document.find(section.name)
        return bool(found) and found[0].level == section.level and not wrong_section_name(section.name)

    def _has_fields(self, section: Section) -> bool:
        return section.name.casefold() in _FIELDED

    def _goes_on(self, section: Section, at: int) -> bool:
        """Whether the value of the field in that line is below it, further in."""
        document = self._document
        below = document.bare[at + 1] if at + 1 < section.own_end else ""
        return bool(below.strip()) and _indent(below) > _indent(document.bare[at])

    def _find_empty(self, filled: list[bool]) -> None:
        sections = self._document.sections
        before = [0, *accumulate(filled)]  # how many sections are filled before each
        starts = [section.at for section in sections]
        may_be_empty = 0  # the line up to which sections may be
        for number, section in enumerate(sections):
            if section.name.casefold() in MAY_BE_EMPTY:
                may_be_empty = max(may_be_empty, section.end)
            end = bisect_left(starts, section.end)
            if section.level > 1 and section.at >= may_be_empty and before[end] == before[number]:
                self._find(EMPTY, section.name, section.at, self._fill(section))

    def _require(self) -> None:
        for wanted in SECTIONS:
            places = self._document.find(wanted.name)
            at = places[0].at if places else None
            if wanted.required and not places:
                self._find(MISSING, wanted.name, None, _sync(wanted.name))
            has = {field.name.strip().casefold() for place in places for _, field in self._document.fields(place)}
            for name in wanted.required_fields:
                if name.casefold() not in has:
                    self._find(MISSING, f"{wanted.name}.{name}", at, _sync(wanted.name, name))


def _indent(line: str) -> int:
    text = line.expandtabs(4)
    return len(text) - len(text.lstrip(" "))


def _sync(section: str, field: str = "") -> str:
    return f"sync --json {quote(codec.compact({section: {field: 'TEXT'} if field else ['TEXT']}))}"
