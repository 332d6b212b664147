"""Edit a JSON text at positions: text outside an edit stays unchanged, new values take over the text's style."""

import json
import re
from typing import Any, NamedTuple

from session.store import codec

BOM = "\ufeff"
_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"')
_SCALAR = re.compile(r"[^ \t\r\n,\]}]+")
_STRUCTURE = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}]')


class Item(NamedTuple):
    """A member of an object or an element of an array. It is `text[start:end]`; its value is `text[value:end]`."""

    key: str | None
    start: int
    value: int
    end: int


class Edit(NamedTuple):
    """The replacement of `text[start:end]` with `new`."""

    start: int
    end: int
    new: str


class Document:
    """A JSON text to edit. Positions are valid until the next edit; `undo` holds the reverse of each edit.

    codec.NotJSON if the text is not JSON. It may begin with a byte order mark.
    """

    def __init__(self, text: str) -> None:
        codec.decode(text.removeprefix(BOM))
        self.text = text
        self.undo: list[Edit] = []
        self._newline = "\r\n" if "\r\n" in text else "\n"

    @property
    def root(self) -> int:
        """The position at which the document's value begins."""
        return self._skip(len(BOM) if self.text.startswith(BOM) else 0)

    def items(self, at: int) -> list[Item]:
        """Return the items of the object or array that begins at `at`, or an empty list for any other value."""
        text, items = self.text, []
        if text[at] not in "{[":
            return []
        is_object = text[at] == "{"
        at = self._skip(at + 1)
        while text[at] not in "]}":
            start, key = at, None
            if is_object:
                at = self._end(at)
                key = codec.decode(text[start:at])
                at = self._skip(self._skip(at) + 1)
            end = self._end(at)
            items.append(Item(key, start, at, end))
            at = self._skip(end)
            if text[at] == ",":
                at = self._skip(at + 1)
        return items

    def value(self, at: int) -> Any:
        """Return the value that begins at `at`."""
        return codec.decode(self.text[at : self._end(at)])

    def append(self, at: int, value: object, key: str | None = None) -> None:
        """Add an element at the end of the array that begins at `at`, or the member `key` to an object."""
        items = self.items(at)
        if items:
            last = items[-1]
            lead = self.text[_last_non_space(self.text, last.start) + 1 : last.start]
            if not lead and len(items) == 1 and self._is_spaced():
                lead = " "
            self.edit(Edit(last.end, last.end, "," + lead + self._render(value, key, lead)))
            return
        close = self._skip(at + 1)
        if at != self.root and "\n" not in self.text:
            self.edit(Edit(at + 1, close, self._render(value, key, "")))
            return
        outer = self._newline + self._indentation(at)
        lead = outer + self._unit()
        self.edit(Edit(at + 1, close, lead + self._render(value, key, lead) + outer))

    def put(self, item: Item, value: object) -> None:
        """Replace an item's value."""
        lines = "\n" in self.text[item.value : item.end]
        lead = "\n" + self._indentation(item.start) if lines else ""
        self.edit(Edit(item.value, item.end, self._render(value, None, lead)))

    def remove(self, at: int, index: int) -> None:
        """Remove an item and its comma from the object or array that begins at `at`."""
        items = self.items(at)
        if len(items) == 1:
            self.edit(Edit(at + 1, self._skip(items[0].end), ""))
        elif index:
            self.edit(Edit(items[index - 1].end, items[index].end, ""))
        else:
            self.edit(Edit(items[0].start, items[1].start, ""))

    def edit(self, edit: Edit) -> None:
        """Make the edit. It is not checked that the text stays valid JSON."""
        start, end, new = edit
        old = self.text[start:end]
        self.text = self.text[:start] + new + self.text[end:]
        self.undo.append(Edit(start, start + len(new), old))

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        assert match is not None
        return match.end()

    def _end(self, at: int) -> int:
        """Return the position at which the value that begins at `at` ends. The text must be valid JSON."""
        char = self.text[at]
        if char not in "{[":
            match = (_STRING if char == '"' else _SCALAR).match(self.text, at)
            assert match is not None
            return match.end()
        depth = 0
        for part in _STRUCTURE.finditer(self.text, at):
            char = self.text[part.start()]
            depth += (char in "{[") - (char in "]}")
            if not depth:
                return part.end()
        raise AssertionError("no JSON")

    def _indentation(self, at: int) -> str:
        """Return the white space at the beginning of the line that holds the position `at`."""
        line = self.text.rfind("\n", 0, at) + 1
        match = re.compile(r"[ \t]*").match(self.text, line)
        assert match is not None
        return match[0]

    def _unit(self) -> str:
        """Return the white space that indents one level of the document."""
        items = self.items(self.root)
        first = items[0].start if items else 0
        lead = self.text[self.root + 1 : first]
        return (lead.rpartition("\n")[2] if "\n" in lead else "") or "  "

    def _is_spaced(self) -> bool:
        return re.search(r'":[ \t]', self.text) is not None or ":" not in self.text

    def _render(self, value: object, key: str | None, lead: str) -> str:
        """Return the text of a value, or of the member `key`, to be written after the white space `lead`.

        If `lead` contains a line break, the value is written on several lines, else on one.
        """
        if "\n" in lead:
            indentation = lead.rpartition("\n")[2]
            rendered = json.dumps(value, indent=self._unit(), ensure_ascii=False)
            rendered = rendered.replace("\n", self._newline + indentation)
            colon = ": "
        else:
            spaced = self._is_spaced()
            rendered = json.dumps(value, separators=(", ", ": ") if spaced else (",", ":"), ensure_ascii=False)
            colon = ": " if spaced else ":"
        return rendered if key is None else json.dumps(key, ensure_ascii=False) + colon + rendered


def undo_edits(text: str, undo: list[Edit]) -> str:
    """Return `text` as it was before some edits; `undo` holds the reverse of each edit."""
    for start, end, old in reversed(undo):
        text = text[:start] + old + text[end:]
    return text


def _last_non_space(text: str, at: int) -> int:
    """Return the position of the last character before `at` that is not white space."""
    return len(text[:at].rstrip(codec.WHITE_SPACE)) - 1
