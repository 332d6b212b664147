"""Many sections of a document at once, from a JSON object: all of them, or none (seed: 004). Pure."""

from typing import Any

from session.conversation import markdown_lines as grammar
from session.conversation.document import Document
from session.conversation.edit import Edit, field_line, wrong_field_name, wrong_section_name, wrong_text
from session.conversation.schema import ARTIFACTS, HINTS, IN_FRONTMATTER, METADATA, WITH_FIELDS, Artifact
from session.errors import SessionError
from session.store import codec
from session.store.disk import MAX_BYTES
from session.text.untrusted import one_line

_FIELDED = {name.casefold() for name in WITH_FIELDS}


class Refused(SessionError):
    """What is wrong with an object, all of it."""


def sync(text: str, wanted: dict[str, Any], now: str) -> tuple[str, list[str]]:
    """The document with what is wanted of each section, and the names of those, in the order in which they were
    given. Refused where anything at all is wrong with them."""
    document = Document(text)
    work = _Work(document)
    names = [work.section(key, value) for key, value in wanted.items()]
    if work.wrong:
        raise Refused(f"✗ Errors: {'; '.join(work.wrong)}")
    work.edit.stamp(now)
    return work.edit.text(), names


class _Work:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.edit = Edit(document)
        self.wrong: list[str] = []
        self._seen: set[str] = set()

    def section(self, key: str, value: object) -> str:
        """Plan what is wanted of one section. Its name."""
        name = key.strip()
        folded = name.casefold()
        wrong = wrong_section_name(name)
        if wrong:
            self._note(name or repr(key), wrong)
        elif folded in self._seen:
            self._note(name, "is given twice")
        elif folded in _FIELDED:
            self._fields(name, value)
        elif type(value) is str:  # a number that no number can carry is a kind of text, too
            self._text(name, value)
        elif isinstance(value, list):
            self._items(name, value)
        else:
            self._note(name, f"{_shown(value)} is neither a list nor text")
        self._seen.add(folded)
        return name

    def _note(self, where: str, wrong: str) -> None:
        self.wrong.append(f"{one_line(where, 80)}: {wrong}")

    def _is_text(self, where: str, value: object) -> bool:
        wrong = wrong_text(value) if type(value) is str else f"{_shown(value)} is not text"
        if wrong:
            self._note(where, wrong)
        return not wrong

    def _fields(self, section: str, value: object) -> None:
        if not isinstance(value, dict):
            self._note(section, f"{_shown(value)} is not an object of fields")
            return
        given: dict[str, tuple[str, str]] = {}
        for key, told in value.items():
            name = key.strip()
            where = f"{section}.{name}" if name else section
            wrong = wrong_field_name(name) or ("is given twice" if name.casefold() in given else "")
            if wrong:
                self._note(where, f"a field {wrong}" if not name else wrong)
            elif self._is_text(where, told):
                given[name.casefold()] = (name, told)
        self._set(section, given)

    def _set(self, section: str, given: dict[str, tuple[str, str]]) -> None:
        sections = self.document.find(section)
        missing = dict(given)
        for place in sections:
            for at, field in self.document.fields(place):
                key = field.name.strip().casefold()
                if key in given:
                    self.edit.set_field(at, field, given[key][1])
                    missing.pop(key, None)
        if section.casefold() == METADATA.casefold():
            for key in IN_FRONTMATTER:
                if key in given:
                    self.edit.set_front(key, given[key][1])
        if missing and sections:
            self.edit.insert_fields(sections[0], dict(missing.values()))
        elif missing:
            self.edit.add_section(section, [field_line(name, value) for name, value in missing.values()])

    def _text(self, section: str, value: str) -> None:
        if self._is_text(section, value):
            self._body(section, grammar.harmless(value))

    def _items(self, section: str, value: list[object]) -> None:
        body = []
        for number, told in enumerate(value, 1):
            where = f"{section}[{number}]"
            if section.casefold() == ARTIFACTS.casefold() and isinstance(told, dict):
                artifact = {key: told[key] for key in Artifact._fields if key in told}
                wrong = [key for key, each in artifact.items() if not self._is_text(f"{where}.{key}", each)]
                if not wrong:
                    body.append(f"- {grammar.flat(str(Artifact(**artifact)))}")
            elif self._is_text(where, told):
                body.append(f"- {grammar.flat(str(told))}")
        self._body(section, body)

    def _body(self, section: str, body: list[str]) -> None:
        found = self.document.find(section)
        if len(found) * sum(map(len, body)) > MAX_BYTES:
            self._note(section, f"in {len(found)} places, that would be too large")
            return
        starts = {place.at for place in found}
        for place in found:
            hint = self._hint(section, self.document.text_of(place))
            self.edit.replace_text(place, [*hint, *body] or [""], next_too=place.own_end in starts)
        if not found:
            self.edit.add_section(section, [*self._hint(section, ""), *body] or [""])

    def _hint(self, section: str, text: str) -> list[str]:
        """The hint that such a section keeps, of a section that has one: its own, else that of the schema."""
        hint = next((told for name, told in HINTS.items() if name.casefold() == section.casefold()), "")
        first = grammar.broken(text)[0]
        return [] if not hint else [first if grammar.is_hint(first) else hint]


def _shown(value: object) -> str:
    return one_line(codec.compact(value), 60)
