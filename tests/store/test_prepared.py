"""A change that is prepared without the lock: what it is made from is what is there when it is committed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from session.errors import Busy, SessionError
from session.store import prepared
from session.store.files import FileStore
from session.store.transaction import Transaction

KEY = ("sessions", "w")


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    store = FileStore(str(tmp_path), "")
    write(store, b"0")
    return store


def write(store: FileStore, body: bytes | None) -> None:
    with store.transaction(0) as tx:  # Busy if the lock is held
        if body is None:
            tx.delete(KEY)
        else:
            tx.put(KEY, body)


def change(store: FileStore, prepare: Callable[[bytes | None], bytes], *, most: int = 100) -> int:
    def commit(tx: Transaction, body: bytes) -> int:
        tx.put(KEY, body)
        return len(body)

    return prepared.change(store, KEY, prepare, commit, timeout_s=0.1, most_locked_bytes=most)


def test_it_prepares_without_the_lock(store: FileStore) -> None:
    def prepare(body: bytes | None) -> bytes:
        with store.transaction(0):
            return (body or b"") + b"1"

    assert change(store, prepare) == 2
    assert store.read(KEY) == b"01"


def test_it_prepares_again_after_another_change(store: FileStore) -> None:
    seen: list[bytes | None] = []

    def prepare(body: bytes | None) -> bytes:
        seen.append(body)
        if len(seen) == 1:
            write(store, b"another")
        return (body or b"") + b"1"

    change(store, prepare)
    assert seen == [b"0", b"another"]
    assert store.read(KEY) == b"another1"


def test_a_small_document_is_changed_in_the_end(store: FileStore) -> None:
    held = 0

    def prepare(body: bytes | None) -> bytes:
        nonlocal held
        try:
            write(store, (body or b"") + b".")
        except Busy:
            held += 1
        return (body or b"") + b"1"

    change(store, prepare)
    assert held == 1
    assert store.read(KEY) == b"0...1"


def test_a_large_document_that_keeps_changing_is_busy(store: FileStore) -> None:
    def prepare(body: bytes | None) -> bytes:
        write(store, (body or b"") + b".")
        return b"lost"

    with pytest.raises(Busy) as raised:
        change(store, prepare, most=0)
    shown = "other processes keep changing ia/state/sessions/w.json; nothing changed (try again)"
    assert str(raised.value) == shown
    assert (store.read(KEY) or b"").startswith(b"0...")


@pytest.mark.parametrize("meanwhile", [None, b"good"])
def test_an_error_is_about_what_is_there_now(store: FileStore, meanwhile: bytes | None) -> None:
    def prepare(body: bytes | None) -> bytes:
        if body == b"0":
            if meanwhile:
                write(store, meanwhile)
            raise SessionError("0 is no good")
        return (body or b"") + b"!"

    if meanwhile is None:
        with pytest.raises(SessionError, match=r"^0 is no good$"):
            change(store, prepare)
        assert store.read(KEY) == b"0"
    else:
        change(store, prepare)
        assert store.read(KEY) == b"good!"


def test_a_document_that_goes_away(store: FileStore) -> None:
    def prepare(body: bytes | None) -> bytes:
        if body == b"0":
            write(store, None)
        return b"from nothing" if body is None else body

    change(store, prepare)
    assert store.read(KEY) == b"from nothing"
