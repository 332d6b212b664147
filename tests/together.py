"""Commands as real processes that all come for one lock at the same time."""

import subprocess
import sys
from collections.abc import Sequence

import pytest

from session.store.files import FileStore


def be_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody gives up because this machine is busy with other things."""
    monkeypatch.setenv("WORKFLOW_SESSION_LOCK_TIMEOUT_S", "300")


def together(store: FileStore, *commands: Sequence[str]) -> list[tuple[int, str, str]]:
    """Exit code, stdout and stderr of each command, its module first, that is started while the lock is held."""
    with store.transaction(5):
        started = [
            subprocess.Popen(
                [sys.executable, "-P", "-m", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            for words in commands
        ]
    ended = []
    for process in started:
        out, err = process.communicate(timeout=300)
        ended.append((process.returncode, out, err))
    return ended
