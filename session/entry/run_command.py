"""Running what a repository configures: printed first, trusted by the user, through the shell, ended in time."""

import sys
import time
from collections.abc import Callable
from typing import NamedTuple

from session.host import process, trust

TAIL_BYTES = 2000
NOT_FOUND = 127  # how a shell says that there is no such program


class Ran(NamedTuple):
    """How a command ended. `code` is None if it had to be killed, it and what it started, as its time was over."""

    command: str
    code: int | None
    duration_s: float
    tail: str  # the end of what it said, secrets screened

    @property
    def passed(self) -> bool:
        """Whether all is well."""
        return self.code == 0

    @property
    def how(self) -> str:
        """How it ended, in a word or two."""
        return f"no end within {self.duration_s:.0f} s: killed" if self.code is None else f"exit code {self.code}"


def require_trust(root: str, name: str, command: str, *, yes: bool) -> None:
    """SessionError unless the user trusts that command of the repository; with `yes` the user does so this once."""
    if not yes:
        trust.require(root, name, command)


def run(root: str, name: str, command: str, timeout_s: float, tell: Callable[[str], None]) -> Ran:
    """Run a command that is trusted, in `root`, and wait for its end. What is run is told first, in a line.

    SessionError where it can't be started.
    """
    from session.text.secrets import screened_end  # cost: re, only where something is run

    tell(f"{name}: {command}")
    begun = time.monotonic()
    try:
        done = process.capture(shell(command), cwd=root, timeout_s=timeout_s, limit=8 * TAIL_BYTES, ending=True)
    except process.TimedOut:
        return Ran(command, None, timeout_s, "")
    took_s = round(time.monotonic() - begun, 3)
    return Ran(command, done.code, took_s, screened_end(done.out + done.err, TAIL_BYTES)[-TAIL_BYTES:])


def shell(command: str) -> list[str]:
    """The words that have a shell run the command."""
    if sys.platform == "win32":
        return [process.find("cmd") or "cmd", "/d", "/s", "/c", command]
    return ["/bin/sh", "-c", command]
