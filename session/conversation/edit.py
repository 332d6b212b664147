"""Changes of a document by section and field: each is planned, then all are made at once, or none. Pure (seed: 004).

What is not changed stays byte for byte. New lines end as the document's first one does.
"""

from session.conversation import markdown_lines as grammar
from session.conversation.document import Document, Section, written
from session.conversation.schema import IN_FRONTMATTER, METADATA, PROGRESS, UPDATED
from session.errors import SessionError
from session.text.untrusted import one_line


class Edit:
    """Changes of one document, to be planned in any order and made by `text`."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._splices: list[tuple[int, int, list[str]]] = []  # from line, before line, what is there instead
        self._added: list[tuple[str, list[str]]] = []  # sections at the end

    def set_field(self, at: int, field: grammar.Field, value: str) -> None:
        """Give the field in that line the value."""
        line, value = self.document.lines[at], grammar.flat(value)
        lead = field.lead
        if lead[-1:] not in (" ", "\t") or value[:1] in (" ", "\t"):  # else it would grow each time
            lead = lead.rstrip(" \t") + " "
        self._splices.append((at, at + 1, [f"{lead}{value}{grammar.ending(line)}"]))

    def insert_fields(self, section: Section, fields: dict[str, str]) -> None:
        """Make the fields the first lines below the section's heading."""
        newline = self.document.newline
        new = [f"{field_line(name, value)}{newline}" for name, value in fields.items()]
        if new and not grammar.ending(self.document.lines[section.at]):
            new[-1] = grammar.bare(new[-1])
        self._splices.append((section.at + 1, section.at + 1, new))

    def replace_text(self, section: Section, body: list[str], *, next_too: bool = False) -> None:
        """Have the section's own text be these lines, which have no line breaks; an empty one follows, unless the
        section is the last one, or the `next` one of the same name comes right after, as the original left it."""
        last = section.own_end == len(self.document.lines)
        new = [line + self.document.newline for line in ("", *body, *(() if last or next_too else ("",)))]
        if last:
            new[-1] = grammar.bare(new[-1])
        self._splices.append((section.at + 1, section.own_end, new))

    def insert_lines(self, at: int, body: list[str]) -> None:
        """Put lines, which have no line breaks, before the line `at`."""
        new = [line + self.document.newline for line in body]
        if at == len(self.document.lines) and not (at and grammar.ending(self.document.lines[-1])):
            new[-1] = grammar.bare(new[-1])
        self._splices.append((at, at, new))

    def add_section(self, name: str, body: list[str]) -> None:
        """A new section at the end."""
        self._added.append((name, body))

    def set_front(self, key: str, value: str) -> bool:
        """Give the frontmatter's key the value; whether there is such a key."""
        document, value = self.document, grammar.flat(value)
        found = [(at, told) for at, name, told in document.front() if name.casefold() == key.casefold()]
        for at, told in found:
            lead = document.bare[at][: len(document.bare[at]) - len(told)]
            space = told[: len(told) - len(told.lstrip(" \t"))]
            space = " " if value[:1] in (" ", "\t") else space or " "
            new = f"{lead}{space}{written(value)}{grammar.ending(document.lines[at])}"
            self._splices.append((at, self._end_of_value(at, told), [new]))
        return bool(found)

    def _end_of_value(self, at: int, told: str) -> int:
        """The line before which the frontmatter's value ends that begins in the line `at`: a list or a text may go on
        below it, further in."""
        document = self.document
        goes_on = (" ", "\t") if told.strip() else (" ", "\t", "-")
        end = at + 1
        for below in range(at + 1, document.front_end):
            line = document.bare[below]
            if line.strip() and line[0] not in goes_on:
                break
            if line.strip():
                end = below + 1
        return end

    def stamp(self, now: str) -> None:
        """Note when the document was changed, where it has a place for that."""
        self.set_front(UPDATED, now)

    def text(self) -> str:
        """The document with all changes. SessionError where it would not be read as it is meant."""
        document = self.document
        parts = [document.bom]
        done = 0

        def put(lines: list[str]) -> None:
            if lines and len(parts) > 1 and not grammar.ending(parts[-1]):
                parts.append(document.newline)
            parts.extend(lines)

        for start, end, new in sorted(self._splices, key=lambda splice: splice[:2]):
            put(document.lines[done:start])
            put(new)
            done = end
        put(document.lines[done:])
        newline = document.newline
        for name, body in self._added:
            parts.append(newline.join(["", "", f"## {name}", "", *body]))
        text = "".join(parts)
        self._check(Document(text))
        return text

    def _check(self, changed: Document) -> None:
        outline = [*self.document.outline(), *((2, name) for name, _ in self._added)]
        if changed.outline() == outline and bool(changed.front_end) == bool(self.document.front_end):
            return
        document = self.document
        loose = next(
            (at for at, mark in enumerate(document.marks) if not mark and grammar.opens(document.bare[at])), None
        )
        where = "" if loose is None else f", as line {loose + 1} opens what is never closed"
        raise SessionError(f"the document would no longer be read the same{where}; nothing changed", "mend it first")


def field_line(name: str, value: str) -> str:
    """The field as a line of its own."""
    return f"- **{name}:** {grammar.flat(value)}"


def wrong_field_name(name: str) -> str:
    """Why a field can't have that name, empty if it can."""
    if not name:
        return "has no name"
    told = grammar.field(field_line(name, ""))
    if told is None or told.name != name or not _is_plain(name):
        return "is no name for a field: it must be one line without '**' and ':**'"
    return ""


def wrong_section_name(name: str) -> str:
    """Why a section can't have that name, empty if it can."""
    if not name:
        return "has no name"
    if grammar.heading(f"## {name}") != (2, name) or not _is_plain(name):
        return "is no name for a section: it must be one line that does not end in '#'"
    return ""


def wrong_text(text: str) -> str:
    """Why the text can't be in a document, empty if it can."""
    if "\0" in text:
        return "holds a null character"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "holds half a character (a lone surrogate)"
    return ""


def _is_plain(name: str) -> bool:
    return grammar.flat(name) == name and all(char >= " " and char != "\x7f" for char in name) and not wrong_text(name)


def update(text: str, field: str, value: str, now: str) -> str:
    """The document with `field`, in any case, at `value`, wherever it is; one that it does not have becomes the first
    one of its metadata. SessionError where there is no place for it."""
    document = Document(text)
    edit = Edit(document)
    in_front = field.casefold() in IN_FRONTMATTER and edit.set_front(field, value)
    found = document.field_lines(field, METADATA, PROGRESS)
    for at, told in found:
        edit.set_field(at, told, value)
    if not found:
        sections = document.find(METADATA)
        if sections:
            edit.insert_fields(sections[0], {field: value})
        elif not in_front:
            shown = one_line(field, 80)
            raise SessionError(f"✗ Could not find field '{shown}' or Metadata section")
    edit.stamp(now)
    return edit.text()


def append(text: str, section: str, addition: str, now: str) -> str:
    """The document with `addition` at the end of the section's own text, of the first one that is called so; one that
    it does not have is added."""
    document = Document(text)
    edit = Edit(document)
    body = grammar.harmless(addition)
    found = document.find(section)
    if found:
        edit.insert_lines(_end_of_text(document, found[0]), body)
    else:
        edit.add_section(section.strip(), [*body, ""])  # what is appended ends its line, as in the original
    edit.stamp(now)
    return edit.text()


def _end_of_text(document: Document, section: Section) -> int:
    end = section.own_end
    while end > section.at + 1 and not document.bare[end - 1].strip():
        end -= 1
    return end
