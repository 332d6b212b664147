"""Every error that a user may see, from one import.

`SessionError` and `Unconfirmed` are here. The others are in _refusals.py, with their exit codes (Conflict 3, Busy 4),
and load when they are first used: a command that succeeds needs none of them.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session._refusals import Busy as Busy
    from session._refusals import Conflict as Conflict
    from session._refusals import InvalidContext as InvalidContext
    from session._refusals import UsageError as UsageError


class SessionError(Exception):
    """An error that the user reads as one line: the message, and in brackets the `hint`, which says what to do.

    The message is lower-case, has no full stop, and names the thing. `code` is the exit code: 1 wrong or unusable
    input, 3 conflict, 4 busy, 5 written but not confirmed. `is_fault` is True if the operating system refused (EIO,
    ENOSPC, EACCES…): callers then stop. They skip a file that is only malformed.
    """

    code = 1
    keep = ""  # control characters that are printed unchanged

    def __init__(self, message: str, hint: str = "", *, fault: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.is_fault = fault

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class Unconfirmed(SessionError):
    """The change is in place, but it may not survive a power cut, or the answer could not be printed."""

    code = 5


def __getattr__(name: str) -> object:
    if name in ("Busy", "Conflict", "InvalidContext", "UsageError"):
        from session import _refusals  # cost: only when something is refused

        return getattr(_refusals, name)
    raise AttributeError(f"module 'session.errors' has no attribute {name!r}")
