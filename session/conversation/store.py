"""Create, read and change the document of a conversation, each in one transaction."""

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

from session.conversation.location import BACKUPS, COLLECTION
from session.errors import SessionError
from session.host import clock
from session.store import prepared
from session.store.files import FileStore
from session.store.free_name import free_key
from session.store.paths import CONVERSATIONS, check_name
from session.store.transaction import Transaction

T = TypeVar("T")
_MOST_LOCKED_BYTES = 1 << 17  # a document up to this size is edited in milliseconds: that may happen under the lock


class NotFound(SessionError):
    """The conversation has no document."""


class NewDocument(NamedTuple):
    """The path of a new document, and the path of the backup of the document that it replaced, or None."""

    path: str
    backup: str | None


def check_id(conversation_id: str) -> None:
    """Raise UsageError if the text cannot be a conversation's id."""
    check_name(conversation_id, "conversation id")


def now() -> str:
    """Return the time in the form that documents use: ISO 8601, UTC, `2025-12-26T15:00:00.000+00:00`."""
    return clock.iso(clock.now_ms())[:-1] + "+00:00"


def not_found(conversation_id: str) -> NotFound:
    """Return the error that says that the conversation has no document."""
    return NotFound(f"✗ SESSION_STATE.md not found for {conversation_id}")


def read_bytes(store: FileStore, conversation_id: str) -> bytes:
    """Return the bytes of the conversation's document; raise NotFound if there is none."""
    check_id(conversation_id)
    body = store.read((COLLECTION, conversation_id))
    if body is None:
        raise not_found(conversation_id)
    return body


def read(store: FileStore, conversation_id: str) -> str:
    """Return the text of the conversation's document; raise NotFound if there is none.

    SessionError if it is not UTF-8.
    """
    return _text(store, conversation_id, read_bytes(store, conversation_id))


def entries(store: FileStore) -> Iterator[tuple[str, str | None, SessionError | None]]:
    """Yield each conversation that has a document: its id, and the text or the error that prevents reading it."""
    for name, body, error in store.scan(COLLECTION):
        text = None
        if body is not None:
            try:
                text = _text(store, name, body)
            except SessionError as not_utf8:
                error = not_utf8
        yield name, text, error


def begin(store: FileStore, conversation_id: str, text: str, *, force: bool, timeout_s: float) -> NewDocument:
    """Create the conversation's document with `text`; return its path.

    SessionError if there is a document already. With `force`, that document becomes a backup in the same folder.
    """
    check_id(conversation_id)
    key = (COLLECTION, conversation_id)
    path = store.shown_path(key)
    backup = None
    with store.transaction(timeout_s, place=CONVERSATIONS) as tx:
        old = tx.read(key)
        if old is not None and not force:
            message = f"✗ SESSION_STATE.md already exists for {conversation_id}"
            raise SessionError(message, "session doc init --force replaces it, and keeps a backup")
        if old is None and tx.taken(key):
            raise SessionError(f"{path} is a folder: refused", "move it away")
        if old is not None:
            backup_key = free_key(tx, BACKUPS, f"{conversation_id}.{clock.stamp(now())}", "_")
            tx.put(backup_key, old)
            backup = store.shown_path(backup_key)
        tx.put(key, text.encode())
    return NewDocument(path, backup)


def change(store: FileStore, conversation_id: str, work: Callable[[str, str], tuple[str, T]], *, timeout_s: float) -> T:
    """Replace the document with what `work` makes of it; return the second value that `work` returns.

    `work` takes the document's text and the time, and returns the new text and any value. If it raises, nothing
    changes. It runs without the store's lock, and again if another process has changed the document meanwhile. Busy if
    that happens to a large document for `timeout_s` seconds. NotFound if there is no document.
    """
    read_bytes(store, conversation_id)  # raises NotFound before the transaction makes a lock file
    key = (COLLECTION, conversation_id)

    def prepare(body: bytes | None) -> tuple[bytes, T]:
        if body is None:
            raise not_found(conversation_id)
        text, value = work(_text(store, conversation_id, body), now())
        return text.encode(), value

    def commit(tx: Transaction, changed: tuple[bytes, T]) -> T:
        tx.put(key, changed[0])
        return changed[1]

    return prepared.change(store, key, prepare, commit, timeout_s=timeout_s, most_locked_bytes=_MOST_LOCKED_BYTES)


def _text(store: FileStore, conversation_id: str, body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        path = store.shown_path((COLLECTION, conversation_id))
        raise SessionError(f"{path} is not valid UTF-8 at byte {error.start}: left as it is", "mend it") from None
