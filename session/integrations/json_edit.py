"""Edits of a JSON text by position: what is not edited stays byte for byte, what is added takes on its style."""

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
    """A member of an object, or an element of an array: `text[start:end]`, its value `text[value:end]`."""

    key: str | None
    start: int
    value: int
    end: int


class Edit(NamedTuple):
    """Put `new` in place of `text[start:end]`."""

    start: int
    end: int
    new: str


class Document:
    """A JSON text being edited. Positions hold until the next edit. `undo` is what takes each edit back."""

    def __init__(self, text: str) -> None:
        """codec.NotJSON where the text, after a byte order mark, is not JSON."""
        codec.decode(text.removeprefix(BOM))
        self.text = text
        self.undo: list[Edit] = []
        self._newline = "\r\n" if "\r\n" in text else "\n"

    @property
    def root(self) -> int:
        """Where the document's value begins."""
        return self._skip(len(BOM) if self.text.startswith(BOM) else 0)

    def items(self, at: int) -> list[Item]:
        """What the object or array that begins at `at` holds; nothing for another value."""
        text, found = self.text, []
        if text[at] not in "{[":
            return []
        named = text[at] == "{"
        at = self._skip(at + 1)
        while text[at] not in "]}":
            start, key = at, None
            if named:
                at = self._end(at)
                key = codec.decode(text[start:at])
                at = self._skip(self._skip(at) + 1)
            end = self._end(at)
            found.append(Item(key, start, at, end))
            at = self._skip(end)
            if text[at] == ",":
                at = self._skip(at + 1)
        return found

    def value(self, at: int) -> Any:
        """The value that begins at `at`."""
        return codec.decode(self.text[at : self._end(at)])

    def append(self, at: int, value: object, key: str | None = None) -> None:
        """Add an element at the end of the array that begins at `at`, or the member `key` to an object."""
        items = self.items(at)
        if items:
            last = items[-1]
            lead = self.text[_last_solid(self.text, last.start) + 1 : last.start]
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
        """Take an item out of the object or array that begins at `at`, its comma with it."""
        items = self.items(at)
        if len(items) == 1:
            self.edit(Edit(at + 1, self._skip(items[0].end), ""))
        elif index:
            self.edit(Edit(items[index - 1].end, items[index].end, ""))
        else:
            self.edit(Edit(items[0].start, items[1].start, ""))

    def edit(self, edit: Edit) -> None:
        """Make the edit, whatever becomes of the document."""
        start, end, new = edit
        old = self.text[start:end]
        self.text = self.text[:start] + new + self.text[end:]
        self.undo.append(Edit(start, start + len(new), old))

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self.text, at)
        assert found is not None
        return found.end()

    def _end(self, at: int) -> int:
        """Where the value that begins at `at` ends. The text is known to be JSON."""
        char = self.text[at]
        if char not in "{[":
            found = (_STRING if char == '"' else _SCALAR).match(self.text, at)
            assert found is not None
            return found.end()
        depth = 0
        for part in _STRUCTURE.finditer(self.text, at):
            char = self.text[part.start()]
            depth += (char in "{[") - (char in "]}")
            if not depth:
                return part.end()
        raise AssertionError("no JSON")

    def _indentation(self, at: int) -> str:
        """What the line of `at` begins with."""
        line = self.text.rfind("\n", 0, at) + 1
        found = re.compile(r"[ \t]*").match(self.text, line)
        assert found is not None
        return found[0]

    def _unit(self) -> str:
        """What a level of the document is indented by."""
        items = self.items(self.root)
        first = items[0].start if items else 0
        lead = self.text[self.root + 1 : first]
        return (lead.rpartition("\n")[2] if "\n" in lead else "") or "  "

    def _is_spaced(self) -> bool:
        return re.search(r'":[ \t]', self.text) is not None or ":" not in self.text

    def _render(self, value: object, key: str | None, lead: str) -> str:
        """The value, or member, as it stands after `lead`: on lines of its own where `lead` breaks the line."""
        if "\n" in lead:
            indentation = lead.rpartition("\n")[2]
            said = json.dumps(value, indent=self._unit(), ensure_ascii=False)
            said = said.replace("\n", self._newline + indentation)
            colon = ": "
        else:
            spaced = self._is_spaced()
            said = json.dumps(value, separators=(", ", ": ") if spaced else (",", ":"), ensure_ascii=False)
            colon = ": " if spaced else ":"
        return said if key is None else json.dumps(key, ensure_ascii=False) + colon + said


def undone(text: str, undo: list[Edit]) -> str:
    """`text` before the edits that `undo` takes back."""
    for start, end, old in reversed(undo):
        text = text[:start] + old + text[end:]
    return text


def _last_solid(text: str, at: int) -> int:
    """Where the last character before `at` that is no white space stands."""
    return len(text[:at].rstrip(codec.WHITE_SPACE)) - 1
