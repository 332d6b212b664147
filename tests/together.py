"""Start several commands as real processes that all want one lock at the same time."""

import subprocess
import sys
from collections.abc import Sequence

import pytest

from session.store.files import FileStore


def be_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a long lock timeout, so that no command gives up on a busy machine."""
    monkeypatch.setenv("WORKFLOW_SESSION_LOCK_TIMEOUT_S", "300")


def together(store: FileStore, *commands: Sequence[str]) -> list[tuple[int, str, str]]:
    """Start the commands while the lock is held, then release it; return exit code, stdout and stderr of each.

    Each command is a module and its arguments.
    """
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
