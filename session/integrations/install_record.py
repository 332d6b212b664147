"""The record of all installations, which `session uninstall` needs: one file in the user's data folder."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from session.errors import SessionError
from session.host import user_folders
from session.integrations import file_changes
from session.integrations.json_edit import Edit, undo_edits
from session.store import codec, user_file

_FILE = "installed.json"


def digest(body: bytes) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


@dataclass
class Entry:
    """The installation into one settings file: the way back, and the skills installed with it.

    `sha256` is the hash of the settings after the installation, or "" if they can't be restored exactly. `undo` holds
    the edits that restore them; `absent` is True if there was no file before. `made` names the containers ("hooks",
    events) that we created, or is None if that is unknown; it is used if the settings have changed since.
    `skills` maps the path of each skill file to its SHA-256. `folders` are the folders that we created, the deepest
    first.
    """

    sha256: str = ""
    undo: list[Edit] = field(default_factory=list)
    absent: bool = False
    made: list[str] | None = None
    skills: dict[str, str] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)

    def fits(self, body: bytes | None) -> bool:
        """Return True if the settings have not changed since the installation."""
        return body is not None and self.sha256 == digest(body)

    def before(self, text: str) -> str | None:
        """Return the settings before the installation, or None if there was no file. `text` must fit this entry."""
        return None if self.absent else undo_edits(text, self.undo)


class Record:
    """The entries by path of the settings file. `path` is the record's own file, `old` its bytes when it was read.

    SessionError if the file does not hold a record.
    """

    def __init__(self) -> None:
        self.path = os.path.join(user_folders.data(), _FILE)
        self.old = file_changes.read(self.path)
        try:
            entries = {} if self.old is None else codec.decode_bytes(self.old, exact=True)
            self.entries = {_path(path): _entry(value) for path, value in entries.items()}
        except (codec.NotJSON, AttributeError, KeyError, TypeError, ValueError):
            raise SessionError(
                f"{self.path} is not a record of installations; nothing changed", "move it away"
            ) from None

    def change(self) -> file_changes.Change:
        """Return the change that brings the record's file up to date with the entries."""
        values = {path: {name: getattr(entry, name) for name in _SHAPE} for path, entry in self.entries.items()}
        for value in values.values():
            value["undo"] = [list(edit) for edit in value["undo"]]
        return file_changes.Change(self.path, self.old, codec.encode(values) + b"\n" if values else None)


_SHAPE: dict[str, Any] = {
    "sha256": str,
    "undo": list,
    "absent": bool,
    "made": (list, type(None)),
    "skills": dict,
    "folders": list,
}


def _entry(value: Any) -> Entry:
    """Return the entry that the JSON value stands for. KeyError, TypeError or ValueError if it has another shape."""
    for name, kind in _SHAPE.items():
        if not isinstance(value[name], kind):
            raise TypeError
    entry = Entry(**{**{name: value[name] for name in _SHAPE}, "undo": [_edit(edit) for edit in value["undo"]]})
    for text in (entry.sha256, *(entry.made or ()), *entry.skills.values()):
        _text(text)
    for path in (*entry.skills, *entry.folders):
        _path(path)
    return entry


def _edit(value: Any) -> Edit:
    start, end, new = value
    if type(start) is not int or type(end) is not int or not 0 <= start <= end:
        raise ValueError
    return Edit(start, end, _text(new))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    value.encode()  # UnicodeEncodeError for half a surrogate pair
    return value


def _path(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    os.fsencode(value)
    if not os.path.isabs(value) or "\0" in value:
        raise ValueError
    return value


@contextmanager
def locked() -> Iterator[None]:
    """Hold the lock of the installations: only one process at a time may change them.

    Busy if another process holds it too long; SessionError if the user's data folder can't be used.
    """
    with user_file.locked(user_folders.data(), _FILE):
        yield
