"""The one error type, and the child that follows a commit, when importing may no longer be possible.

The other children are in _refusals.py: a command that succeeds needs none of them.
"""


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

    @property
    def is_fault(self) -> bool:
        """Whether it is the system that refused: then nothing is to be done by halves. What is no file, or holds
        something else than it should, need not keep the rest from being done."""
        return isinstance(self.__cause__, OSError)


class Unconfirmed(SessionError):
    """The change is in place, but its durability or the printing of the answer failed."""

    code = 5
