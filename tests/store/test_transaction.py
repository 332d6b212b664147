"""Transactions on files, besides the contract: new folders, notices, failures in the middle."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from session.errors import SessionError, Unconfirmed
from session.store import commit
from session.store.disk import Folder
from session.store.files import FileStore
from session.store.transaction import Transaction
from tests.conftest import Run
from tests.store.contract import A, M, put
from tests.store.tree import tree

KILLED_SAVE = """
import os, sys
from session import save
from session.store import commit, disk

apply, remove, left = commit._apply, disk.Folder.remove, [int(sys.argv[1])]

def die():
    os.kill(os.getpid(), 9)

def count(tx, store, prepared):
    for entry in prepared:
        if not left[0]:
            die()
        left[0] -= 1
        apply(tx, store, [entry])

commit._apply = count
disk.Folder.remove = lambda self, name: die() if name == ".journal" else remove(self, name)
save.main(["w"])
"""


def archive(store: FileStore) -> None:
    """Commit two changes at once."""
    with store.transaction(5) as tx:
        tx.put(M, b"3")
        tx.delete(A)


def test_the_first_write_makes_the_place_and_says_so(project: Path, store: FileStore) -> None:
    put(store, a=b"1")
    assert store.notices == [f"created ia/state in {project}"]
    assert sorted(tree(project)) == [
        "ia",
        "ia/state",
        "ia/state/.gitignore",
        "ia/state/.lock",
        "ia/state/sessions",
        "ia/state/sessions/a.json",
    ]
    put(store, a=b"2")
    assert len(store.notices) == 1


def test_without_create_nothing_can_be_put(project: Path, store: FileStore) -> None:
    with pytest.raises(RuntimeError), store.transaction(5, create=False) as tx:
        tx.put(A, b"1")
    assert tree(project) == {}


def test_a_vanished_root(store: FileStore, project: Path) -> None:
    project.rmdir()
    with pytest.raises(SessionError, match="cannot use ia/state: no such file or directory; nothing changed"):
        put(store, a=b"1")
    with pytest.raises(SessionError, match=r"cannot read ia/state/sessions/a\.json: no such file"):
        store.read(A)


def test_a_failed_change_changes_nothing(store: FileStore, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, a=b"1")

    def fail(self: Folder, name: str, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Folder, "replace", fail)
    with pytest.raises(SessionError) as failed:
        put(store, a=b"2")
    assert failed.value.message == ("cannot write ia/state/sessions/a.json: no space left on device; nothing changed")
    assert failed.value.code == 1
    with pytest.raises(SessionError) as failed:
        archive(store)
    assert failed.value.message == "cannot write ia/state/.journal: no space left on device; nothing changed"
    assert (store.read(A), store.read(M)) == (b"1", None)


def test_a_commit_whose_files_fail_is_committed(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, a=b"1")

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    for owner in (commit, Transaction):
        monkeypatch.setattr(owner, "_apply", fail)
    with pytest.raises(Unconfirmed) as told:
        archive(store)
    assert told.value.code == 5
    assert told.value.message.startswith("committed, but not yet in its files: ")
    assert (store.read(A), store.read(M)) == (None, b"3")
    with pytest.raises(SessionError, match="nothing changed"):
        put(store, b=b"1")  # still failing
    monkeypatch.undo()
    put(store, b=b"1")
    assert (store.read(A), store.read(M), store.read(("sessions", "b"))) == (None, b"3", b"1")


def test_an_unconfirmed_change_is_made_good_by_the_next(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, a=b"1")
    sync = Folder.sync

    def fail(self: Folder) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Folder, "sync", fail)
    with pytest.raises(Unconfirmed):
        put(store, a=b"2")
    assert store.read(A) == b"2"
    synced: list[str] = []
    monkeypatch.setattr(Folder, "sync", lambda self: (synced.append(self.path), sync(self))[1])
    put(store)
    assert "ia/state/sessions/" in synced


def test_too_much_for_one_commit(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, a=b"1")
    monkeypatch.setattr(commit, "JOURNAL_BYTES", 1000)
    with pytest.raises(SessionError, match="one commit of more than"):
        put(store, a=bytes(600), b=bytes(600))
    assert store.read(A) == b"1"


@pytest.mark.parametrize("applied", [0, 1, 2])
def test_a_process_killed_in_a_commit(project: Path, run: Run, applied: int) -> None:
    """A real `save` is killed after its journal is in place, and the next command finishes its commit."""
    assert run("set", "w", "init", '{"pr": 8}').code == 0
    command = [sys.executable, "-P", "-c", KILLED_SAVE, str(applied)]
    killed = subprocess.run(command, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (project / "ia/state/.journal").exists()
    assert run("get", "w").stdout == "null\n"
    assert run("get", "--all").stdout == "[]\n"
    again = run("save", "w")
    assert (again.code, again.stderr) == (1, "No session found for w\n")
    [archive] = (project / "ia/state/sessions/archives").iterdir()
    assert "- pr: 8" in archive.read_text()
    assert run("set", "w", "init").code == 0
    assert not (project / "ia/state/.journal").exists()


def test_what_was_before_counts_as_it_was_decided_upon(store: FileStore, project: Path) -> None:
    """Another tool rewrites a document between our read and our commit: the commit must not delete it."""
    put(store, a=b"1")
    with store.transaction(5) as tx:
        assert tx.read(A) == b"1"
        tx.put(M, b"archive of 1")
        tx.delete(A)
        (project / "ia/state/sessions/a.json").write_bytes(b"by another tool")
    assert (store.read(A), store.read(M)) == (b"by another tool", b"archive of 1")
