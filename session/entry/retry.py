"""A tool that fails is tried again, later and later (seed: 001)."""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from session.host.relay import CannotRun, Relay

_SIGNALLED = 128
_LONGEST_S = 600.0  # between two attempts


class Ended(NamedTuple):
    """The last exit code, and how often the command was run again."""

    code: int
    retries: int


def waits_s(retries: int, first_s: float) -> Iterator[float]:
    """How long to wait before each retry: twice as long each time."""
    for at in range(retries):
        yield min(first_s * 2.0**at, _LONGEST_S)


def run(words: list[str], *, retries: int, delay_s: float, tell: Callable[[str], None]) -> Ended:
    """Run the command until it succeeds, at most `retries` times more; its output passes through.

    One that can't be started, or was ended by a signal, as by Ctrl-C, is not run again.
    """
    waits = waits_s(retries, delay_s)
    attempt = 1
    while True:
        code = _once(words, tell)
        wait_s = next(waits, None)
        if code in (0, 126, 127) or code > _SIGNALLED or wait_s is None:
            return Ended(code, attempt - 1)
        tell(f"attempt {attempt} of {retries + 1} failed (exit code {code}): again in {wait_s:g} s")
        time.sleep(wait_s)
        attempt += 1


def _once(words: list[str], tell: Callable[[str], None]) -> int:
    with Relay() as relay:
        try:
            code = relay.run(words)
        except CannotRun as error:
            tell(str(error))
            return error.code
        for name, reason in relay.errors():
            tell(f"cannot write to {name}: {reason.strerror}")
    return code
