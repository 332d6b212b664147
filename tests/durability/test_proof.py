"""A small sample of the durability tests. `make durability` runs a large one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTHING = 77
METHODS = ("crash", "replay", "killed-replay", "power", "error", "fault", "storm", "mutants")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="crashes are staged with Linux's tools")


@pytest.mark.parametrize("method", METHODS)
def test_the_promise_holds(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in a process of its own, because it forks, mounts and kills."""
    monkeypatch.delenv("FULL", raising=False)
    done = subprocess.run(
        [sys.executable, "-m", "tests.durability", "--small", method],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode == NOTHING:
        pytest.skip(next(line for line in done.stdout.splitlines() if line.startswith("skipped: ")))
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_tool_that_ci_lacks_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside CI, the test is skipped with the reason. CI must not pass without it."""
    env = {**os.environ, "PATH": str(Path(sys.executable).parent), "CI": "true"}
    command = [sys.executable, "-m", "tests.durability", "--small", "crash"]
    if (Path(sys.executable).parent / "strace").exists():
        pytest.skip("strace is installed beside Python")
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=600, check=False)
    assert (done.returncode, "strace is not installed" in done.stdout) == (1, True), done.stdout + done.stderr
    done = subprocess.run(
        command, cwd=ROOT, env={**env, "CI": ""}, capture_output=True, text=True, timeout=600, check=False
    )
    assert (done.returncode, "skipped: crash: strace is not installed" in done.stdout) == (NOTHING, True)
