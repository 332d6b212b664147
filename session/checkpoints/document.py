"""A checkpoint: documents as they were at one time, in one document of its own. Pure: no files, no clock (seed: 000).

    {"checkpoint_id", "created": ISO 8601 UTC, "session_id": str, "description": str,
     "files": [{"collection", "name", "path", "sha256", "text": str | "base64": str}, …],
     "state_snapshot": the project's state | null, "notes": str,
     "version": 1, "branch": str, "commit": str, "before_restore_of"?: id, "sha256": of everything else}

A file's `text` is it, byte for byte; `base64` holds what is not UTF-8. `state_snapshot` repeats the project's state for
those who read checkpoints as the scripts of the seed wrote them: without version and checksums, the snapshot being all
that they hold. `before_restore_of` marks what a restore replaced: kept to go back to, never restored unasked.
"""

import hashlib
from base64 import b64decode, b64encode
from typing import Any, NamedTuple

from session.errors import SessionError, UsageError
from session.project.location import KEY
from session.store import codec, paths
from session.text.untrusted import one_line

VERSION = 1


class File(NamedTuple):
    """A document as it was: its key, its file below the root, its bytes."""

    key: tuple[str, str]
    path: str
    body: bytes


class Checkpoint:
    """What a checkpoint's document tells. Texts that it lacks are empty.

    `problems` says, each on one line, why it can't be relied on; `changed` and `missing` name the files that are not
    what was put in, or not there, `files` holds the others, `intact` counts them. `original`: it was written by the
    scripts of the seed, and lists as many files that are not in it as `unchecked` says.
    """

    def __init__(self, told: dict[str, Any]) -> None:
        self.created = _text(told, "created")
        self.session_id = _text(told, "session_id")
        self.description = _text(told, "description")
        self.branch = _text(told, "branch")
        self.commit = _text(told, "commit")
        self.before_restore_of = _text(told, "before_restore_of")
        self.original = "version" not in told and "sha256" not in told
        entries = told.get("files")
        self.unchecked = len(entries) if self.original and isinstance(entries, list) else 0
        snapshot = told.get("state_snapshot")
        self.snapshot: dict[str, Any] | None = snapshot if isinstance(snapshot, dict) else None
        self.files: list[File] = []
        self.intact = 0
        self.changed: list[str] = []
        self.missing: list[str] = []
        self.problems: list[str] = []
        if self.original:
            if self.snapshot is None:
                self.problems.append("it holds no project state")
        elif told.get("version") != VERSION:
            self.problems.append(f"it was written by another version: {codec.compact(told.get('version'))[:40]}")
        elif told.get("sha256") != _checksum(told):
            self._collect(entries)
            self.problems.append("its checksum is wrong: it was changed, or damaged")
        else:
            self._collect(entries)
            self._check()

    @property
    def state(self) -> bytes | None:
        """The project's state, None where it holds none."""
        if self.original:
            return None if self.snapshot is None else codec.encode(self.snapshot)
        return next((file.body for file in self.files if file.key == KEY), None)

    @property
    def valid(self) -> bool:
        """Whether to restore it unasked, and to count it among those that are kept."""
        return not self.problems and not self.before_restore_of

    def without_content(self) -> "Checkpoint":
        """The same, holding nothing any more: for lists of very many."""
        self.files, self.snapshot = [], None
        return self

    def _collect(self, entries: object) -> None:
        for number, entry in enumerate(entries if isinstance(entries, list) else (), 1):
            told = entry if isinstance(entry, dict) else {}
            path = one_line(_text(told, "path") or f"file {number}")
            body = _body(told)
            key = _key(told)
            if body is None:
                self.missing.append(path)
            elif key is None or told.get("sha256") != _sha256(body):
                self.changed.append(path)
            else:
                self.files.append(File(key, path, body))
        self.intact = len(self.files)

    def _check(self) -> None:
        self.problems += [f"{path}: not what was put in" for path in self.changed]
        self.problems += [f"{path}: its content is missing" for path in self.missing]
        if self.before_restore_of:
            return  # it may hold what was broken, or no state at all
        state = self.state
        if state is None:
            self.problems.append("it holds no project state")
        elif object_in(state) is None:
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
    """The document of a checkpoint. SessionError where the state is nested too deeply to be written."""
    state = next((file.body for file in files if file.key == KEY), None)
    document: dict[str, Any] = {
        "checkpoint_id": checkpoint_id,
        "created": created,
        "session_id": session_id,
        "description": description,
        "files": [_entry(file) for file in files],
        "state_snapshot": None if state is None else object_in(state),
        "notes": "",
        "version": VERSION,
        "branch": branch,
        "commit": commit,
    }
    if before_restore_of:
        document["before_restore_of"] = before_restore_of
    document["sha256"] = _checksum(document)
    return codec.encode(document)


def parse(document: bytes) -> Checkpoint:
    """What the document tells. SessionError, to follow the file's path, for one that tells nothing."""
    try:
        told = codec.decode_bytes(document, exact=True)
    except codec.NotJSON as error:
        raise SessionError(f"is not valid JSON: {error}") from None
    if not isinstance(told, dict):
        raise SessionError("is not a checkpoint: it holds no JSON object")
    return Checkpoint(told)


def object_in(body: bytes) -> dict[str, Any] | None:
    """The JSON object that the bytes are, as what a checkpoint records should be; None if they are none."""
    try:
        value = codec.decode_bytes(body, exact=True)
    except codec.NotJSON:
        return None
    return value if isinstance(value, dict) else None


def _entry(file: File) -> dict[str, str]:
    entry = {"collection": file.key[0], "name": file.key[1], "path": file.path, "sha256": _sha256(file.body)}
    try:
        entry["text"] = file.body.decode()
    except UnicodeDecodeError:
        entry["base64"] = b64encode(file.body).decode()
    return entry


def _body(entry: dict[str, Any]) -> bytes | None:
    text, encoded = entry.get("text"), entry.get("base64")
    try:
        if isinstance(text, str):
            return text.encode()
        if isinstance(encoded, str):
            return b64decode(encoded, validate=True)
    except ValueError:  # a lone surrogate, or no base64
        return b""
    return None


def _key(entry: dict[str, Any]) -> tuple[str, str] | None:
    """The entry's key, None if no document can have it."""
    collection, name = _text(entry, "collection"), _text(entry, "name")
    try:
        if collection in paths.COLLECTIONS:  # others are a later version's, and nothing is done with them
            paths.file_of(collection, name)
    except UsageError:
        return None
    return collection, name


def _checksum(document: dict[str, Any]) -> str:
    """Of the whole document, whatever its layout."""
    told = {key: value for key, value in document.items() if key != "sha256"}
    return _sha256(codec.compact(told).encode())


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _text(holder: dict[str, Any], key: str) -> str:
    value = holder.get(key)
    return value if isinstance(value, str) else ""
