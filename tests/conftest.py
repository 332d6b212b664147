"""What every test stands on: a project folder and a home of its own, and the doors as real processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# on a busy machine, slow says nothing
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

# a shell starts what is in its background with these ignored, which processes hand on to their children
for _number in (signal.SIGINT, getattr(signal, "SIGQUIT", signal.SIGINT)):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.SIG_DFL)

REPOSITORY = Path(__file__).parent.parent
DOORS = ("get", "set", "reset", "save", "hook")
WORKSPACES = ("MCP_WORKSPACE", "CLAUDE_PLUGIN_ROOT", "CLAUDE_PLUGIN_DATA", "GEMINI_EXTENSION_PATH", "extensionPath")


@dataclass(frozen=True)
class Ended:
    """How a command ended. Texts are UTF-8; `out` and `err` keep every byte."""

    code: int
    out: bytes
    err: bytes

    @property
    def stdout(self) -> str:
        return self.out.decode("utf-8", "surrogateescape")

    @property
    def stderr(self) -> str:
        return self.err.decode("utf-8", "surrogateescape")


def command(door: str, *args: str | bytes) -> list[str | bytes]:
    """The words that start a door, or `session` itself, as a process of its own.

    $SESSION_COMMANDS, a folder, has the installed commands tested instead of the checkout's modules.
    """
    installed = os.environ.get("SESSION_COMMANDS")
    umbrella = door == "session"
    if installed:
        return [str(Path(installed) / (door if umbrella else f"session-{door}")), *args]
    return [sys.executable, "-P", "-m", door if umbrella else f"session.{door}", *args]


Run = Callable[..., Ended]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder that is its own root, and an empty home: no test touches real state."""
    for name in list(os.environ):
        if name.startswith(("WORKFLOW_SESSION_", "PRISM_", "GIT_", "XDG_")) or name in WORKSPACES:
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    folder = tmp_path / "project"
    home.mkdir()
    folder.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    if not os.environ.get("SESSION_COMMANDS"):
        monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(project: Path) -> Run:
    """Run a door in the project folder: `run("set", "w", "init", stdin=b"", env={…}, cwd=…)`."""

    def run_door(
        door: str,
        *args: str | bytes,
        stdin: bytes = b"",
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Ended:
        done = subprocess.run(
            command(door, *args),
            input=stdin,
            capture_output=True,
            cwd=cwd or project,
            env={**os.environ, **(env or {})},
            timeout=60,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    return run_door


@pytest.fixture
def sessions(project: Path) -> Path:
    """The folder of live sessions, made as another tool would have made it."""
    folder = project / "ia" / "state" / "sessions"
    folder.mkdir(parents=True)
    return folder
