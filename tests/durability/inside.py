"""A door run inside this process, for the thousands of recoveries that a process each would make too slow."""

import importlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from session.store import disk

from .lab import Ended


def door(project: Path, *argv: str) -> Ended:
    """The real `session.<door>.main`, with `project` as the working folder.

    What it writes is not synced: whether the recovery itself survives a power cut is another case's question.
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
    os.fstat(fd)  # a bad descriptor is still an error
