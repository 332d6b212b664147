"""A command on a terminal of its own."""

import os
import pty
import re
import subprocess

from tests.conftest import Ended, command

_STYLE = re.compile(r"\x1b\[[0-9;]*m")


def on_a_terminal(*words: str, typed: str = "", env: dict[str, str] | None = None) -> Ended:
    """How `session` ends with a terminal of 100 columns for all its streams, where somebody typed `typed` before.

    `out` is all that stands on the terminal, `err` is empty.
    """
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    plainly = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    settings = {**plainly, "TERM": "xterm", "COLUMNS": "100", **(env or {})}
    with subprocess.Popen(
        command("session", *words), stdin=theirs, stdout=theirs, stderr=theirs, env=settings
    ) as process:
        os.close(theirs)
        shown = read_all(ours)
    return Ended(process.returncode, shown, b"")


def read_all(ours: int) -> bytes:
    """All that is written to the other side of a terminal, which is closed then."""
    pieces = []
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # how Linux says that the other side has gone
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(ours)
    return b"".join(pieces).replace(b"\r\n", b"\n")


def plain(text: str) -> str:
    """The text without colours and what else rich puts around it."""
    return "\n".join(line.rstrip() for line in _STYLE.sub("", text).split("\n"))
