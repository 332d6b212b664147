"""Run a command again while it fails, with longer and longer waits."""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from session.host.relay import CannotRun, Relay

_SIGNALLED = 128
_LONGEST_S = 600.0  # the longest wait between two attempts


class RetryResult(NamedTuple):
    """The exit code of the last attempt, and the number of retries."""

    code: int
    retries: int


def waits_s(retries: int, first_s: float) -> Iterator[float]:
    """Yield the seconds to wait before each retry; every wait is twice as long as the one before."""
    for at in range(retries):
        yield min(first_s * 2.0**at, _LONGEST_S)


def run(words: list[str], *, retries: int, delay_s: float, tell: Callable[[str], None]) -> RetryResult:
    """Run the command until it succeeds, but retry at most `retries` times. Its output passes through.

    Do not retry a command that can't start, or that a signal ended, as Ctrl-C does.
    """
    waits = waits_s(retries, delay_s)
    attempt = 1
    while True:
        code = _run_once(words, tell)
        wait_s = next(waits, None)
        if code in (0, 126, 127) or code > _SIGNALLED or wait_s is None:
            return RetryResult(code, attempt - 1)
        tell(f"attempt {attempt} of {retries + 1} failed (exit code {code}): again in {wait_s:g} s")
        time.sleep(wait_s)
        attempt += 1


def _run_once(words: list[str], tell: Callable[[str], None]) -> int:
    with Relay() as relay:
        try:
            code = relay.run(words)
        except CannotRun as error:
            tell(str(error))
            return error.code
        for name, reason in relay.errors():
            tell(f"cannot write to {name}: {reason.strerror}")
    return code
