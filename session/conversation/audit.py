"""What a document still lacks by the schema: placeholders, empty sections, missing parts; with line and remedy. No I/O.

The time that an audit takes is proportional to the document's length.
"""

from bisect import bisect_left
from itertools import accumulate
from shlex import quote
from typing import NamedTuple

from session.conversation import markdown_lines
from session.conversation.document import Document, Section
from session.conversation.edit import wrong_field_name, wrong_section_name
from session.conversation.schema import MAY_BE_EMPTY, METADATA, PROGRESS, SECTIONS, SPECIFIC
from session.store import codec

FIELD, ITEM, EMPTY, MISSING = "field to be given", "item to be given", "empty section", "missing"
BY_HAND = "edit the line by hand"
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
        by_name = document.fields_by_name(METADATA, PROGRESS)
        # the lines that `session doc update` changes
        self._set_by_update = {at for places in by_name.values() for at, _ in places}
        self.findings: list[Finding] = []
        has_content = [self._find_placeholders(section) for section in document.sections]
        self._find_empty(has_content)
        self.findings.sort(key=lambda finding: finding.line or 0)
        self._find_missing()
        kind = (document.front_value("type") or "").casefold()
        sections = (*SECTIONS, *(SPECIFIC[kind].parts if kind in SPECIFIC else ()))
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

    def _find_placeholders(self, section: Section) -> bool:
        """Add a finding for each placeholder in the section's own text. Return True if that text has any content."""
        document = self._document
        has_content = False
        for at in document.own(section):
            line, mark = document.bare[at], document.marks[at]
            if mark or not line.strip() or markdown_lines.is_rule(line) or markdown_lines.is_hint(line):
                has_content = has_content or mark == markdown_lines.FENCED
                continue
            field, item = markdown_lines.field(line), markdown_lines.item(line)
            if field is not None:
                is_empty = not (field.value.strip() or self._continues_below(section, at))
                if markdown_lines.is_placeholder(field.value) or is_empty:
                    self._add(FIELD, field.name, at, self._field_remedy(section, field.name, at))
            elif markdown_lines.is_placeholder(line if item is None else item) and (
                item is not None or not has_content
            ):
                self._add(ITEM, section.name, at, self._text_remedy(section, is_item=True))
            has_content = has_content or item != ""
        return has_content

    def _field_remedy(self, section: Section, field: str, at: int) -> str:
        """Return the words of the command that sets the field in line `at`, or BY_HAND."""
        if wrong_field_name(field.strip()):
            return BY_HAND
        if at in self._set_by_update:
            return f"update --field {quote(field)} --value TEXT"
        return _sync_words(section.name, field) if self._has_fields(section) and self._is_reached(section) else BY_HAND

    def _text_remedy(self, section: Section, *, is_item: bool = False) -> str:
        """Return the words of the command that replaces the section's text, or one item in it, or BY_HAND."""
        if not self._is_reached(section) or (is_item and self._has_fields(section)):
            return BY_HAND
        return _sync_words(section.name, _FIRST_FIELD.get(section.name.casefold(), ""))

    def _is_reached(self, section: Section) -> bool:
        """Return True if `session doc sync` changes this section, not another one, when it gets this section's name."""
        sections = self._document.find(section.name)
        return bool(sections) and sections[0].level == section.level and not wrong_section_name(section.name)

    def _has_fields(self, section: Section) -> bool:
        """Return True if `session doc sync` takes an object of fields for the section."""
        return section.name.casefold() in _FIRST_FIELD

    def _continues_below(self, section: Section, at: int) -> bool:
        """Return True if the value of the field in line `at` stands on the next line, indented further."""
        document = self._document
        below = document.bare[at + 1] if at + 1 < section.own_end else ""
        return bool(below.strip()) and _indent(below) > _indent(document.bare[at])

    def _find_empty(self, has_content: list[bool]) -> None:
        """Add a finding for each section that has no content, not even in a subsection."""
        sections = self._document.sections
        filled_before = [0, *accumulate(has_content)]  # for each section, the number of sections with content above it
        starts = [section.at for section in sections]
        may_be_empty_end = 0  # sections above this line may be empty
        for number, section in enumerate(sections):
            if section.name.casefold() in MAY_BE_EMPTY:
                may_be_empty_end = max(may_be_empty_end, section.end)
            end = bisect_left(starts, section.end)
            is_empty = filled_before[end] == filled_before[number]
            if section.level > 1 and section.at >= may_be_empty_end and is_empty:
                self._add(EMPTY, section.name, section.at, self._text_remedy(section))

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


def _indent(line: str) -> int:
    text = line.expandtabs(4)
    return len(text) - len(text.lstrip(" "))


def _sync_words(section: str, field: str = "") -> str:
    """Return the words of the sync command that sets the section, or one field in it, to the placeholder TEXT."""
    return f"sync --json {quote(codec.compact({section: {field: 'TEXT'} if field else ['TEXT']}))}"
