"""Temporary folders: only ours, of processes that have ended, are removed; no link or mount is ever entered."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from session.host import temp_folders
from tests.conftest import needs_root

CRASH = """
import os, signal, sys
from session.host import temp_folders
with temp_folders.make() as path:
    os.makedirs(path + "/objects/ab")
    open(path + "/objects/ab/cd", "w").write("x")
    print(path, flush=True)
    if sys.argv[1] == "stay":
        sys.stdin.read()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def place(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of our temporary folders, in an empty home folder."""
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    [path] = temp_folders.places()
    return Path(path)


def crash() -> Path:
    """Return a folder that a killed process has left."""
    done = subprocess.run([sys.executable, "-P", "-c", CRASH, "die"], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    return Path(done.stdout.strip())


def edit(path: Path, **values: object) -> None:
    mark = path / temp_folders.MARK
    mark.write_text(json.dumps({**json.loads(mark.read_text()), **values}))


def age(path: Path) -> None:
    os.utime(path, (time.time() - 7200, time.time() - 7200))


@pytest.fixture
def mounted() -> Iterator[list[Path]]:
    """Return a list; what it names is unmounted after the test."""
    paths: list[Path] = []
    yield paths
    for path in paths:
        subprocess.run(["umount", path], check=False)


def test_it_is_removed_at_the_end(place: Path) -> None:
    with temp_folders.make() as path:
        assert Path(path).parent == place
        (Path(path) / "a/b").mkdir(parents=True)
        (Path(path) / "a/link").symlink_to(place.parent)
        assert temp_folders.sweep() == []
        assert {child.stat().st_mode & 0o777 for child in (place, Path(path))} == {0o700}
    assert list(place.iterdir()) == []
    assert place.parent.is_dir()


def test_what_a_crash_left_is_removed(place: Path) -> None:
    left = crash()
    assert left.parent == place
    assert temp_folders.sweep() == [str(left)]
    assert list(place.iterdir()) == []


def test_that_of_a_running_process_stays() -> None:
    words = [sys.executable, "-P", "-c", CRASH, "stay"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        path = Path(running.stdout.readline().strip())
        age(path)
        assert temp_folders.sweep() == []
        running.communicate()
    assert temp_folders.sweep() == [str(path)]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc")
def test_the_number_of_a_process_may_be_another_ones_now() -> None:
    left = crash()
    edit(left, pid=os.getpid(), started="")
    assert temp_folders.sweep() == []
    edit(left, started=temp_folders._started(os.getpid()))
    assert temp_folders.sweep() == []
    edit(left, started="1")
    assert temp_folders.sweep() == [str(left)]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc")
def test_another_boot_may_be_another_machine() -> None:
    left = crash()
    edit(left, boot="b", pid=os.getpid())
    assert temp_folders.sweep() == []
    age(left)
    assert temp_folders.sweep() == [str(left)]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc")
def test_that_of_another_container_stays() -> None:
    left = crash()
    edit(left, space="pid:[1]")
    age(left)
    assert temp_folders.sweep() == []


def test_without_what_linux_says(monkeypatch: pytest.MonkeyPatch) -> None:
    left = crash()
    monkeypatch.setattr(temp_folders, "_text", lambda _: "")
    edit(left, pid=os.getpid())
    age(left)
    assert temp_folders.sweep() == []
    edit(left, pid=2**31 - 1)
    assert temp_folders.sweep() == [str(left)]


@pytest.mark.parametrize(
    "mark",
    [
        None,
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"[" * 4000,
        b'{"pid": 1}',
        b'{"pid": true, "started": "", "boot": "", "space": ""}',
        b'{"pid": -1, "started": "", "boot": "", "space": ""}',
        b'{"pid": 1e400, "started": "", "boot": "", "space": ""}',
        b'{"pid": 99999999999999999999, "started": "", "boot": "", "space": ""}',
        b'{"pid": 2147483647, "started": "", "boot": "", "space": 1}',
    ],
)
def test_without_our_mark_it_stays(mark: bytes | None) -> None:
    left = crash()
    (left / temp_folders.MARK).unlink()
    if mark is not None:
        (left / temp_folders.MARK).write_bytes(mark)
    age(left)
    assert temp_folders.sweep() == []
    assert (left / "objects/ab/cd").read_text() == "x"


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_a_mark_that_is_no_file(tmp_path: Path, kind: str) -> None:
    left = crash()
    mark = left / temp_folders.MARK
    mark.rename(tmp_path / "mark")
    if kind == "link":
        mark.symlink_to(tmp_path / "mark")
    elif kind == "folder":
        mark.mkdir()
    else:
        os.mkfifo(mark)
    assert temp_folders.sweep() == []
    assert (left / "objects/ab/cd").exists()


def test_the_users_folders_stay(place: Path, tmp_path: Path) -> None:
    """Not even the name of an unpacked download, and links to elsewhere, make a folder ours."""
    download = tmp_path / "workflow-session-main"
    (download / "session").mkdir(parents=True)
    (download / "session" / "mine.py").write_text("x")
    age(download)
    left = crash()
    elsewhere = tmp_path / "elsewhere"
    left.rename(elsewhere)
    (place / "link").symlink_to(elsewhere)
    assert temp_folders.sweep() == []
    assert (download / "session" / "mine.py").exists()
    assert (elsewhere / "objects/ab/cd").exists()


def test_links_inside_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").write_text("x")
    left = crash()
    (left / "to-folder").symlink_to(tmp_path / "mine")
    (left / "objects/to-file").symlink_to(tmp_path / "mine/file")
    assert temp_folders.sweep() == [str(left)]
    assert (tmp_path / "mine/file").read_text() == "x"


@pytest.mark.parametrize("kind", ["tmpfs", "bind", "bind of a file", "bind of the folder"])
@needs_root
def test_mounts_inside_are_not_entered(tmp_path: Path, mounted: list[Path], kind: str) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").write_text("x")
    left = crash()
    point = left / "objects" / "a b"
    point.mkdir()
    source = tmp_path / "mine"
    words = ["mount", "--bind", source, point]
    if kind == "tmpfs":
        words = ["mount", "-t", "tmpfs", "none", point]
    elif kind == "bind of a file":
        source, point = source / "file", left / "objects/ab/cd"
        words = ["mount", "--bind", source, point]
    elif kind == "bind of the folder":
        source = tmp_path / "theirs"
        left.rename(source)
        left.mkdir()
        point = left
        words = ["mount", "--bind", source, left]
    if subprocess.run(words, check=False).returncode:
        pytest.skip("mount is not allowed here")
    mounted.append(point)
    if kind == "tmpfs":
        (point / "file").write_text("x")
    kept = [path for path in (tmp_path / "mine/file", point / "file", tmp_path / "theirs/objects") if path.exists()]
    assert temp_folders.sweep() == []
    assert all(path.exists() for path in kept)
    assert (left / temp_folders.MARK).exists()


@needs_root
def test_a_place_of_others_is_not_used(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = crash()
    runtime = tmp_path / "run"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    os.chown(place, 65534, 65534)
    assert temp_folders.sweep() == []
    with temp_folders.make() as path:
        assert Path(path).parent == runtime / "workflow-session" / "temporary"
    os.chown(place, 0, 0)
    os.chmod(place, 0o777)  # noqa: PTH101
    assert temp_folders.sweep() == []
    place.chmod(0o700)
    os.chown(left, 65534, 65534)
    assert temp_folders.sweep() == []


def test_without_a_place(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place.parent.parent.mkdir(parents=True, exist_ok=True)
    place.parent.write_text("a file")
    with pytest.raises(OSError, match="Not a directory"), temp_folders.make():
        pass
    assert temp_folders.sweep() == []
    monkeypatch.setattr(temp_folders, "places", list)
    with pytest.raises(OSError, match="set HOME"), temp_folders.make():
        pass


@needs_root
def test_a_folder_of_another_user_stays() -> None:
    """Marked like ours, but another user's: nobody may make us remove what we do not own."""
    left = crash()
    os.chown(left, 65_534, 65_534)
    age(left)
    assert temp_folders.sweep() == []
    assert (left / "objects/ab/cd").exists()
    os.chown(left, 0, 0)
    assert temp_folders.sweep() == [str(left)]
