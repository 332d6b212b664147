"""The one error type, and the exit codes that its children stand for."""


class SessionError(Exception):
    """What a user is told in one line: what is wrong, and in `hint` what to do next.

    The message is lower-case, without a full stop, and names the thing. `code` is the exit code:
    1 wrong or unusable input, 3 conflict, 4 busy, 5 written but not confirmed.
    """

    code = 1
    keep = ""  # the control characters that are printed as they are

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


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


class Unconfirmed(SessionError):
    """The change is in place, but its durability or the printing of the answer failed."""

    code = 5
