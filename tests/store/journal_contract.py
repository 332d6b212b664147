"""Tests of an interrupted commit in a store of files. Each kind of folder has one subclass."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from session.errors import SessionError
from session.store import commit, files, paths, transaction
from session.store.files import FileStore
from session.store.transaction import Transaction
from tests.store.contract import A, B, M, put, scanned
from tests.store.tree import tree

Key = tuple[str, str]


class Died(BaseException):
    """A simulated death of the process. No code of the product catches it."""


@contextmanager
def dying(applied: int) -> Iterator[None]:
    """Interrupt the commit in this block after its journal is in place and `applied` changes are made.

    If all changes are `applied`, only the removal of the journal is missing.
    """
    apply = Transaction._apply
    left = [applied]

    def apply_or_die(self: Transaction, key: Key, data: bytes | None) -> None:
        if not left[0]:
            raise Died
        left[0] -= 1
        apply(self, key, data)

    apply_all = commit._apply

    def apply_all_or_die(folders: Any, store: FileStore, prepared: list[Any]) -> None:
        for change in prepared:
            if not left[0]:
                raise Died
            left[0] -= 1
            apply_all(folders, store, [change])

    remove = files.Folder.remove

    def remove_or_die(self: files.Folder, name: str) -> None:
        if name == paths.JOURNAL:
            raise Died
        remove(self, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transaction, "_apply", apply_or_die)
        patch.setattr(commit, "_apply", apply_all_or_die)
        patch.setattr(transaction.Folder, "remove", remove_or_die)
        try:
            yield
        except Died:
            return
    pytest.fail("the commit came to its end")


def archive(store: FileStore, applied: int) -> None:
    """Run a commit like that of `save`, and interrupt it."""
    with dying(applied), store.transaction(5) as tx:
        assert tx.read(A) == b"live"
        tx.put(M, b"archived")
        tx.put(B, b"rewritten")
        tx.delete(A)


class JournalContract:
    """The tests. `store` is empty; its root is `project`."""

    @pytest.fixture
    def store(self) -> Iterator[FileStore]:
        raise NotImplementedError

    @pytest.fixture
    def journal(self, project: Path, store: FileStore) -> Path:
        """Return the path of the journal, after writing the documents `a` and `b` that `archive` changes."""
        put(store, a=b"live", b=b"before")
        return project / "ia/state/.journal"

    @pytest.mark.parametrize("applied", range(4))
    def test_a_reader_answers_from_it_and_changes_nothing(
        self, project: Path, store: FileStore, journal: Path, applied: int
    ) -> None:
        archive(store, applied)
        before = tree(project)
        assert (store.read(A), store.read(B), store.read(M)) == (None, b"rewritten", b"archived")
        assert scanned(store) == [("b", b"rewritten")]
        assert scanned(store, "archives") == [("a", b"archived")]
        assert tree(project) == before
        assert journal.exists()

    @pytest.mark.parametrize("applied", range(4))
    def test_a_writer_finishes_it_first(self, store: FileStore, journal: Path, applied: int) -> None:
        archive(store, applied)
        with store.transaction(5) as tx:
            assert (tx.read(A), tx.read(B), tx.read(M)) == (None, b"rewritten", b"archived")
            assert not journal.exists()
            tx.put(A, b"next")
        assert (store.read(A), store.read(B), store.read(M)) == (b"next", b"rewritten", b"archived")

    def test_a_writer_that_changes_nothing_finishes_it_too(self, store: FileStore, journal: Path) -> None:
        archive(store, 1)
        with store.transaction(5, create=False):
            pass
        assert not journal.exists()
        assert (store.read(A), store.read(B), store.read(M)) == (None, b"rewritten", b"archived")

    def test_the_one_who_finishes_it_may_die_as_well(self, store: FileStore, journal: Path) -> None:
        archive(store, 0)
        for applied in (1, 1, 1):
            with dying(applied), store.transaction(5):
                pass
        assert journal.exists()
        put(store, c=b"next")
        assert scanned(store) == [("b", b"rewritten"), ("c", b"next")]
        assert store.read(M) == b"archived"

    def test_applied_a_second_time_it_changes_nothing(self, project: Path, store: FileStore, journal: Path) -> None:
        archive(store, 3)
        packed = journal.read_bytes()
        put(store)
        before = tree(project)
        kept = [(path, path.stat().st_ino) for path in (project / "ia/state/sessions").rglob("*")]
        journal.write_bytes(packed)
        put(store)
        assert tree(project) == before
        assert [(path, path.stat().st_ino) for path, _ in kept] == kept  # not even rewritten

    def test_an_empty_document_in_it_is_a_document(self, store: FileStore, journal: Path) -> None:
        with dying(0), store.transaction(5) as tx:
            tx.put(("sessions", "empty"), b"")
            tx.delete(A)
        assert store.read(("sessions", "empty")) == b""
        assert scanned(store) == [("b", b"before"), ("empty", b"")]

    @pytest.mark.parametrize("applied", [0, 1])
    def test_a_deleted_document_that_was_rewritten_since_stays(
        self, project: Path, store: FileStore, journal: Path, applied: int
    ) -> None:
        archive(store, applied)
        (project / "ia/state/sessions/a.json").write_bytes(b"by another tool")
        assert store.read(A) == b"by another tool"
        assert scanned(store) == [("a", b"by another tool"), ("b", b"rewritten")]
        put(store)
        assert not journal.exists()
        assert (store.read(A), store.read(B), store.read(M)) == (b"by another tool", b"rewritten", b"archived")

    @pytest.mark.parametrize("applied", [0, 1, 2])
    def test_a_replaced_document_that_was_rewritten_since_stays(
        self, project: Path, store: FileStore, journal: Path, applied: int
    ) -> None:
        archive(store, applied)
        (project / "ia/state/sessions/b.json").write_bytes(b"by another tool")
        assert store.read(B) == b"by another tool"
        put(store)
        assert not journal.exists()
        assert (store.read(A), store.read(B), store.read(M)) == (None, b"by another tool", b"archived")

    def test_what_could_not_be_read_before_is_told_after(self, project: Path, store: FileStore, journal: Path) -> None:
        archive(store, 0)
        (project / "ia/state/sessions/b.json").unlink()
        (project / "ia/state/sessions/b.json").symlink_to("a.json")
        found = {name: (body, error) for name, body, error in store.scan("sessions")}
        body, error = found["b"]
        assert body is None
        assert "b.json is a symbolic link" in str(error)

    @pytest.mark.parametrize(
        "damage",
        [
            pytest.param(lambda packed: packed[:-1], id="last byte lost"),
            pytest.param(lambda packed: packed[: len(packed) // 2], id="half lost"),
            pytest.param(lambda packed: packed[:20], id="cut in the head"),
            pytest.param(lambda packed: b"", id="empty"),
            pytest.param(lambda packed: bytes(len(packed)), id="filled with NUL"),
            pytest.param(lambda packed: packed + b"x", id="longer"),
            pytest.param(lambda packed: packed.replace(b"journal 2", b"journal 3"), id="wrong head"),
            pytest.param(lambda packed: packed[:-1] + bytes([packed[-1] ^ 1]), id="a bit of a document"),
            pytest.param(lambda packed: packed.replace(b'"sessions"', b'"cessions"'), id="a bit of a key"),
            pytest.param(lambda packed: packed[:18] + b"0" * 64 + packed[82:], id="another hash"),
        ],
    )
    def test_a_damaged_one_is_named_and_left_alone(
        self, project: Path, store: FileStore, journal: Path, damage
    ) -> None:  # type: ignore[no-untyped-def]
        archive(store, 1)
        damaged = damage(journal.read_bytes())
        assert damaged != journal.read_bytes()
        journal.write_bytes(damaged)
        lock = project / "ia/state/.lock"
        before = {path: what for path, what in tree(project).items() if path != "ia/state/.lock"}
        with pytest.raises(SessionError, match=r"ia/state/\.journal is damaged"):
            store.read(A)
        with pytest.raises(SessionError, match=r"ia/state/\.journal is damaged"):
            scanned(store)
        with pytest.raises(SessionError, match=r"ia/state/\.journal is damaged"):
            put(store, a=b"9")
        with pytest.raises(SessionError, match=r"ia/state/\.journal is damaged"), store.transaction(5, create=False):
            pass
        assert lock.exists()
        assert {path: what for path, what in tree(project).items() if path != "ia/state/.lock"} == before
