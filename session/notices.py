"""Print the notices that a store collected, also when the command fails."""

from collections.abc import Iterator
from contextlib import contextmanager

from session import output


@contextmanager
def printed(notices: list[str]) -> Iterator[None]:
    """Print each of the `notices` to stderr when the block ends, even if it raises.

    The list may grow inside the block. `set` has its own loop: contextlib would cost its start-up too much.
    """
    try:
        yield
    finally:
        print_all(notices)


def print_all(notices: list[str]) -> None:
    """Print each of the `notices` to stderr."""
    for notice in notices:
        output.tell(notice)
