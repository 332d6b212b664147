"""The journal: a commit of several changes in one file, and the rule for applying it.

    session-journal 1
    <SHA-256 of everything after this line, in hex>
    [{"collection", "name", "size": bytes | null to delete, "was": SHA-256 of the document before | null}]
    <the new documents, one after the other>

A journal holds keys and bytes, never paths. `was` protects a document that another tool rewrote without our lock.
This module needs files.py only for types, because files.py imports it.
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
    """The change of one document: its new `data`, or None to delete it, and the hash of its bytes before.

    `old_hash` is None if there was no document before.
    """

    __slots__ = ("data", "old_hash")

    def __init__(self, data: bytes | None, old_hash: str | None) -> None:
        self.data = data
        self.old_hash = old_hash

    def outcome(self, current: bytes | None) -> bytes | None:
        """Return the bytes that the document must have after the change, if its bytes are `current` now.

        A second application changes nothing. If the document has neither its bytes from before the commit nor those
        of the commit, another tool has rewritten it since. That tool had newer information, so its bytes stay.
        """
        if current is None or current == self.data or _sha256(current) == self.old_hash:
            return self.data
        return current


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def pack(changes: "Mapping[Key, bytes | None]", before: "Mapping[Key, bytes | None]") -> bytes:
    """Return the bytes of a journal; `before` has the bytes that each document had when the commit was decided."""
    entries = []
    bodies = []
    for key, data in changes.items():
        old = before[key]
        entries.append(
            {
                "collection": key[0],
                "name": key[1],
                "size": None if data is None else len(data),
                "was": None if old is None else _sha256(old),
            }
        )
        bodies.append(data or b"")
    rest = codec.compact(entries).encode() + b"\n" + b"".join(bodies)
    return _HEAD + _sha256(rest).encode() + b"\n" + rest


def unpack(body: bytes, path: str) -> "dict[Key, Change]":
    """Return the changes of a journal; SessionError, which names `path`, if it is damaged."""
    digest, _, rest = body.removeprefix(_HEAD).partition(b"\n")
    if not body.startswith(_HEAD) or digest != _sha256(rest).encode():
        raise _damage_error(path)
    entries, _, bodies = rest.partition(b"\n")
    try:
        rows = codec.decode_bytes(entries, exact=True)
        unknown = [row["collection"] for row in rows if row["collection"] not in COLLECTIONS]
        if unknown:
            raise SessionError(f"{path} was written by another version", "finish it with that one, or move it away")
        changes, end = _changes(rows, bodies)
    except (KeyError, TypeError, ValueError, UsageError):
        raise _damage_error(path) from None
    if end != len(bodies):
        raise _damage_error(path)
    return changes


def _changes(rows: "list[dict[str, Any]]", bodies: bytes) -> "tuple[dict[Key, Change], int]":
    """Return the changes, and the position in `bodies` after the last document."""
    changes = {}
    at = 0
    for row in rows:
        size = row["size"]
        if not (size is None or (type(size) is int and 0 <= size <= len(bodies) - at)):
            raise ValueError("impossible size")
        end = at + (size or 0)
        file_of(row["collection"], row["name"])  # raises UsageError for a name that leads out of the folder
        changes[row["collection"], row["name"]] = Change(None if size is None else bodies[at:end], row["was"])
        at = end
    return changes, at


def _damage_error(path: str) -> SessionError:
    message = f"{path} is damaged: the commit in it can be neither finished nor dropped safely"
    return SessionError(message, "keep a copy and move it away")
