"""The journal: a commit of several changes in one file, and the rule for applying it.

    session-journal 2
    <SHA-256 of everything after this line, in hex>
    {"place": "ia/state", "changes": [{"collection", "name", "size": bytes | null to delete,
                                       "was": SHA-256 of the document before | null}, …]}
    <the new documents, one after the other>

A journal holds keys and bytes, never paths, and only of the place in which it lies. `was` protects a document that
another tool rewrote without our lock. An intention (intentions.py) has the same form, but the place "", because its
changes are for other places. Form 1, which earlier versions wrote, has only the list of changes, for any place.
This module needs files.py only for types, because files.py imports it.
"""

import hashlib

from session.errors import SessionError, UsageError
from session.store import codec
from session.store.paths import COLLECTIONS, file_of, place_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from session.store.files import Folder, Key, Place

_HEAD = b"session-journal 2\n"
_EARLIER_HEAD = b"session-journal 1\n"
ELSEWHERE = ()  # the place of an intention


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


def digest(packed: bytes) -> str:
    """Return a short hash of a packed journal, for a name that two of them do not share."""
    return _sha256(packed)[:16]


def change_of(data: bytes | None, before: bytes | None) -> Change:
    """Return the change of a document whose bytes were `before` when the commit was decided, None if it was absent."""
    return Change(data, None if before is None else _sha256(before))


def pack(place: "Place", changes: "Mapping[Key, Change]") -> bytes:
    """Return the bytes of the journal of `place` for these changes."""
    rows = [
        {
            "collection": collection,
            "name": name,
            "size": None if change.data is None else len(change.data),
            "was": change.old_hash,
        }
        for (collection, name), change in changes.items()
    ]
    head = codec.compact({"place": "/".join(place), "changes": rows}).encode()
    rest = head + b"\n" + b"".join(change.data or b"" for change in changes.values())
    return _HEAD + _sha256(rest).encode() + b"\n" + rest


def unpack(body: bytes, path: str, place: "Place") -> "dict[Key, Change]":
    """Return the changes of the journal of `place`; SessionError, which names `path`, if it is damaged or foreign.

    The journal of an earlier version may also hold changes of other places. The caller sorts them out.
    """
    head = _EARLIER_HEAD if body.startswith(_EARLIER_HEAD) else _HEAD
    digest, _, rest = body.removeprefix(head).partition(b"\n")
    if not body.startswith(head) or digest != _sha256(rest).encode():
        raise _damage_error(path)
    entries, _, bodies = rest.partition(b"\n")
    try:
        rows = codec.decode_bytes(entries, exact=True)
        if head == _HEAD:
            if rows["place"] != "/".join(place):
                raise SessionError(
                    f"{path} belongs to another folder, {rows['place']}",
                    "keep a copy and move it away, or run the command again that wrote it",
                )
            rows = rows["changes"]
        unknown = [row["collection"] for row in rows if row["collection"] not in COLLECTIONS]
        if unknown:
            raise SessionError(f"{path} was written by another version", "finish it with that one, or move it away")
        changes, end = _changes(rows, bodies)
    except (AttributeError, KeyError, TypeError, ValueError, UsageError):
        raise _damage_error(path) from None
    if end != len(bodies):
        raise _damage_error(path)
    if head == _HEAD and place and any(place_of(collection) != place for collection, _ in changes):
        raise _damage_error(path)
    return changes


def why_foreign(folder: "Folder", name: str, path: str, origin: "Callable[[str, str], str] | None") -> str:
    """Return why the journal or intention `name` in the open folder at `path` is not this user's, or "".

    In a folder that everybody may write to, what another user owns does not count. Otherwise `origin` decides,
    which gets the path and the name: the store itself does not ask git.
    """
    owner = folder.foreign_owner(name)
    if owner is not None:
        return f"it belongs to another user (uid {owner})"
    return "" if origin is None else origin(path, name)


def _changes(rows: "list[dict[str, Any]]", bodies: bytes) -> "tuple[dict[Key, Change], int]":
    """Return the changes, and the position in `bodies` after the last document."""
    changes = {}
    at = 0
    for row in rows:
        size = row["size"]
        if not (size is None or (type(size) is int and 0 <= size <= len(bodies) - at)):
            raise ValueError("impossible size")
        end = at + (size or 0)
        file_of(row["collection"], row["name"])  # UsageError for a name that would leave the folder
        changes[row["collection"], row["name"]] = Change(None if size is None else bodies[at:end], row["was"])
        at = end
    return changes, at


def _damage_error(path: str) -> SessionError:
    message = f"{path} is damaged: the commit in it can be neither finished nor dropped safely"
    return SessionError(message, "keep a copy and move it away")
