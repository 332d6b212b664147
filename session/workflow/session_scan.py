"""Read every workflow session of a store, one at a time."""

from typing import NamedTuple

from session.errors import SessionError
from session.workflow.state import COLLECTION, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from session.store.files import FileStore
    from session.workflow.state import State


class ScannedSession(NamedTuple):
    """One session file: its workflow, its path in messages, and its state or the error that explains its absence.

    If the file holds `null`, state and error are both None.
    """

    workflow: str
    path: str
    state: "State | None"
    error: SessionError | None


def scan_sessions(store: "FileStore") -> "Iterator[ScannedSession]":
    """Yield every session of the store, in order of workflow. Bytes that are not UTF-8 become U+FFFD."""
    for workflow, body, error in store.scan(COLLECTION):
        path = store.shown_path((COLLECTION, workflow))
        state = None
        if body is not None:
            try:
                state = parse(body, path, exact=False)
            except SessionError as unusable:
                error = unusable
        yield ScannedSession(workflow, path, state, error)
