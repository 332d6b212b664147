"""Changes of a document by section and field: planned one by one, then made all at once, or none. No I/O.

Lines that no change names stay byte for byte. A new line ends with the line break of the document's first line, except
where a CR and an LF of two line breaks would become one line break, CR LF.
"""

from session.conversation import markdown_lines
from session.conversation.document import Document, Section, format_value
from session.conversation.schema import IN_FRONTMATTER, METADATA, PROGRESS, UPDATED
from session.errors import SessionError
from session.text.untrusted import one_line


class Edit:
    """The planned changes of one document. Plan them in any order; `text` makes them."""

    def __init__(self, document: Document) -> None:
        self.document = document
        # replaced lines: the first one, the line after the last one, and the new lines
        self._splices: list[tuple[int, int, list[str]]] = []
        self._new_sections: list[tuple[str, list[str]]] = []  # name and lines of each section to add at the end

    def set_field(self, at: int, field: markdown_lines.Field, value: str) -> None:
        """Plan an edit that sets the field in line `at` to the value."""
        line, value = self.document.lines[at], markdown_lines.flat(value)
        lead = field.lead
        # without this, each edit would add one more space
        if lead[-1:] not in (" ", "\t") or value[:1] in (" ", "\t"):
            lead = lead.rstrip(" \t") + " "
        self._splices.append((at, at + 1, [f"{lead}{value}{markdown_lines.ending(line)}"]))

    def insert_fields(self, section: Section, fields: dict[str, str]) -> None:
        """Plan an edit that inserts fields below the section's heading. `fields` maps names to values."""
        newline = self.document.newline
        new = [f"{field_line(name, value)}{newline}" for name, value in fields.items()]
        if new and not markdown_lines.ending(self.document.lines[section.at]):
            new[-1] = markdown_lines.bare(new[-1])
        self._splices.append((section.at + 1, section.at + 1, new))

    def replace_text(self, section: Section, body: list[str], *, next_too: bool = False) -> None:
        """Plan an edit that replaces the section's own text with `body`: lines without line breaks.

        An empty line follows them, but not in the last section. If `next_too` is set, the edit changes the next section
        too, which has an equal name: then no empty line follows, as in the original scripts.
        """
        is_last = section.own_end == len(self.document.lines)
        new = [line + self.document.newline for line in ("", *body, *(() if is_last or next_too else ("",)))]
        if is_last:
            new[-1] = markdown_lines.bare(new[-1])
        self._splices.append((section.at + 1, section.own_end, new))

    def insert_lines(self, at: int, body: list[str]) -> None:
        """Plan an edit that inserts `body`, lines without line breaks, before line `at`."""
        new = [line + self.document.newline for line in body]
        if at == len(self.document.lines) and not (at and markdown_lines.ending(self.document.lines[-1])):
            new[-1] = markdown_lines.bare(new[-1])
        self._splices.append((at, at, new))

    def add_section(self, name: str, body: list[str]) -> None:
        """Plan an edit that adds a section at the end of the document. The lines of `body` have no line breaks."""
        self._new_sections.append((name, body))

    def set_front(self, key: str, value: str) -> bool:
        """Plan an edit that sets the frontmatter's key to the value. Return False if there is no such key."""
        document, value = self.document, markdown_lines.flat(value)
        places, formatted = document.front_places(key), format_value(value)
        for at, _, old in places:
            lead = document.bare[at][: len(document.bare[at]) - len(old)]
            space = old[: len(old) - len(old.lstrip(" \t"))]
            space = " " if value[:1] in (" ", "\t") else space or " "
            new = f"{lead}{space}{formatted}{markdown_lines.ending(document.lines[at])}"
            self._splices.append((at, self._end_of_value(at, old), [new]))
        return bool(places)

    def _end_of_value(self, at: int, value: str) -> int:
        """Return the line after the frontmatter value that begins in line `at`.

        A YAML list or a long text continues on the lines below, which are indented.
        """
        document = self.document
        continuations = (" ", "\t") if value.strip() else (" ", "\t", "-")
        end = at + 1
        for below in range(at + 1, document.front_end):
            line = document.bare[below]
            if line.strip() and line[0] not in continuations:
                break
            if line.strip():
                end = below + 1
        return end

    def stamp(self, now: str) -> None:
        """Plan an edit that sets `last_updated` in the frontmatter to `now`, if there is such a key."""
        self.set_front(UPDATED, now)

    def text(self) -> str:
        """Return the document's text with all planned changes.

        SessionError if the new text would have other headings or other frontmatter than planned.
        """
        document = self.document
        joined = _JoinedLines(document.newline)
        next_line = 0
        for start, end, new in sorted(self._splices, key=lambda splice: splice[:2]):
            joined.keep(document.lines[next_line:start])
            joined.add(new)
            next_line = end
        joined.keep(document.lines[next_line:])
        for name, body in self._new_sections:
            joined.add_below(["", "", f"## {name}", "", *body])
        text = document.bom + "".join(joined.lines)
        self._check(Document(text, document))
        return text

    def _check(self, changed: Document) -> None:
        """Raise SessionError unless `changed` has the headings and the frontmatter that were planned."""
        document = self.document
        added = [name for name, _ in self._new_sections]
        if bool(changed.front_end) == bool(document.front_end) and changed.has_outline(document, added):
            return
        unclosed = document.first_opener()
        reason = "" if unclosed is None else f", as line {unclosed + 1} opens what is never closed"
        raise SessionError(f"the document would no longer be read the same{reason}; nothing changed", "mend it first")


