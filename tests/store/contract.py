"""Tests of the behaviour of every store. Each store has one subclass, with a `store` fixture."""

import threading
from collections.abc import Iterator

import pytest

from session.errors import Busy, SessionError
from session.store.disk import MAX_BYTES
from session.store.files import FileStore
from session.store.paths import COLLECTIONS, place_of

A = ("sessions", "a")
B = ("sessions", "b")
M = ("archives", "a")

NAMES = [
    "a",
    "workflow:pr",
    "a:b:c:",
    "with space",
    "x.json",
    "x.json.bak",
    "100%",
    "%3A",
    'q*?"<>|q',
    "con",
    "nul.txt",
    "trailing.",
    "trailing ",
    "~",
    "été",
    "工作流",
    "🚀",
    "n" * 180,
    "é" * 90,
]

BODIES = [b"{}", b"", b"\0\0", bytes(range(256)), b"a\r\nb\n", "é🚀".encode(), b"x" * 300_000]


def put(store: FileStore, **documents: bytes) -> None:
    """Write these bytes to the sessions of these names, in one commit."""
    with store.transaction(5) as tx:
        for name, body in documents.items():
            tx.put(("sessions", name), body)


def scanned(store: FileStore, collection: str = "sessions") -> list[tuple[str, bytes | None]]:
    return [(name, body) for name, body, _ in store.scan(collection)]


