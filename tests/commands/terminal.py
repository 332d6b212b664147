"""Run `session` on a terminal of its own."""

import os
import pty
import re
import subprocess

from tests.conftest import Ended, command

_STYLE = re.compile(r"\x1b\[[0-9;]*m")


def on_a_terminal(*words: str, typed: str = "", env: dict[str, str] | None = None) -> Ended:
    """Run `session` with a terminal of 100 columns for all its streams; `typed` is the input that it reads.

    In the result, `out` is everything that the terminal shows, and `err` is empty.
    """
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    inherited = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    settings = {**inherited, "TERM": "xterm", "COLUMNS": "100", **(env or {})}
    with subprocess.Popen(
        command("session", *words), stdin=theirs, stdout=theirs, stderr=theirs, env=settings
    ) as process:
        os.close(theirs)
        shown = read_all(ours)
    return Ended(process.returncode, shown, b"")


def read_all(ours: int) -> bytes:
    """Return everything that is written to the other side of the terminal until that side is closed."""
    pieces = []
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # Linux reports EIO when the other side is closed
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(ours)
    return b"".join(pieces).replace(b"\r\n", b"\n")


def plain(text: str) -> str:
    """Return the text without colours and without spaces at the ends of lines."""
    return "\n".join(line.rstrip() for line in _STYLE.sub("", text).split("\n"))
