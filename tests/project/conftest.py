"""Run the project's commands as real processes, also in a folder that $PRISM_ROOT names."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ended

Call = Callable[..., Ended]


@pytest.fixture(autouse=True)
def _no_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRISM_ROOT", raising=False)


@pytest.fixture
def call(project: Path) -> Call:
    """A function that runs a command in the project: `call("update_state", "complete", "x", env={…}, cwd=…)`."""

    def run(name: str, *words: str | bytes, env: dict[str, str] | None = None, cwd: Path | None = None) -> Ended:
        done = subprocess.run(
            [sys.executable, "-P", "-m", f"session.commands.{name}", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=cwd or project,
            env={**os.environ, **(env or {})},
            timeout=120,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def prism(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that $PRISM_ROOT names."""
    folder = tmp_path / "prism"
    folder.mkdir()
    monkeypatch.setenv("PRISM_ROOT", str(folder))
    return folder


def write(folder: Path, state: object) -> Path:
    """Write the state's file as another tool would."""
    path = folder / "CURRENT_STATE.json"
    path.write_text(json.dumps(state, indent=2), encoding="utf-8")
    return path


def stored(folder: Path) -> Any:
    """Return the stored state."""
    return json.loads((folder / "CURRENT_STATE.json").read_text(encoding="utf-8"))


def events(folder: Path) -> list[Any]:
    """Return the entries of the log of events."""
    return [json.loads(line) for line in (folder / "SESSION_LOGS/events.jsonl").read_text().splitlines()]
