"""Folder reads and replaces whole files, even if system calls fail or are short."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from session.errors import SessionError, Unconfirmed
from session.store import disk
from session.store.disk import Folder
from session.store.paths import TEMPORARY
from tests.store.tree import tree


@pytest.fixture
def folder(project: Path) -> Iterator[Folder]:
    opened = Folder.at(str(project), "shown/")
    yield opened
    opened.close()


def failing(code: int) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize("body", [b"", b"1", bytes(range(256)) * 1000])
def test_replace_and_read(project: Path, folder: Folder, body: bytes) -> None:
    folder.replace("f", b"before")
    folder.replace("f", body)
    assert folder.read("f") == body
    assert list(tree(project)) == ["f"]


def test_short_writes_are_continued(project: Path, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(disk.posix, "write", lambda fd, data: write(fd, data[:7]))
    folder.replace("f", bytes(range(256)))
    assert (project / "f").read_bytes() == bytes(range(256))


def test_short_reads_are_continued(project: Path, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "f").write_bytes(bytes(range(256)))
    read = os.read
    monkeypatch.setattr(disk.posix, "read", lambda fd, size: read(fd, min(size, 7)))
    assert folder.read("f") == bytes(range(256))


@pytest.mark.parametrize(("size", "fits"), [(0, True), (9, True), (10, True), (11, False), (5000, False)])
def test_the_limit_is_counted_while_reading(project: Path, folder: Folder, size: int, fits: bool) -> None:
    (project / "f").write_bytes(bytes(size))
    if fits:
        assert folder.read("f", limit=10) == bytes(size)
    else:
        with pytest.raises(SessionError, match=r"^shown/f is too large"):
            folder.read("f", limit=10)


@pytest.mark.parametrize("call", ["write", "fchmod", "rename"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EXDEV])
def test_a_failure_before_the_end_changes_nothing(
    project: Path, folder: Folder, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    folder.replace("f", b"before")
    before = tree(project)
    monkeypatch.setattr(disk.posix, call, failing(code))
    with pytest.raises(OSError, match=os.strerror(code)):
        folder.replace("f", b"after")
    assert tree(project) == before


def test_a_failed_sync_of_the_file_changes_nothing(
    project: Path, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.replace("f", b"before")
    before = tree(project)
    monkeypatch.setattr(disk, "sync", failing(errno.EIO))
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        folder.replace("f", b"after")
    assert tree(project) == before


def test_a_lost_tail_is_noticed(project: Path, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.replace("f", b"before")
    monkeypatch.setattr(disk, "write_all", lambda fd, data: os.write(fd, data[:-1]))
    with pytest.raises(OSError, match="shorter than what was written"):
        folder.replace("f", b"after")
    assert {name: body for name, (_, body) in tree(project).items()} == {"f": b"before"}


@pytest.mark.parametrize("change", ["replace", "remove"])
def test_a_failed_sync_of_the_folder_is_told(folder: Folder, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    folder.replace("f", b"before")
    monkeypatch.setattr(Folder, "sync", failing(errno.EIO))
    with pytest.raises(Unconfirmed, match=r"^shown/f: changed, but not confirmed durable: input/output error"):
        folder.replace("f", b"after") if change == "replace" else folder.remove("f")
    assert folder.read("f") == (b"after" if change == "replace" else None)


def test_synced_in_this_order(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    done = []
    sync, rename = disk.sync, Folder._rename

    def note_sync(fd: int) -> None:
        done.append("sync folder" if stat.S_ISDIR(os.fstat(fd).st_mode) else f"sync {os.fstat(fd).st_size} bytes")
        sync(fd)

    def note_rename(self: Folder, old: str, new: str) -> None:
        done.append("rename")
        rename(self, old, new)

    monkeypatch.setattr(disk, "sync", note_sync)
    monkeypatch.setattr(Folder, "_rename", note_rename)
    folder.replace("f", b"12345")
    assert done == ["sync 5 bytes", "rename", "sync folder"]
    done.clear()
    folder.remove("f")
    assert done == ["sync folder"]
    done.clear()
    folder.make_child("below").close()
    assert done == ["sync folder", "sync folder"]  # itself and the one it is in


def test_a_dead_writers_temporary_file_is_replaced(project: Path, folder: Folder) -> None:
    (project / TEMPORARY).write_bytes(b"half")
    folder.replace("f", b"whole")
    assert {name: body for name, (_, body) in tree(project).items()} == {"f": b"whole"}


@pytest.mark.parametrize("kind", ["link", "fifo", "folder"])
def test_anything_else_in_its_place_is_refused(project: Path, folder: Folder, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"mine")
    if kind == "link":
        (project / TEMPORARY).symlink_to(target)
    elif kind == "fifo":
        os.mkfifo(project / TEMPORARY)
    else:
        (project / TEMPORARY).mkdir()
    before = tree(tmp_path)
    with pytest.raises(SessionError, match=r"shown/\.temporary is (a symbolic link|not a regular file|a folder)"):
        folder.replace("f", b"new")
    assert tree(tmp_path) == before


def test_a_link_is_never_followed(project: Path, folder: Folder, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"mine")
    (project / "f").symlink_to(target)
    for touch in (folder.read, folder.has, lambda name: folder.replace(name, b"new")):
        with pytest.raises(SessionError, match="shown/f is a symbolic link: refused"):
            touch("f")
    assert target.read_bytes() == b"mine"


def test_a_linked_folder_only_where_it_may_be(project: Path, folder: Folder, tmp_path: Path) -> None:
    (project / "l").symlink_to(tmp_path)
    with pytest.raises(SessionError, match="shown/l is a symbolic link: refused"):
        folder.child("l")
    child = folder.child("l", link=True)
    assert child is not None
    assert child.path == "shown/l/"
    child.close()


def test_children(project: Path, folder: Folder) -> None:
    assert folder.child("below") is None
    made = folder.make_child("below")
    made.replace("f", b"1")
    made.close()
    again = folder.make_child("below")  # someone else was first
    assert again.read("f") == b"1"
    again.close()
    (project / "file").touch()
    with pytest.raises(NotADirectoryError):
        folder.child("file")


def test_what_is_there(project: Path, folder: Folder) -> None:
    (project / "f").write_bytes(b"1")
    (project / "d").mkdir()
    assert (folder.has("f"), folder.has("d"), folder.has("none")) == (True, False, False)
    assert (folder.read("f"), folder.read("d"), folder.read("none")) == (b"1", None, None)
    assert folder.status("none") is None
    assert sorted(folder.names()) == ["d", "f"]
    folder.remove("f")
    folder.remove("f")  # no error: it is gone
    assert folder.names() == ["d"]


@pytest.mark.skipif(os.name == "nt", reason="descriptors as on POSIX")
def test_no_descriptor_stays_open(project: Path, folder: Folder) -> None:
    (project / "link").symlink_to("f")
    (project / "big").write_bytes(bytes(11))
    before = len(list(Path("/dev/fd").iterdir()))
    folder.replace("f", b"1")
    folder.read("f")
    folder.make_child("below").close()
    for name in ("link", "big", "below"):
        with pytest.raises(SessionError):
            folder.replace(name, b"1") if name != "big" else folder.read(name, limit=10)
    assert len(list(Path("/dev/fd").iterdir())) == before
