"""Change one document slowly without holding the lock: prepare from its bytes, then commit if they are still the same.

Parsing, searching and rendering a large document can take seconds, and the lock must be held only briefly.
"""

from time import monotonic

from session.errors import Busy, SessionError
from session.store.paths import place_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from session.store.files import FileStore, Key
    from session.store.transaction import Transaction

    P = TypeVar("P")
    R = TypeVar("R")

_FREE_TRIES = 3  # after these, a document that is small enough is prepared under the lock


def change(
    store: "FileStore",
    key: "Key",
    prepare: "Callable[[bytes | None], P]",
    commit: "Callable[[Transaction, P], R]",
    *,
    timeout_s: float,
    most_locked_bytes: int,
) -> "R":
    """Call `prepare` with the document's bytes, and `commit` with its result in a transaction; return its value.

    Under the lock the document still holds those bytes; otherwise both start again with the new ones. An error of
    `prepare` is raised only if it is about the document as it is under the lock. If other processes change the document
    again and again, prepare it under the lock, so that this ends. If it has more than `most_locked_bytes`, try for
    `timeout_s` seconds instead, and then raise Busy.
    """
    deadline = monotonic() + timeout_s
    body = _read(store, key, timeout_s)
    tries = 0
    while True:
        tries += 1
        error: SessionError | None = None
        try:
            prepared = prepare(body)
        except SessionError as problem:
            error = problem
        with store.transaction(timeout_s, create=False, place=place_of(key[0])) as tx:
            now = tx.read(key)
            if now == body:
                if error is not None:
                    raise error
                return commit(tx, prepared)
            if tries >= _FREE_TRIES and len(now or b"") <= most_locked_bytes:
                return commit(tx, prepare(now))
        if tries >= _FREE_TRIES and monotonic() >= deadline:
            path = store.shown_path(key)
            raise Busy(f"other processes keep changing {path}; nothing changed", "try again")
        body = now


def _read(store: "FileStore", key: "Key", timeout_s: float) -> bytes | None:
    try:
        return store.read(key)
    except SessionError:
        # a transaction finishes an interrupted commit first, or raises the error that says what to mend
        with store.transaction(timeout_s, create=False, place=place_of(key[0])) as tx:
            return tx.read(key)
