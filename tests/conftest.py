"""Fixtures for all tests: a project folder and a home folder for each test, and commands as real processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from session.store import transaction
from session.store.files import FileStore, Folder
from session.store.lock import Lock

# No time limits for Hypothesis: on a busy machine, a slow test is not a failure.
settings.register_profile(
    "steady",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=20 if os.environ.get("FAST") else 100,
)
settings.load_profile("steady")

# A shell starts background processes with the first two ignored, and `nohup` ignores the third; children inherit that.
# Restore the default.
for _number in (getattr(signal, _name, signal.SIGINT) for _name in ("SIGINT", "SIGQUIT", "SIGHUP")):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.SIG_DFL)

REPOSITORY = Path(__file__).parent.parent
COMMANDS = ("get", "set", "reset", "save", "hook")
WORKSPACES = ("MCP_WORKSPACE", "CLAUDE_PLUGIN_ROOT", "CLAUDE_PLUGIN_DATA", "GEMINI_EXTENSION_PATH", "extensionPath")


@dataclass(frozen=True)
class Ended:
    """The exit code and output of a command. `out` and `err` are bytes, `stdout` and `stderr` their text in UTF-8."""

    code: int
    out: bytes
    err: bytes

    @property
    def stdout(self) -> str:
        return self.out.decode("utf-8", "surrogateescape")

    @property
    def stderr(self) -> str:
        return self.err.decode("utf-8", "surrogateescape")


def command(name: str, *args: str | bytes) -> list[str | bytes]:
    """Return the words that start a command (`get`, `set`, `commands.enter`, …), or `session` itself, as a process.

    If $SESSION_COMMANDS names a folder, the installed commands in it are used instead of the checkout's modules.
    """
    installed = os.environ.get("SESSION_COMMANDS")
    umbrella = name == "session"
    if installed:
        return [str(Path(installed) / (name if umbrella else f"session-{name}")), *args]
    return [sys.executable, "-P", "-m", name if umbrella else f"session.{name}", *args]


Run = Callable[..., Ended]
Before = Callable[[Callable[[], object]], None]

needs_root = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0,
    reason="needs root: it changes owners, acts as another user, mounts or makes a file immutable",
)

# what `make test-fast` leaves out: whole files, and tests that kill a process at every one of its system calls
SLOW_FILES = ("tests/durability/", "tests/interop/", "tests/test_wheel.py")
SLOW_TESTS = (
    "test_killed_at_any_moment",
    "test_past_the_time_limit",
    "test_a_program_that_closed_its_output_and_stays",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that take long, and the samples of the durability proof."""
    for item in items:
        path = item.path.relative_to(REPOSITORY).as_posix()
        if path.startswith(SLOW_FILES) or item.name.startswith(SLOW_TESTS):
            item.add_marker(pytest.mark.slow)
        if path == "tests/durability/test_proof.py" and item.name.startswith("test_the_promise_holds"):
            item.add_marker(pytest.mark.proof)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an empty project folder and an empty home folder, and enter the project: no test touches real state."""
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
    """Return a function that runs a command: `run("set", "w", "init", stdin=b"", env={…}, cwd=…)`."""

    def run_command(
        name: str,
        *args: str | bytes,
        stdin: bytes = b"",
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Ended:
        process = subprocess.run(
            command(name, *args),
            input=stdin,
            capture_output=True,
            cwd=cwd or project,
            env={**os.environ, **(env or {})},
            timeout=60,
            check=False,
        )
        return Ended(process.returncode, process.stdout, process.stderr)

    return run_command


@pytest.fixture
def sessions(project: Path) -> Path:
    """Make the folder of sessions with the permissions that another tool would use."""
    folder = project / "ia" / "state" / "sessions"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def store(project: Path) -> FileStore:
    """Return the store of the project folder, whose messages name files as seen from there."""
    return FileStore(str(project), "")


@pytest.fixture
def before_the_lock(monkeypatch: pytest.MonkeyPatch) -> Before:
    """Return a function that has something done, as by another process, just before the next lock of a transaction."""

    def once(act: Callable[[], object]) -> None:
        def locked(place: Folder, timeout_s: float) -> Lock:
            monkeypatch.setattr(transaction, "Lock", Lock)
            act()
            return Lock(place, timeout_s)

        monkeypatch.setattr(transaction, "Lock", locked)

    return once
