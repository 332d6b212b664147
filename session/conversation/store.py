"""The document of a conversation: begun, read, changed, each in one transaction (seed: 004)."""

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

from session.conversation.location import BACKUPS, COLLECTION
from session.errors import SessionError
from session.host import clock
from session.store.files import FileStore
from session.store.free_name import free_key
from session.store.paths import check_name

T = TypeVar("T")


class NotFound(SessionError):
    """The conversation has no document."""


class Begun(NamedTuple):
    """Where a new document is, and where the one that it replaced, None if there was none."""

    path: str
    backup: str | None


def check_id(conversation_id: str) -> None:
    """UsageError unless a conversation can be called that."""
    check_name(conversation_id, "conversation id")


def now() -> str:
    """The time as documents tell it: ISO 8601, UTC, `2025-12-26T15:00:00.000+00:00`."""
    return clock.iso(clock.now_ms())[:-1] + "+00:00"


def not_found(conversation_id: str) -> NotFound:
    """What is said of a conversation that has no document."""
    return NotFound(f"✗ SESSION_STATE.md not found for {conversation_id}")


def read_bytes(store: FileStore, conversation_id: str) -> bytes:
    """The document as its file holds it. NotFound where there is none."""
    check_id(conversation_id)
    body = store.read((COLLECTION, conversation_id))
    if body is None:
        raise not_found(conversation_id)
    return body


def read(store: FileStore, conversation_id: str) -> str:
    """The document's text. NotFound where there is none, SessionError where it is no text."""
    return _text(store, conversation_id, read_bytes(store, conversation_id))


def entries(store: FileStore) -> Iterator[tuple[str, str | None, SessionError | None]]:
    """Every document, by the id of its conversation: the text, or why there is none."""
    for name, body, error in store.scan(COLLECTION):
        text = None
        if body is not None:
            try:
                text = _text(store, name, body)
            except SessionError as wrong:
                error = wrong
        yield name, text, error


def begin(store: FileStore, conversation_id: str, text: str, *, force: bool, timeout_s: float) -> Begun:
    """Have the conversation's document be `text`. SessionError where it has one, unless `force`: then that one is kept
    beside it."""
    check_id(conversation_id)
    key = (COLLECTION, conversation_id)
    path = store.shown_path(key)
    backup = None
    with store.transaction(timeout_s) as tx:
        old = tx.read(key)
        if old is not None and not force:
            said = f"✗ SESSION_STATE.md already exists for {conversation_id}"
            raise SessionError(said, "init --force replaces it, and keeps a backup")
        if old is None and tx.taken(key):
            raise SessionError(f"{path} is a folder: refused", "move it away")
        if old is not None:
            place = free_key(tx, BACKUPS, f"{conversation_id}.{clock.stamp(now())}", "_")
            tx.put(place, old)
            backup = store.shown_path(place)
        tx.put(key, text.encode())
    return Begun(path, backup)


def change(store: FileStore, conversation_id: str, work: Callable[[str, str], tuple[str, T]], *, timeout_s: float) -> T:
    """Put the document through `work`, which takes the text and the time, and gives the new text and what to return.
    NotFound where there is none; where `work` raises, nothing changes."""
    read_bytes(store, conversation_id)  # where there is nothing, no lock is left, either
    key = (COLLECTION, conversation_id)
    with store.transaction(timeout_s, create=False) as tx:
        body = tx.read(key)
        if body is None:
            raise not_found(conversation_id)
        text, told = work(_text(store, conversation_id, body), now())
        tx.put(key, text.encode())
    return told


def _text(store: FileStore, conversation_id: str, body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        path = store.shown_path((COLLECTION, conversation_id))
        raise SessionError(f"{path} is not valid UTF-8 at byte {error.start}: left as it is", "mend it") from None
