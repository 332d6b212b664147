"""The record of what was installed where, so that it can be taken back: one file in the user's own folder."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from session.errors import SessionError
from session.host import user_folders
from session.integrations import file_changes
from session.integrations.json_edit import Edit, undone
from session.store import codec, user_file

_FILE = "installed.json"


def digest(body: bytes) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


@dataclass
class Entry:
    """What was installed into one settings file, and beside it.

    `sha256` of the settings after that, empty where they can't be put back as they were; `undo` does that, and
    `absent` says that there was no file. Else `made` names the containers that only we filled, None if unknown.
    `skills` has the SHA-256 of each file by its path; `folders` were made for them, the deepest first.
    """

    sha256: str = ""
    undo: list[Edit] = field(default_factory=list)
    absent: bool = False
    made: list[str] | None = None
    skills: dict[str, str] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)

    def fits(self, body: bytes | None) -> bool:
        """Whether the settings are what they were after we installed into them."""
        return body is not None and self.sha256 == digest(body)

    def before(self, text: str) -> str | None:
        """The settings that fit, as they were before; None if there were none."""
        return None if self.absent else undone(text, self.undo)


class Record:
    """The entries by path of the settings. `path` is the record's own file, `old` what it held when it was read."""

    def __init__(self) -> None:
        """SessionError for a file that is not the record."""
        self.path = os.path.join(user_folders.data(), _FILE)
        self.old = file_changes.read(self.path)
        try:
            entries = {} if self.old is None else codec.decode_bytes(self.old, exact=True)
            self.entries = {path: _entry(value) for path, value in entries.items()}
        except (codec.NotJSON, AttributeError, KeyError, TypeError):
            raise SessionError(f"{self.path} is not what was written there; nothing changed", "move it away") from None

    def change(self) -> file_changes.Change:
        """What makes the file hold the entries as they are now."""
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
    for name, kind in _SHAPE.items():
        if not isinstance(value[name], kind):
            raise TypeError
    return Entry(**{**{name: value[name] for name in _SHAPE}, "undo": [Edit(*edit) for edit in value["undo"]]})


@contextmanager
def locked() -> Iterator[None]:
    """Let one process at a time change what is installed. Busy, or SessionError if the user's folder can't be used."""
    with user_file.locked(user_folders.data(), _FILE):
        yield
