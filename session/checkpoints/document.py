"""The document of a checkpoint, which holds copies of other documents. No I/O, no clock.

    {"checkpoint_id", "created": ISO 8601 UTC, "session_id": str, "description": str,
     "files": [{"collection", "name", "path", "sha256", "text": str | "base64": str}, …],
     "state_snapshot": the project's state | null, "notes": str,
     "version": 1, "branch": str, "commit": str, "before_restore_of"?: id, "sha256": of everything else}

`text` is the file's exact content; if that is not UTF-8, `base64` holds it instead. `state_snapshot` repeats the
project's state for tools that know only the checkpoints of the original scripts. Those hold a snapshot, but no version
and no checksums. `before_restore_of` marks a checkpoint that a restore made of the documents it replaced. Such a
checkpoint is restored only if its id is given.
"""

import hashlib
from base64 import b64decode, b64encode
from typing import Any, NamedTuple

from session.errors import SessionError, UsageError
from session.project.location import KEY
from session.store import codec, paths
from session.store.json_document import object_or_none
from session.text.typed import as_object, list_at, text_at
from session.text.untrusted import one_line

VERSION = 1


class File(NamedTuple):
    """The copy of one document: its key, its path below the root, its bytes."""

    key: tuple[str, str]
    path: str
    body: bytes


class Checkpoint:
    """The content of a checkpoint's document. A missing text is "".

    `problems` has one line for each reason not to rely on the checkpoint. `files` holds the intact files, and `intact`
    is their number. `changed` has the paths of files whose content does not match its checksum, `missing` those of
    files without content. `original` is True if the original scripts wrote the checkpoint. Such a checkpoint lists
    files without their content; `unchecked` is their number.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self.created = text_at(document, "created")
        self.session_id = text_at(document, "session_id")
        self.description = text_at(document, "description")
        self.branch = text_at(document, "branch")
        self.commit = text_at(document, "commit")
        self.before_restore_of = text_at(document, "before_restore_of")
        self.original = "version" not in document and "sha256" not in document
        entries = list_at(document, "files")
        self.unchecked = len(entries) if self.original else 0
        snapshot = document.get("state_snapshot")
        self.snapshot: dict[str, Any] | None = snapshot if isinstance(snapshot, dict) else None
        self.files: list[File] = []
        self.intact = 0
        self.changed: list[str] = []
        self.missing: list[str] = []
        self.problems: list[str] = []
        if self.original:
            if self.snapshot is None:
                self.problems.append("it holds no project state")
        elif document.get("version") != VERSION:
            self.problems.append(f"it was written by another version: {codec.compact(document.get('version'))[:40]}")
        elif document.get("sha256") != _checksum(document):
            self._collect(entries)
            self.problems.append("its checksum is wrong: it was changed, or damaged")
        else:
            self._collect(entries)
            self._check()

    @property
    def state(self) -> bytes | None:
        """Return the bytes of the project's state, or None if the checkpoint holds none."""
        if self.original:
            return None if self.snapshot is None else codec.encode(self.snapshot)
        return next((file.body for file in self.files if file.key == KEY), None)

    @property
    def valid(self) -> bool:
        """Return True if `restore` may choose this checkpoint by itself. Only valid ones count towards the limit."""
        return not self.problems and not self.before_restore_of

    def without_content(self) -> "Checkpoint":
        """Drop the files and the snapshot, to save memory in long lists; return this checkpoint."""
        self.files, self.snapshot = [], None
        return self

    def _collect(self, entries: list[Any]) -> None:
        for number, value in enumerate(entries, 1):
            entry = as_object(value)
            path = one_line(text_at(entry, "path") or f"file {number}")
            body = _body(entry)
            key = _key(entry)
            if body is None:
                self.missing.append(path)
            elif key is None or entry.get("sha256") != _sha256(body):
                self.changed.append(path)
            else:
                self.files.append(File(key, path, body))
        self.intact = len(self.files)

    def _check(self) -> None:
        self.problems += [f"{path}: not what was put in" for path in self.changed]
        self.problems += [f"{path}: its content is missing" for path in self.missing]
        if self.before_restore_of:
            return  # a restore records what it replaced, even a broken state or none
        state = self.state
        if state is None:
            self.problems.append("it holds no project state")
        elif object_or_none(state) is None:
            self.problems.append("the project state in it is not a JSON object")


def build(
    checkpoint_id: str,
    created: str,
    files: list[File],
    *,
    session_id: str = "",
    description: str = "",
    branch: str = "",
    commit: str = "",
    before_restore_of: str = "",
) -> bytes:
    """Return the bytes of a checkpoint's document; raise SessionError if the project's state is nested too deeply."""
    state = next((file.body for file in files if file.key == KEY), None)
    document: dict[str, Any] = {
        "checkpoint_id": checkpoint_id,
        "created": created,
        "session_id": session_id,
        "description": description,
        "files": [_entry(file) for file in files],
        "state_snapshot": object_or_none(state),
        "notes": "",
        "version": VERSION,
        "branch": branch,
        "commit": commit,
    }
    if before_restore_of:
        document["before_restore_of"] = before_restore_of
    document["sha256"] = _checksum(document)
    return codec.encode(document)


def parse(body: bytes) -> Checkpoint:
    """Return the checkpoint in a document's bytes; raise SessionError if they hold no JSON object.

    The error's message continues the file's path.
    """
    try:
        document = codec.decode_bytes(body, exact=True)
    except codec.NotJSON as error:
        raise SessionError(f"is not valid JSON: {error}") from None
    if not isinstance(document, dict):
        raise SessionError("is not a checkpoint: it holds no JSON object")
    return Checkpoint(document)


def _entry(file: File) -> dict[str, str]:
    entry = {"collection": file.key[0], "name": file.key[1], "path": file.path, "sha256": _sha256(file.body)}
    try:
        entry["text"] = file.body.decode()
    except UnicodeDecodeError:
        entry["base64"] = b64encode(file.body).decode()
    return entry


def _body(entry: dict[str, Any]) -> bytes | None:
    """Return the content of a file's entry, b"" if it is malformed, or None if the entry has none."""
    text, encoded = entry.get("text"), entry.get("base64")
    try:
        if isinstance(text, str):
            return text.encode()
        if isinstance(encoded, str):
            return b64decode(encoded, validate=True)
    except ValueError:  # the text holds a lone surrogate, or the base64 is invalid
        return b""
    return None


def _key(entry: dict[str, Any]) -> tuple[str, str] | None:
    """Return the entry's key, or None if the name is invalid."""
    collection, name = text_at(entry, "collection"), text_at(entry, "name")
    try:
        # only a later version of this program records other collections, and this one does not restore them
        if collection in paths.COLLECTIONS:
            paths.file_of(collection, name)
    except UsageError:
        return None
    return collection, name


def _checksum(document: dict[str, Any]) -> str:
    """Return the checksum of all fields but `sha256`. The layout of the JSON does not matter."""
    fields = {key: value for key, value in document.items() if key != "sha256"}
    return _sha256(codec.compact(fields).encode())


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
