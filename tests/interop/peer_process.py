"""Run the TypeScript implementation (the peer): one process for many commands, or one for each."""

import json
import os
import subprocess
from pathlib import Path
from types import TracebackType

from tests.interop.bun import PEER


class PeerFailed(Exception):
    """The peer reported an error."""


class Peer:
    """A Bun process that works on sessions in any folder. Use it in a `with` statement."""

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
        """Return the output of a script without the final line break. PeerFailed if the script throws."""
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
    """Run one of the peer's scripts as its own process, as a skill does; return how it ended."""
    return subprocess.run(
        [bun, "run", str(PEER / f"{script}.ts"), *words],
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        timeout=60,
        check=False,
    )
