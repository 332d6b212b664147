"""A commit of several changes: what it holds, and what becomes of a document that it names.

    session-journal 1
    <SHA-256 of all that follows, hex>
    [{"collection", "name", "size": bytes | null to delete, "was": SHA-256 of the document before | null}]
    <the new documents, one after the other>

Keys and bytes, never paths. `was` lets a document live that somebody rewrote without our lock.
"""

import hashlib

from session.errors import SessionError, UsageError
from session.store import codec
from session.store.paths import COLLECTIONS, file_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from session.store.files import Key

_HEAD = b"session-journal 1\n"


class Change:
    """What a commit does to one document: `data` is put, None deletes; `was` is the hash before."""

    __slots__ = ("data", "was")

    def __init__(self, data: bytes | None, was: str | None) -> None:
        self.data = data
        self.was = was

    def outcome(self, current: bytes | None) -> bytes | None:
        """What the document must hold once the change is made, given what it holds `current`ly.

        Changing twice changes nothing. A document that is neither what it was before the commit nor what the
        commit made of it has been rewritten since: whoever did that knew more, so theirs stays.
        """
        if current is None or current == self.data or _sha256(current) == self.was:
            return self.data
        return current


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def pack(changes: "Mapping[Key, bytes | None]", before: "Mapping[Key, bytes | None]") -> bytes:
    """The journal's bytes; `before` is what each document held when the commit was decided."""
    entries = []
    bodies = []
    for key, data in changes.items():
        was = before[key]
        entries.append(
            {
                "collection": key[0],
                "name": key[1],
                "size": None if data is None else len(data),
                "was": None if was is None else _sha256(was),
            }
        )
        bodies.append(data or b"")
    rest = codec.compact(entries).encode() + b"\n" + b"".join(bodies)
    return _HEAD + _sha256(rest).encode() + b"\n" + rest


def unpack(body: bytes, path: str) -> "dict[Key, Change]":
    """The changes of a journal. SessionError, naming `path`, for one that does not verify."""
    digest, _, rest = body.removeprefix(_HEAD).partition(b"\n")
    if not body.startswith(_HEAD) or digest != _sha256(rest).encode():
        raise _damaged(path)
    entries, _, bodies = rest.partition(b"\n")
    try:
        listed = codec.decode_bytes(entries, exact=True)
        strange = [entry["collection"] for entry in listed if entry["collection"] not in COLLECTIONS]
        if strange:
            raise SessionError(f"{path} was written by another version", "finish it with that one, or move it away")
        changes, end = _changes(listed, bodies)
    except (KeyError, TypeError, ValueError, UsageError):
        raise _damaged(path) from None
    if end != len(bodies):
        raise _damaged(path)
    return changes


def _changes(listed: "list[dict[str, Any]]", bodies: bytes) -> "tuple[dict[Key, Change], int]":
    """The changes, and where the last one's document ends in `bodies`."""
    changes = {}
    at = 0
    for entry in listed:
        size = entry["size"]
        if not (size is None or (type(size) is int and 0 <= size <= len(bodies) - at)):
            raise ValueError("a size that can't be")
        end = at + (size or 0)
        file_of(entry["collection"], entry["name"])  # UsageError for a name that leaves the folder
        changes[entry["collection"], entry["name"]] = Change(None if size is None else bodies[at:end], entry["was"])
        at = end
    return changes, at


def _damaged(path: str) -> SessionError:
    wrong = f"{path} is damaged: the commit in it can be neither finished nor dropped safely"
    return SessionError(wrong, "keep a copy and move it away")
