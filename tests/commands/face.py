"""The faces of this floor as real processes, in the working folder that `project` prepared."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import Ended

STATE = "ia/state/CURRENT_STATE.json"


def face(
    name: str, *words: str | bytes, env: dict[str, str] | None = None, cwd: Path | None = None, python: str = ""
) -> Ended:
    """`face("checkpoint", "create")`: how `python -P -m session.commands.checkpoint create` ended."""
    own = {key: value for key, value in os.environ.items() if key != "PRISM_ROOT"}
    done = subprocess.run(
        [python or sys.executable, "-P", "-m", f"session.commands.{name}", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=cwd,
        env={**own, **(env or {})},
        timeout=60,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def checkpoint(*words: str | bytes, env: dict[str, str] | None = None) -> Ended:
    """The same for the checkpoints."""
    return face("checkpoint", *words, env=env)


def lay(project: Path, text: str | bytes = '{"current": {"phase": "1.A"}}', path: str = STATE) -> Path:
    """Put a document where it belongs, as another tool would."""
    at = project / path
    at.parent.mkdir(parents=True, exist_ok=True)
    at.write_bytes(text.encode() if isinstance(text, str) else text)
    return at


def made(*words: str, env: dict[str, str] | None = None) -> str:
    """The id of a checkpoint that is created now."""
    ended = checkpoint("create", *words, env=env)
    assert (ended.code, ended.stderr) == (0, "")
    return ended.stdout.removeprefix("Created checkpoint: ").removesuffix("\n")
