"""Run a command that the repository configures: only if the user trusts it, through the shell, with a time limit."""

import sys
import time
from collections.abc import Callable
from typing import NamedTuple

from session.host import process, trust

TAIL_BYTES = 2000
NOT_FOUND = 127  # the shell's exit code if there is no such program


class CommandResult(NamedTuple):
    """The result of a command. `code` is None if its time was over; then it was killed, with all its children."""

    command: str
    code: int | None
    duration_s: float
    tail: str  # the end of its output, without secrets

    @property
    def passed(self) -> bool:
        """Return True if the exit code is 0."""
        return self.code == 0

    @property
    def ending(self) -> str:
        """Return the exit code as text, or that the command was killed."""
        return f"no end within {self.duration_s:.0f} s: killed" if self.code is None else f"exit code {self.code}"


def require_trust(root: str, name: str, command: str, *, yes: bool) -> None:
    """Raise SessionError unless the user trusts this command of the repository. `yes` trusts it this once."""
    if not yes:
        trust.require(root, name, command)


def run(root: str, name: str, command: str, timeout_s: float, tell: Callable[[str], None]) -> CommandResult:
    """Run a trusted command in `root`, and return its result. `tell` gets the command before it runs.

    Raise SessionError if the command can't start.
    """
    from session.text.secrets import screened_end  # cost: it imports re, which only a command that runs needs

    tell(f"{name}: {command}")
    start_s = time.monotonic()
    try:
        result = process.capture(shell(command), cwd=root, timeout_s=timeout_s, limit=8 * TAIL_BYTES, ending=True)
    except process.TimedOut:
        return CommandResult(command, None, timeout_s, "")
    duration_s = round(time.monotonic() - start_s, 3)
    tail = screened_end(result.out + result.err, TAIL_BYTES)[-TAIL_BYTES:]
    return CommandResult(command, result.code, duration_s, tail)


def shell(command: str) -> list[str]:
    """Return the argument list that runs the command in the system's shell."""
    if sys.platform == "win32":
        return [process.find("cmd") or "cmd", "/d", "/s", "/c", command]
    return ["/bin/sh", "-c", command]
