"""Start the launchers that are Python scripts, as from a bare environment."""

import subprocess
import sys
from pathlib import Path

BARE = {"PATH": "/usr/bin:/bin"}  # what a command finds under `env -i`
ABSENT = "session is not installed for this python (in a checkout of it: pip install .)\n"


def start(*words: str | Path, cwd: Path, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Run this Python with the words (options, script, arguments), `env` being all it finds besides a PATH.

    Return its exit code, stdout and stderr.
    """
    process = subprocess.run(
        [sys.executable, *words],
        cwd=cwd,
        env={**BARE, **(env or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return process.returncode, process.stdout, process.stderr
