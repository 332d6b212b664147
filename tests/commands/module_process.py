"""Run a module of session.commands as a process, in the working folder that the fixture `project` prepared."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import Ended

STATE = "ia/state/CURRENT_STATE.json"


def run_module(
    name: str, *words: str | bytes, env: dict[str, str] | None = None, cwd: Path | None = None, python: str = ""
) -> Ended:
    """Run `python -P -m session.commands.NAME WORDS…`; return its exit code and output."""
    inherited = {key: value for key, value in os.environ.items() if key != "PRISM_ROOT"}
    process = subprocess.run(
        [python or sys.executable, "-P", "-m", f"session.commands.{name}", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=cwd,
        env={**inherited, **(env or {})},
        timeout=60,
        check=False,
    )
    return Ended(process.returncode, process.stdout, process.stderr)


def checkpoint(*words: str | bytes, env: dict[str, str] | None = None) -> Ended:
    """Run `session.commands.checkpoint` with the words; return its exit code and output."""
    return run_module("checkpoint", *words, env=env)


def lay(project: Path, text: str | bytes = '{"current": {"phase": "1.A"}}', path: str = STATE) -> Path:
    """Write a file of the project without the store, as another tool would; return its path."""
    file = project / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def made(*words: str, env: dict[str, str] | None = None) -> str:
    """Create a checkpoint; return its id."""
    ended = checkpoint("create", *words, env=env)
    assert (ended.code, ended.stderr) == (0, "")
    return ended.stdout.removeprefix("Created checkpoint: ").removesuffix("\n")
