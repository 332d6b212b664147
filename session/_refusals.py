"""The children of SessionError, by what is refused and with which exit code."""

from session.errors import SessionError


class UsageError(SessionError):
    """The command's words are off. Nothing was read or written."""


class InvalidContext(SessionError):
    """The context of `set` is not a JSON object. It is quoted whole, line breaks included (seed: 002)."""

    keep = "\n\t"


class Conflict(SessionError):
    """The state is not what the caller required (`--if-step`, `--new`). Nothing was written."""

    code = 3


class Busy(SessionError):
    """Another process held the lock past the deadline. Nothing was written."""

    code = 4
