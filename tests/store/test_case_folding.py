"""If the file system ignores case, the store refuses a name that differs from another only by case."""

import os
from pathlib import Path

import pytest

from session.errors import SessionError
from session.store.disk import Folder
from session.store.files import FileStore
from tests.conftest import Run
from tests.store.contract import put, scanned

NAMES = [("Build", "build"), ("build", "BUILD"), ("workflow:pr", "workflow:PR"), ("été", "ÉTÉ"), ("Straße", "straße")]


@pytest.fixture
def folding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate a file system that keeps case but ignores it in look-ups, as on macOS and Windows."""

    def spelt(folder: Folder, name: str) -> str:
        entries = folder.names()
        fold = [entry for entry in entries if [c.lower() for c in entry] == [c.lower() for c in name]]
        return (fold or [name])[0]

    open_, status, unlink, rename = Folder._open, Folder.status, Folder._unlink, Folder._rename
    monkeypatch.setattr(Folder, "_open", lambda self, name, flags: open_(self, spelt(self, name), flags))
    monkeypatch.setattr(Folder, "status", lambda self, name: status(self, spelt(self, name)))
    monkeypatch.setattr(Folder, "_unlink", lambda self, name: unlink(self, spelt(self, name)))
    monkeypatch.setattr(Folder, "_rename", lambda self, old, new: rename(self, old, spelt(self, new)))


@pytest.mark.usefixtures("folding")
@pytest.mark.parametrize(("first", "second"), NAMES)
def test_the_second_is_refused(store: FileStore, first: str, second: str) -> None:
    put(store, **{first: b"1"})
    refused = f"{second}.json differs from {first}.json only by case"
    with pytest.raises(SessionError, match=refused):
        store.read(("sessions", second))
    with pytest.raises(SessionError, match=refused):
        put(store, **{second: b"2"})
    with pytest.raises(SessionError, match=refused), store.transaction(5) as tx:
        tx.delete(("sessions", second))
    assert scanned(store) == [(first, b"1")]
    put(store, **{first: b"3"})
    assert store.read(("sessions", first)) == b"3"


@pytest.mark.usefixtures("folding")
def test_an_archive_there_is_taken(store: FileStore) -> None:
    with store.transaction(5) as tx:
        tx.put(("archives", "2026-01-29-Build"), b"1")
    with store.transaction(5) as tx:
        assert tx.taken(("archives", "2026-01-29-build"))


@pytest.mark.parametrize(("first", "second"), NAMES)
def test_elsewhere_they_are_two(project: Path, store: FileStore, first: str, second: str) -> None:
    (project / "x").touch()
    if (project / "X").exists():
        pytest.skip("this file system folds case")
    put(store, **{first: b"1"})
    put(store, **{second: b"2"})
    assert (store.read(("sessions", first)), store.read(("sessions", second))) == (b"1", b"2")


def test_two_hard_links_are_two_as_well(project: Path, sessions: Path, run: Run) -> None:
    (project / "x").touch()
    if (project / "X").exists():
        pytest.skip("this file system folds case")
    assert run("set", "a", "init").code == 0
    os.link(sessions / "a.json", sessions / "A.json")
    assert run("get", "a").code == 0
    assert run("set", "A", "next").code == 0
    assert b"next" not in (sessions / "a.json").read_bytes()