class _JoinedLines:
    """The lines of the new text: kept lines stay byte for byte, and every line stays a line of its own.

    A lone CR is a line break, but CR LF is one line break, not two. So where a line that ends in CR would meet a line
    that begins with LF, the new one of the two gets the line break CR LF.
    """

    def __init__(self, newline: str) -> None:
        self.lines: list[str] = []
        self._newline = newline

    def keep(self, lines: list[str]) -> None:
        """Append lines of the old text unchanged."""
        self._end_line(lines)
        if self._would_merge(lines):
            # self.lines[-1] is a new line here, never a kept one: kept lines merge only if the old text had them so
            self.lines[-1] += "\n"
        self.lines.extend(lines)

    def add(self, lines: list[str]) -> None:
        """Append new lines, each with its line break."""
        self._end_line(lines)
        self._add(lines)

    def add_below(self, lines: list[str]) -> None:
        """Append new lines without line breaks. The first one completes the last line if that has no line break."""
        self._add(markdown_lines.split(self._newline.join(lines)))

    def _add(self, lines: list[str]) -> None:
        if self._would_merge(lines):
            lines = ["\r\n", *lines[1:]]
        self.lines.extend(line for line in lines if line)

    def _end_line(self, lines: list[str]) -> None:
        if lines and self.lines and not markdown_lines.ending(self.lines[-1]):
            self.lines[-1] += self._newline

    def _would_merge(self, lines: list[str]) -> bool:
        return bool(lines and self.lines) and self.lines[-1].endswith("\r") and lines[0].startswith("\n")


def field_line(name: str, value: str) -> str:
    """Return the line `- **name:** value`, without a line break."""
    return f"- **{name}:** {markdown_lines.flat(value)}"


def wrong_field_name(name: str) -> str:
    """Return the reason why no field can have this name, or "" if one can."""
    if not name:
        return "has no name"
    field = markdown_lines.field(field_line(name, ""))
    if field is None or field.name != name or not _is_plain(name):
        return "is no name for a field: it must be one line without '**' and ':**'"
    return ""


def wrong_section_name(name: str) -> str:
    """Return the reason why no section can have this name, or "" if one can."""
    if not name:
        return "has no name"
    if name.isascii() and name.isprintable() and "#" not in name and name.strip(" ") == name:
        return ""  # most names; audit asks for each of a million sections
    if markdown_lines.heading(f"## {name}") != (2, name) or not _is_plain(name):
        return "is no name for a section: it must be one line that does not end in '#'"
    return ""


def wrong_text(text: str) -> str:
    """Return the reason why a document cannot hold the text, or "" if it can."""
    if "\0" in text:
        return "holds a null character"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "holds half a character (a lone surrogate)"
    return ""


def _is_plain(name: str) -> bool:
    """Return True if the name is one line without control characters."""
    if name.isascii():
        return name.isprintable()
    is_printable = all(char >= " " and char != "\x7f" for char in name)
    return is_printable and markdown_lines.flat(name) == name and not wrong_text(name)


def update(text: str, field: str, value: str, now: str) -> str:
    """Return the document with every field named `field`, ignoring case, set to `value`.

    If there is no such field, it becomes the first line of the section Metadata. SessionError if there is no such
    section either.
    """
    document = Document(text)
    edit = Edit(document)
    is_in_front = field.casefold() in IN_FRONTMATTER and edit.set_front(field, value)
    places = document.field_lines(field, METADATA, PROGRESS)
    for at, old in places:
        edit.set_field(at, old, value)
    if not places:
        sections = document.find(METADATA)
        if sections:
            edit.insert_fields(sections[0], {field: value})
        elif not is_in_front:
            shown = one_line(field, 80)
            raise SessionError(f"✗ Could not find field '{shown}' or Metadata section")
    edit.stamp(now)
    return edit.text()


def append(text: str, section: str, addition: str, now: str) -> str:
    """Return the document with `addition` at the end of the section's own text.

    If several sections have the name `section`, the first one gets the text. If none has it, a new section at the end
    gets the text.
    """
    document = Document(text)
    edit = Edit(document)
    body = markdown_lines.escape(addition)
    sections = document.find(section)
    if sections:
        edit.insert_lines(_end_of_text(document, sections[0]), body)
    else:
        edit.add_section(section.strip(), [*body, ""])  # the original script ends the line of an appended text
    edit.stamp(now)
    return edit.text()


def _end_of_text(document: Document, section: Section) -> int:
    """Return the line after the section's own text, not counting empty lines at its end."""
    end = section.own_end
    while end > section.at + 1 and not document.bare[end - 1].strip():
        end -= 1
    return end
