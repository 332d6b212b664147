"""Change many sections of a document from one JSON object: all of them, or none. No I/O."""

from typing import Any

from session.conversation import markdown_lines
from session.conversation.document import Document
from session.conversation.edit import Edit, field_line, wrong_field_name, wrong_section_name, wrong_text
from session.conversation.schema import ARTIFACTS, HINTS, IN_FRONTMATTER, METADATA, WITH_FIELDS, Artifact
from session.errors import SessionError
from session.store import codec
from session.store.disk import MAX_BYTES
from session.text.untrusted import one_line

_WITH_FIELDS = {name.casefold() for name in WITH_FIELDS}


class InvalidSections(SessionError):
    """The object holds values that sync cannot use. The message names all of them."""


def sync(text: str, values: dict[str, Any], now: str) -> tuple[str, list[str]]:
    """Return the document with new contents for the sections named in `values`, and their names in that order.

    A value is a list of items or a text. For Metadata and Progress it is an object of fields. InvalidSections if
    anything is wrong with any value.
    """
    document = Document(text)
    document.find_all(values)
    plan = _Plan(document)
    names = [plan.add(key, value) for key, value in values.items()]
    if plan.problems:
        raise InvalidSections(f"✗ Errors: {'; '.join(plan.problems)}")
    plan.edit.stamp(now)
    return plan.edit.text(), names


class _Plan:
    """The planned changes of a document's sections, and the problems with their values."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.edit = Edit(document)
        self.problems: list[str] = []
        self._seen: set[str] = set()

    def add(self, key: str, value: object) -> str:
        """Plan an edit that sets one section to the value; return the section's name."""
        name = key.strip()
        folded = name.casefold()
        wrong = wrong_section_name(name)
        if wrong:
            self._note(name or repr(key), wrong)
        elif folded in self._seen:
            self._note(name, "is given twice")
        elif folded in _WITH_FIELDS:
            self._add_fields(name, value)
        elif type(value) is str:  # not isinstance: codec.Literal, a number too large for Python's types, is a str too
            self._add_text(name, value)
        elif isinstance(value, list):
            self._add_items(name, value)
        else:
            self._note(name, f"{_shown(value)} is neither a list nor text")
        self._seen.add(folded)
        return name

    def _note(self, place: str, problem: str) -> None:
        self.problems.append(f"{one_line(place, 80)}: {problem}")

    def _is_text(self, place: str, value: object) -> bool:
        """Return True if the document can hold the value as text. Note the problem otherwise."""
        wrong = wrong_text(value) if type(value) is str else f"{_shown(value)} is not text"
        if wrong:
            self._note(place, wrong)
        return not wrong

    def _add_fields(self, section: str, value: object) -> None:
        if not isinstance(value, dict):
            self._note(section, f"{_shown(value)} is not an object of fields")
            return
        fields: dict[str, tuple[str, str]] = {}  # the name and the text of each field, by its case-folded name
        for key, text in value.items():
            name = key.strip()
            place = f"{section}.{name}" if name else section
            wrong = wrong_field_name(name) or ("is given twice" if name.casefold() in fields else "")
            if wrong:
                self._note(place, f"a field {wrong}" if not name else wrong)
            elif self._is_text(place, text):
                fields[name.casefold()] = (name, text)
        self._set_fields(section, fields)

    def _set_fields(self, section: str, fields: dict[str, tuple[str, str]]) -> None:
        sections = self.document.find(section)
        missing = dict(fields)
        for place in sections:
            for at, field in self.document.fields(place):
                key = field.name.strip().casefold()
                if key in fields:
                    self.edit.set_field(at, field, fields[key][1])
                    missing.pop(key, None)
        if section.casefold() == METADATA.casefold():
            for key in IN_FRONTMATTER:
                if key in fields:
                    self.edit.set_front(key, fields[key][1])
        if missing and sections:
            self.edit.insert_fields(sections[0], dict(missing.values()))
        elif missing:
            self.edit.add_section(section, [field_line(name, text) for name, text in missing.values()])

    def _add_text(self, section: str, value: str) -> None:
        if self._is_text(section, value):
            self._replace(section, markdown_lines.escape(value))

    def _add_items(self, section: str, items: list[object]) -> None:
        body = []
        for number, item in enumerate(items, 1):
            place = f"{section}[{number}]"
            if section.casefold() == ARTIFACTS.casefold() and isinstance(item, dict):
                artifact = {key: item[key] for key in Artifact._fields if key in item}
                wrong = [key for key, text in artifact.items() if not self._is_text(f"{place}.{key}", text)]
                if not wrong:
                    body.append(f"- {markdown_lines.flat(str(Artifact(**artifact)))}")
            elif self._is_text(place, item):
                body.append(f"- {markdown_lines.flat(str(item))}")
        self._replace(section, body)

    def _replace(self, section: str, body: list[str]) -> None:
        """Plan an edit that replaces the own text of every section with this name. If there is none, it adds one."""
        sections = self.document.find(section)
        if len(sections) * sum(map(len, body)) > MAX_BYTES:
            self._note(section, f"in {len(sections)} places, that would be too large")
            return
        starts = {place.at for place in sections}
        for place in sections:
            hint = self._hint(section, self.document.text_of(place))
            self.edit.replace_text(place, [*hint, *body] or [""], next_too=place.own_end in starts)
        if not sections:
            self.edit.add_section(section, [*self._hint(section, ""), *body] or [""])

    def _hint(self, section: str, text: str) -> list[str]:
        """Return the hint line for a section that has one in the schema: the hint in `text`, else the schema's."""
        hint = next((hint for name, hint in HINTS.items() if name.casefold() == section.casefold()), "")
        first = markdown_lines.lines_of(text)[0]
        return [] if not hint else [first if markdown_lines.is_hint(first) else hint]


def _shown(value: object) -> str:
    return one_line(codec.compact(value), 60)
