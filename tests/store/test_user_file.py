"""The user's own files: durable, changed by one process at a time, repaired after a process that died."""

import errno
import os
import stat
import time
from pathlib import Path

import pytest

from session.errors import Busy, SessionError
from session.store import user_file
from session.store.disk import Folder
from session.store.lock import Lock


def test_a_missing_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    with user_file.locked(str(folder), "f.json") as opened:
        opened.replace("f.json", b"x")
    assert (folder / "f.json").read_bytes() == b"x"
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder.parent)} == {0o700}
    with user_file.reading(str(folder), "f.json") as again:
        assert again is not None
        assert again.read("f.json") == b"x"


def test_what_is_not_there_reads_as_none(tmp_path: Path) -> None:
    with user_file.reading(str(tmp_path / "none"), "f.json") as folder:
        assert folder is None
    with user_file.reading(str(tmp_path), "f.json") as folder:
        assert folder is not None
        assert folder.read("f.json") is None


def test_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKFLOW_SESSION_LOCK_TIMEOUT_S", "0")
    began_s = time.monotonic()
    with user_file.locked(str(tmp_path), "f.json"), pytest.raises(Busy), user_file.locked(str(tmp_path), "f.json"):
        pass
    assert time.monotonic() - began_s < 8  # without the variable, it would wait for ten seconds


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the system does not list open files")
def test_no_file_stays_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKFLOW_SESSION_LOCK_TIMEOUT_S", "0")
    folder = str(tmp_path / "a" / "b" / "c")
    before = len(list(Path("/proc/self/fd").iterdir()))
    with user_file.locked(folder, "f.json") as opened:
        opened.replace("f.json", b"x")
        with pytest.raises(Busy), user_file.locked(folder, "f.json"):
            pass
    for name in ("f.json", "none"):
        with user_file.reading(folder, name) as opened_again:
            assert opened_again is not None
            opened_again.read(name)
    with pytest.raises(KeyError), user_file.locked(folder, "f.json"):
        raise KeyError
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_what_a_dead_holder_left_is_removed(tmp_path: Path) -> None:
    """If nobody removed the temporary file of a dead process, no later process could write."""
    (tmp_path / ".temporary").write_text("half")
    (tmp_path / ".lock").write_text(f"{4_000_000:>10}\n")  # the mark of a process that never gave it back
    with user_file.locked(str(tmp_path), "f.json") as folder:
        assert not (tmp_path / ".temporary").exists()
        folder.replace("f.json", b"x")


@pytest.fixture
def repairs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which each sync of a folder and each removal of a temporary file adds its name."""
    names: list[str] = []

    def watch(name: str) -> None:
        repair = getattr(Folder, name)
        monkeypatch.setattr(Folder, name, lambda folder: (names.append(name), repair(folder))[1])

    watch("sync")
    watch("discard_temporary")
    return names


def hold(path: Path, *, clean: bool) -> None:
    """Take the lock of the folder, and release it as a process does that ends well, or leave the mark of a dead one."""
    folder = Folder.at(str(path), "")
    Lock(folder, 1).release(clean=clean)
    folder.close()


def test_after_a_dead_holder_the_folder_is_synced_first(tmp_path: Path, repairs: list[str]) -> None:
    """The dead holder may have renamed a file into place: what is read from it must survive a power cut."""
    hold(tmp_path, clean=False)
    with user_file.locked(str(tmp_path), "f.json"):
        assert repairs == ["sync", "sync", "discard_temporary"]  # the folder above first


def test_after_a_good_holder_nothing_is_repaired(tmp_path: Path, repairs: list[str]) -> None:
    hold(tmp_path, clean=True)
    with user_file.locked(str(tmp_path), "f.json"):
        pass
    assert repairs == []


def test_a_failed_holder_leaves_the_repair_to_the_next(tmp_path: Path, repairs: list[str]) -> None:
    hold(tmp_path, clean=True)
    with pytest.raises(KeyError), user_file.locked(str(tmp_path), "f.json"):
        raise KeyError
    (tmp_path / ".temporary").write_text("half")
    with user_file.locked(str(tmp_path), "f.json"):
        assert repairs == ["sync", "sync", "discard_temporary"]  # the folder above first
        assert not (tmp_path / ".temporary").exists()
    repairs.clear()
    with user_file.locked(str(tmp_path), "f.json"):
        pass
    assert repairs == []


def test_a_repair_that_fails_changes_nothing_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(tmp_path, clean=False)
    sync = Folder.sync

    def fail(folder: Folder) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Folder, "sync", fail)
    refusal = r"cannot write .*/f\.json: input/output error; nothing changed"
    with pytest.raises(SessionError, match=refusal), user_file.locked(str(tmp_path), "f.json"):
        raise AssertionError("the folder may not be used")
    synced: list[str] = []
    monkeypatch.setattr(Folder, "sync", lambda folder: (synced.append(folder.path), sync(folder))[1])
    with user_file.locked(str(tmp_path), "f.json"):
        assert synced == [f"{tmp_path.parent}/", f"{tmp_path}/"]


def test_a_file_where_the_folder_belongs_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    said = r"cannot write .*a/f\.json: not a directory; nothing changed"
    with pytest.raises(SessionError, match=said), user_file.locked(str(tmp_path / "a"), "f.json"):
        pass
