"""The TypeScript peer: one process that answers to many commands, or a process for each."""

import json
import os
import subprocess
from pathlib import Path
from types import TracebackType

from tests.interop.bun import PEER


class PeerFailed(Exception):
    """The peer could not do it."""


class Peer:
    """The peer's work on sessions in any folder, by one Bun process. To be used in a `with`."""

    def __init__(self, bun: str) -> None:
        self._process = subprocess.Popen(
            [bun, str(PEER / "serve.ts")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def __enter__(self) -> "Peer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=30)

    def ask(self, command: str, folder: Path, *words: str | None) -> str:
        """What the script prints, without the final line break. PeerFailed where it throws."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([command, str(folder), *words]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the peer ended"
        kind, text = json.loads(line)
        if kind == "failed":
            raise PeerFailed(text)
        assert isinstance(text, str)
        return text


def run_script(bun: str, script: str, *words: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """One of the peer's scripts as a process of its own, as a skill calls it."""
    return subprocess.run(
        [bun, "run", str(PEER / f"{script}.ts"), *words],
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        timeout=60,
        check=False,
    )
