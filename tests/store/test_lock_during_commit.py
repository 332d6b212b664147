"""A commit of several changes keeps the lock until its journal is gone: no transaction meets the journal of a live one.

A transaction that met it would finish it as that of a dead writer, while its writer finishes it too.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from session.errors import Busy
from session.store.disk import Folder
from session.store.files import FileStore
from session.store.paths import JOURNAL
from tests.conftest import Run
from tests.store.contract import A, M, put

# commits two changes in the working folder; before the change number argv[1] of a file, it waits for a line
PAUSED_COMMIT = """
import os, sys
from session.store.disk import Folder
from session.store.files import FileStore

left = int(sys.argv[1])

def paused(change):
    def wait_and_change(self, *names):  # of `put`, the name comes last
        global left
        left -= 1
        if not left:
            print(names[-1], flush=True)
            sys.stdin.readline()
        return change(self, *names)
    return wait_and_change

with FileStore(os.getcwd(), "").transaction(60) as tx:
    tx.put(("archives", "a"), b"archive of " + tx.read(("sessions", "a")))
    tx.delete(("sessions", "a"))
    Folder.put, Folder.remove = paused(Folder.put), paused(Folder.remove)
"""


@pytest.fixture
def store(project: Path) -> FileStore:
    store = FileStore(str(project), "")
    put(store, a=b"1")
    return store


@contextmanager
def paused_commit(change: int) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """Start a process that commits, and yield it with the name of the file before whose change it waits."""
    command = [sys.executable, "-P", "-c", PAUSED_COMMIT, str(change)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout
            yield process, process.stdout.readline().decode().strip()
        finally:
            process.kill()


def test_the_lock_is_held_at_every_change(store: FileStore, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []

    def watched(change: Any) -> Any:
        def changed(folder: Folder, *arguments: str) -> None:
            with pytest.raises(Busy), store.transaction(0):
                pass
            change(folder, *arguments)
            with pytest.raises(Busy), store.transaction(0):
                pass
            names.append(arguments[-1])

        return changed

    with store.transaction(5) as tx:
        tx.put(M, b"archive of 1")
        tx.delete(A)
        for change in ("put", "remove"):
            monkeypatch.setattr(Folder, change, watched(getattr(Folder, change)))
    assert (names[0], names[-1]) == (JOURNAL, JOURNAL)
    assert sorted(names[1:-1]) == ["a.json", "a.md"]
    monkeypatch.undo()
    with store.transaction(0) as tx:
        assert (tx.read(A), tx.read(M)) == (None, b"archive of 1")


@pytest.mark.parametrize("change", [2, 3, 4])
def test_nobody_finishes_the_journal_of_a_live_process(store: FileStore, project: Path, run: Run, change: int) -> None:
    journal = project / "ia/state" / JOURNAL
    with paused_commit(change) as (process, name):
        assert name in ("a.json", "a.md", JOURNAL)
        assert journal.exists()
        before = journal.read_bytes(), sorted(path.name for path in project.rglob("*"))
        with pytest.raises(Busy, match=f"process {process.pid} holds the lock"), store.transaction(0.1):
            pass
        busy = run("set", "a", "x", env={"WORKFLOW_SESSION_LOCK_TIMEOUT_S": "0.1"})
        assert (busy.code, busy.stdout) == (4, "")
        assert (journal.read_bytes(), sorted(path.name for path in project.rglob("*"))) == before
        assert (store.read(A), store.read(M)) == (None, b"archive of 1")  # readers go by the journal
        process.communicate(b"\n", timeout=60)
        assert process.returncode == 0
    assert not journal.exists()
    put(store, a=b"2")
    assert (store.read(A), store.read(M)) == (b"2", b"archive of 1")


def test_the_next_transaction_waits_until_the_journal_is_gone(store: FileStore, project: Path) -> None:
    with paused_commit(4) as (process, name):
        assert name == JOURNAL
        code = (
            "import os; from session.store.files import FileStore\n"
            "with FileStore(os.getcwd(), '').transaction(60): print(os.path.exists('ia/state/.journal'))"
        )
        with subprocess.Popen([sys.executable, "-P", "-c", code], stdout=subprocess.PIPE) as second:
            with pytest.raises(subprocess.TimeoutExpired):
                second.wait(0.3)
            process.communicate(b"\n", timeout=60)
            assert second.communicate(timeout=60)[0] == b"False\n"
