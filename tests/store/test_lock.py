"""The lock: one writer at a time; it is free after its holder's death, and never taken from a live holder."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from session.errors import Busy, SessionError
from session.store import lock as locks
from session.store.disk import Folder
from session.store.files import FileStore
from session.store.lock import Lock
from session.store.paths import TEMPORARY
from tests.conftest import Run
from tests.store.contract import A, put
from tests.store.tree import tree

# takes the lock of the project in the working folder, says so, and keeps it until it is told to end
HOLDER = """
import os, sys
from session.store.files import FileStore
with FileStore(os.getcwd(), "").transaction(60) as tx:
    if len(sys.argv) > 1:  # a child that the lock must not pass to
        import subprocess
        child = subprocess.Popen(["sleep", "60"], close_fds=False, stdin=0, stdout=subprocess.DEVNULL)
        print(child.pid, flush=True)
    else:
        print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process that holds the lock."""
    command = [sys.executable, "-P", "-c", HOLDER, *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def held(process: subprocess.Popen[bytes]) -> bytes:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.fixture
def state(project: Path) -> Iterator[Folder]:
    (project / "state").mkdir()
    folder = Folder.at(str(project / "state"), "state/")
    yield folder
    folder.close()


def test_one_holder(state: Folder) -> None:
    first = Lock(state, 0)
    with pytest.raises(Busy, match=rf"^process {os.getpid()} holds the lock state/\.lock; nothing changed"):
        Lock(state, 0)
    first.release(clean=True)
    Lock(state, 0).release(clean=True)


def test_waiting_gets_it(state: Folder) -> None:
    first = Lock(state, 0)
    got = []

    def wait() -> None:
        second = Lock(state, 60)
        got.append(second.clean)
        second.release(clean=True)

    thread = threading.Thread(target=wait)
    thread.start()
    first.release(clean=True)
    thread.join()
    assert got == [True]


@pytest.mark.parametrize("clean", [True, False])
def test_whether_the_last_holder_ended_well(state: Folder, clean: bool) -> None:
    first = Lock(state, 0)
    assert not first.clean  # nobody ever held it
    first.release(clean=clean)
    second = Lock(state, 0)
    assert second.clean is clean
    second.release(clean=True)


@pytest.mark.parametrize("content", [b"", b"x", b"\0" * 11, b"999999999\n", b"garbage that is longer\n" * 9])
def test_any_content_is_no_hindrance(project: Path, state: Folder, content: bytes) -> None:
    (project / "state/.lock").write_bytes(content)
    lock = Lock(state, 0)
    assert not lock.clean
    with pytest.raises(Busy, match=f"^process {os.getpid()} holds"):
        Lock(state, 0)
    lock.release(clean=True)


@pytest.mark.parametrize("mark", [b"", b"         0\n", b"no number\n"])
def test_the_holder_is_another_process_where_its_pid_is_unknown(project: Path, state: Folder, mark: bytes) -> None:
    """A holder that has the lock, but has not written its mark yet, or has taken it off already."""
    lock = Lock(state, 0)
    (project / "state/.lock").write_bytes(mark)
    with pytest.raises(Busy, match=r"^another process holds the lock"):
        Lock(state, 0)
    lock.release(clean=True)


def test_its_file_stays(project: Path, state: Folder) -> None:
    Lock(state, 0).release(clean=True)
    inode = (project / "state/.lock").stat().st_ino
    for _ in range(3):
        Lock(state, 0).release(clean=False)
    assert (project / "state/.lock").stat().st_ino == inode


@pytest.mark.parametrize("kind", ["link", "fifo", "folder", "socket"])
def test_anything_but_a_file_is_refused(project: Path, state: Folder, tmp_path: Path, kind: str) -> None:
    place = project / "state/.lock"
    (tmp_path / "target").write_bytes(b"mine")
    if kind == "link":
        place.symlink_to(tmp_path / "target")
    elif kind == "fifo":
        os.mkfifo(place)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind("state/.lock")  # relative, because such a path may have only about 100 characters
    else:
        place.mkdir()
    before = tree(tmp_path)
    with pytest.raises(SessionError, match=r"state/\.lock is not a regular file: refused"):
        Lock(state, 0)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_was_swept_away_while_waiting_is_noticed(
    project: Path, state: Folder, monkeypatch: pytest.MonkeyPatch, replaced: bool
) -> None:
    place = project / "state/.lock"
    wait, swept = locks._wait, []

    def sweep_once(fd: int, deadline: float, path: str) -> None:
        wait(fd, deadline, path)
        if not swept:  # `git clean -fdx`, between the opening and the locking
            place.unlink()
            swept.append(True)
            if replaced:
                place.write_bytes(b"")

    monkeypatch.setattr(locks, "_wait", sweep_once)
    lock = Lock(state, 0)
    assert place.stat().st_ino == os.fstat(lock.fd).st_ino
    with pytest.raises(Busy):
        Lock(state, 0)
    lock.release(clean=True)


def test_a_lock_call_that_fails_is_an_error(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileStore(str(project), "")
    put(store, a=b"1")

    def fail(fd: int, how: int) -> None:
        raise OSError(37, os.strerror(37))

    monkeypatch.setattr(locks.fcntl, "flock", fail)
    with pytest.raises(SessionError, match=r"cannot use ia/state/\.lock: no locks available; nothing changed"):
        put(store, a=b"2")
    assert store.read(A) == b"1"


def test_between_processes(project: Path, run: Run) -> None:
    run("set", "w", "init")
    before = (project / "ia/state/sessions/w.json").read_bytes()
    with holder() as process:
        held(process)
        for words in (("set", "w", "next"), ("save", "w"), ("reset", "w")):
            busy = run(*words, env={"WORKFLOW_SESSION_LOCK_TIMEOUT_S": "0.1"})
            assert (busy.code, busy.stdout) == (4, "")
            assert busy.stderr == (
                f"process {process.pid} holds the lock ia/state/.lock; nothing changed (try again)\n"
            )
        assert run("get", "w").out == before + b"\n"  # readers need no lock
    assert (project / "ia/state/sessions/w.json").read_bytes() == before


def test_a_stopped_holder_keeps_it(project: Path, run: Run) -> None:
    with holder() as process:
        held(process)
        process.send_signal(signal.SIGSTOP)
        busy = run("set", "w", "init", env={"WORKFLOW_SESSION_LOCK_TIMEOUT_S": "0.1"})
        assert (busy.code, busy.stdout) == (4, "")
        assert f"process {process.pid} holds the lock" in busy.stderr
        process.send_signal(signal.SIGCONT)
    assert not (project / "ia/state/sessions").exists()


def test_a_killed_holder_frees_it(project: Path) -> None:
    store = FileStore(str(project), "")
    with holder() as process:
        held(process)
        process.kill()
        process.wait()
        put(store, a=b"1")
    assert store.read(A) == b"1"


def test_a_child_of_the_holder_does_not_keep_it(project: Path) -> None:
    store = FileStore(str(project), "")
    with holder("child") as process:
        child = int(held(process))
        try:
            process.kill()
            process.wait()
            put(store, a=b"1")
        finally:
            os.kill(child, signal.SIGKILL)
    assert store.read(A) == b"1"


def test_what_a_dead_holder_left_is_cleared(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileStore(str(project), "")
    with store.transaction(5) as tx:
        tx.put(A, b"1")
        tx.put(("archives", "a"), b"2")
    left = [project / below / TEMPORARY for below in ("ia/state", "ia/state/sessions", "ia/state/sessions/archives")]
    for path in left:
        path.write_bytes(b"half")
    put(store)  # the last holder ended well: nobody looks
    assert all(path.exists() for path in left)
    with holder() as process:
        held(process)
    synced: list[str] = []
    sync = Folder.sync
    monkeypatch.setattr(Folder, "sync", lambda self: (synced.append(self.path), sync(self))[1])
    put(store)
    assert not any(path.exists() for path in left)
    # it may have made folders and files that are not yet durable
    assert {"", "ia/", "ia/state/", "ia/state/sessions/", "ia/state/sessions/archives/"} <= set(synced)
    synced.clear()
    put(store)
    assert synced == []


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the system does not list open files")
@pytest.mark.parametrize("end", ["busy", "refused", "swept", "good"])
def test_no_file_stays_open(project: Path, state: Folder, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    held = Lock(state, 0) if end == "busy" else None
    place = project / "state/.lock"
    if end == "refused":
        os.mkfifo(place)
    wait, swept = locks._wait, []

    def sweep_once(fd: int, deadline: float, path: str) -> None:
        wait(fd, deadline, path)
        if not swept and end == "swept":
            place.unlink()
            swept.append(True)

    monkeypatch.setattr(locks, "_wait", sweep_once)
    before = len(list(Path("/proc/self/fd").iterdir()))
    if end in ("busy", "refused"):
        with pytest.raises(SessionError):
            Lock(state, 0)
    else:
        Lock(state, 0).release(clean=True)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    if held is not None:
        held.release(clean=True)


def test_a_mark_that_cannot_be_written_does_not_keep_the_lock(state: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next holder then repairs the folders, as after a dead one."""
    lock = Lock(state, 0)

    def fail(fd: int, mark: bytes) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr(locks, "_set_mark", fail)
        lock.release(clean=True)
    second = Lock(state, 0)
    assert not second.clean
    second.release(clean=True)


