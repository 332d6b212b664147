"""The errors for refusals. errors.py loads them when one is first used."""

from session.errors import SessionError


class UsageError(SessionError):
    """The command line is wrong. Nothing was read or written."""


class InvalidContext(SessionError):
    """The context of `set` is not a JSON object. The message quotes all of it, with its line breaks."""

    keep = "\n\t"


class Conflict(SessionError):
    """The state is not what the caller requires (`--if-step`, `--new`). Nothing was written."""

    code = 3


class Busy(SessionError):
    """Another process held the lock until the time limit. Nothing was written."""

    code = 4
