"""Read the project's state from its document, or change it in one transaction."""

from session.errors import SessionError
from session.project import state as states
from session.project.location import KEY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from session.project.state import State
    from session.store.files import FileStore
    from session.store.transaction import Transaction


def read(store: "FileStore") -> "State | None":
    """Return the project's state, or None if there is none."""
    body = store.read(KEY)
    return None if body is None else states.parse(body, store.shown_path(KEY))


def error_with_path(store: "FileStore", error: SessionError, suffix: str = "") -> SessionError:
    """Return the error with the path of the state before its message, and `suffix` after it."""
    return SessionError(f"{store.shown_path(KEY)}: {error.message}{suffix}", error.hint)


def load(store: "FileStore", tx: "Transaction", now: str) -> "State":
    """Return the state as `tx` reads it, or the initial state if there is none."""
    body = tx.read(KEY)
    path = store.shown_path(KEY)
    if body is not None:
        return states.parse(body, path)
    if tx.taken(KEY):  # a folder is in the way: a commit of several documents could not finish
        raise SessionError(f"{path} is not a file; nothing changed", "move it away")
    from session.project.initial_state import initial_state  # cost: only once in a project's life

    return initial_state(now)


def change(
    store: "FileStore", transition: "Callable[[State, str], tuple[State, str]]", *, timeout_s: float
) -> tuple[str, str]:
    """Change the state in one transaction; return its path and the line that the transition returned.

    `transition(state, now)` returns the new state and that line; `now` is the time in ISO 8601. If it returns `state`
    itself, nothing is written, and the returned path is empty.
    """
    from session.host import clock  # cost: only for changes

    path = store.shown_path(KEY)
    with store.transaction(timeout_s) as tx:
        now = clock.iso(clock.now_ms())
        old = load(store, tx, now)
        try:
            new, message = transition(old, now)
        except SessionError as error:
            raise error_with_path(store, error, "; nothing changed") from None
        if new is old:
            return "", message
        new["updated"] = now
        tx.put(KEY, states.text(new, path))
    return path, message