@pytest.mark.parametrize("text", ["x", "-1", "nan"])
def test_a_wrong_timeout_is_a_usage_error(project: Path, run: Run, text: str) -> None:
    ended = run("set", "w", "init", env={"WORKFLOW_SESSION_LOCK_TIMEOUT_S": text})
    assert (ended.code, ended.stdout) == (1, "")
    assert re.fullmatch(r"WORKFLOW_SESSION_LOCK_TIMEOUT_S is not a number of seconds: .*\n", ended.stderr)
    assert tree(project) == {}


@pytest.mark.parametrize("mask", [0, 0o022, 0o777])
def test_the_lock_file_is_its_owners_alone(project: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        put(FileStore(str(project), ""), a=b"1")
    finally:
        os.umask(before)
    assert stat.S_IMODE((project / "ia/state/.lock").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("text", "seconds"), [("", 10), ("0", 0), ("1", 1), ("0.25", 0.25), ("1e2", 100), (" 3 ", 3), ("-0", 0)]
)
def test_how_long_to_wait(monkeypatch: pytest.MonkeyPatch, text: str, seconds: float) -> None:
    monkeypatch.setenv("WORKFLOW_SESSION_LOCK_TIMEOUT_S", text)
    assert locks.timeout_s() == seconds


def test_how_long_to_wait_unless_told() -> None:
    assert locks.timeout_s() == 10


@pytest.mark.parametrize("text", ["x", "-1", "nan", "inf", "-inf", "1e400", "10s", "1,5", " "])
def test_how_long_to_wait_is_a_number(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("WORKFLOW_SESSION_LOCK_TIMEOUT_S", text)
    with pytest.raises(SessionError, match="WORKFLOW_SESSION_LOCK_TIMEOUT_S is not a number of seconds"):
        locks.timeout_s()
