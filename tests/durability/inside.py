"""Run a command inside this process: thousands of recoveries would take too long with one process for each."""

import importlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from session.store import disk

from .lab import Ended


def run_command(project: Path, *argv: str) -> Ended:
    """Run `main` of the module `session.<argv[0]>` with `project` as the working folder; return how it ended.

    Its writes are not synced: other cases test if a recovery survives a power cut.
    """
    main = importlib.import_module(f"session.{argv[0]}").main
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, _surroundings(project, out, err):
        code = main(list(argv[1:]))
        out.seek(0)
        err.seek(0)
        return Ended(code, out.read(), err.read())


@contextmanager
def _surroundings(project: Path, out: IO[bytes], err: IO[bytes]) -> Iterator[None]:
    folder = os.open(".", os.O_RDONLY)
    kept = os.dup(1), os.dup(2)
    environment = dict(os.environ)
    sync: Any = disk.sync
    for name in environment:
        if name.startswith("WORKFLOW_SESSION_"):
            del os.environ[name]
    try:
        disk.sync = _no_sync  # type: ignore[assignment]
        os.chdir(project)
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        yield
    finally:
        disk.sync = sync
        os.dup2(kept[0], 1)
        os.dup2(kept[1], 2)
        os.fchdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        for fd in (*kept, folder):
            os.close(fd)


def _no_sync(fd: int) -> None:
    os.fstat(fd)  # fail for a bad descriptor, as a real sync does