class StoreContract:
    """The tests. The `store` fixture of a subclass returns an empty store."""

    @pytest.fixture
    def store(self) -> Iterator[FileStore]:
        raise NotImplementedError

    def test_nothing_is_there_at_first(self, store: FileStore) -> None:
        assert store.read(A) is None
        assert scanned(store) == []
        with store.transaction(5, create=False) as tx:
            assert tx.read(A) is None
            assert not tx.taken(A)
            assert not tx.delete(A)
        assert store.read(A) is None

    @pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:8]))
    def test_bytes_come_back_as_they_were(self, store: FileStore, body: bytes) -> None:
        put(store, a=body)
        assert store.read(A) == body
        assert scanned(store) == [("a", body)]

    def test_a_collection_is_its_own(self, store: FileStore) -> None:
        put(store, a=b"live")
        assert store.read(M) is None
        assert scanned(store, "archives") == []
        with store.transaction(5) as tx:
            tx.put(M, b"past")
        assert store.read(A) == b"live"
        assert scanned(store, "archives") == [("a", b"past")]

    @pytest.mark.parametrize("collection", [name for name, row in COLLECTIONS.items() if "*" not in row[1]])
    def test_every_collection(self, store: FileStore, collection: str) -> None:
        """Some collections share a folder; some have a folder for each document."""
        key, other, place = (collection, "one: a"), (collection, "two"), place_of(collection)
        with store.transaction(5, place=place) as tx:
            tx.put(key, b"1")
            tx.put(other, b"2")
        with store.transaction(5, place=place) as tx:
            assert tx.read(key) == b"1"
            assert tx.taken(key)
            assert not tx.taken((collection, "three"))
            tx.put(key, b"3")
        assert scanned(store, collection) == [("one: a", b"3"), ("two", b"2")]
        with store.transaction(5, place=place) as tx:
            assert tx.delete(key)
            assert not tx.delete((collection, "three"))
        assert store.read(key) is None
        assert scanned(store, collection) == [("two", b"2")]
        with store.transaction(5, place=place) as tx:
            tx.put(key, b"4")
            tx.delete(other)
        assert scanned(store, collection) == [("one: a", b"4")]

    def test_a_second_put_replaces(self, store: FileStore) -> None:
        put(store, a=b"a longer first body")
        put(store, a=b"second")
        assert store.read(A) == b"second"

    def test_several_changes_are_one(self, store: FileStore) -> None:
        put(store, a=b"1", b=b"2")
        with store.transaction(5) as tx:
            tx.put(M, b"archived")
            tx.put(B, b"3")
            assert tx.delete(A)
            assert (store.read(A), store.read(B), store.read(M)) == (b"1", b"2", None)  # not before the end
        assert (store.read(A), store.read(B), store.read(M)) == (None, b"3", b"archived")

    @pytest.mark.parametrize("several", [False, True])
    def test_an_exception_does_nothing(self, store: FileStore, several: bool) -> None:
        put(store, a=b"1", b=b"2")

        def fail() -> None:
            with store.transaction(5) as tx:
                tx.put(A, b"9")
                if several:
                    tx.delete(B)
                    tx.put(M, b"9")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert (store.read(A), store.read(B), store.read(M)) == (b"1", b"2", None)
        put(store, a=b"3")  # the lock is free
        assert store.read(A) == b"3"

    def test_a_transaction_reads_its_own_writes(self, store: FileStore) -> None:
        put(store, a=b"1")
        with store.transaction(5) as tx:
            assert tx.read(A) == b"1"
            tx.put(A, b"2")
            assert tx.read(A) == b"2"
            assert tx.delete(A)
            assert tx.read(A) is None
            assert not tx.delete(A)
            tx.put(B, b"new")
            assert tx.read(B) == b"new"
            assert tx.taken(B)

    def test_delete_after_put_leaves_nothing(self, store: FileStore) -> None:
        put(store, a=b"1")
        with store.transaction(5) as tx:
            tx.put(A, b"2")
            tx.delete(A)
            tx.put(B, b"2")
            tx.delete(B)
        assert scanned(store) == []

    def test_put_after_delete_leaves_the_put(self, store: FileStore) -> None:
        put(store, a=b"1")
        with store.transaction(5) as tx:
            tx.delete(A)
            tx.put(A, b"2")
        assert store.read(A) == b"2"

    def test_delete_says_whether_there_was_something(self, store: FileStore) -> None:
        put(store, a=b"1")
        with store.transaction(5) as tx:
            assert tx.taken(A)
            assert tx.delete(A)
            assert not tx.delete(B)
        assert store.read(A) is None

    def test_a_transaction_sees_what_was_committed_before_it(self, store: FileStore) -> None:
        waiting = store.transaction(5)
        put(store, a=b"1")
        with waiting as tx:
            assert tx.read(A) == b"1"

    def test_one_transaction_at_a_time(self, store: FileStore) -> None:
        put(store, a=b"1")
        with store.transaction(5) as tx:
            tx.put(A, b"2")
            with pytest.raises(Busy), store.transaction(0) as other:
                other.put(A, b"3")
        assert store.read(A) == b"2"

    def test_no_update_is_lost(self, store: FileStore) -> None:
        put(store, a=b"0")

        def count() -> None:
            for _ in range(10):
                with store.transaction(60) as tx:
                    tx.put(A, b"%d" % (int(tx.read(A) or b"0") + 1))

        threads = [threading.Thread(target=count) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.read(A) == b"60"

    def test_scan_is_sorted_whatever_the_order_of_writing(self, store: FileStore) -> None:
        put(store, c=b"3", a=b"1", b=b"2")
        put(store, B=b"4")
        assert scanned(store) == [("B", b"4"), ("a", b"1"), ("b", b"2"), ("c", b"3")]

    def test_every_allowed_name_comes_back_from_scan(self, store: FileStore) -> None:
        with store.transaction(5) as tx:
            for name in NAMES:
                tx.put(("sessions", name), name.encode())
        assert scanned(store) == [(name, name.encode()) for name in sorted(NAMES)]
        assert [store.read(("sessions", name)) for name in NAMES] == [name.encode() for name in NAMES]
        with store.transaction(5) as tx:
            for name in NAMES:
                assert tx.delete(("sessions", name))
        assert scanned(store) == []

    @pytest.mark.parametrize("name", ["", "..", "../x", "/x", "a/b", "a\0b", "-x", ".x", "n" * 201])
    def test_no_other_name_names_a_document(self, store: FileStore, name: str) -> None:
        put(store, a=b"1")
        with pytest.raises(SessionError):
            store.read(("sessions", name))
        with pytest.raises(SessionError), store.transaction(5) as tx:
            tx.put(("sessions", name), b"1")
        with pytest.raises(SessionError), store.transaction(5) as tx:
            tx.delete(("sessions", name))
        assert scanned(store) == [("a", b"1")]

    def test_what_is_too_large_is_refused(self, store: FileStore) -> None:
        put(store, a=b"1", b=b"2")
        with pytest.raises(SessionError, match="too large"):
            put(store, b=b"3", a=bytes(MAX_BYTES + 1))
        assert (store.read(A), store.read(B)) == (b"1", b"2")
        put(store, a=bytes(MAX_BYTES))
        assert store.read(A) == bytes(MAX_BYTES)
