"""The document that holds the project's state: read, and changed in one transaction."""

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
    """The project's state, None where there is none."""
    body = store.read(KEY)
    return None if body is None else states.parse(body, store.shown_path(KEY))


def about(store: "FileStore", error: SessionError, then: str = "") -> SessionError:
    """The error of a state without files, with where that state is; and what became of it."""
    return SessionError(f"{store.shown_path(KEY)}: {error.message}{then}", error.hint)


def load(store: "FileStore", tx: "Transaction", now: str) -> "State":
    """The state to be changed in `tx`, the one that a project begins with where there is none."""
    body = tx.read(KEY)
    path = store.shown_path(KEY)
    if body is not None:
        return states.parse(body, path)
    if tx.taken(KEY):  # by a folder: a commit of several documents would get stuck on that
        raise SessionError(f"{path} is not a file; nothing changed", "move it away")
    from session.project.initial_state import beginning  # cost: once in a project's life

    return beginning(now)


def change(
    store: "FileStore", transition: "Callable[[State, str], tuple[State, str]]", *, timeout_s: float
) -> tuple[str, str]:
    """Put the state through a transition that also takes the time, ISO 8601. Where the state is, as messages name
    it, and what the transition says that it changed."""
    from session.host import clock  # cost: readers need no time

    path = store.shown_path(KEY)
    with store.transaction(timeout_s) as tx:
        now = clock.iso(clock.now_ms())
        old = load(store, tx, now)
        try:
            new, said = transition(old, now)
        except SessionError as error:
            raise about(store, error, "; nothing changed") from None
        new["updated"] = now
        tx.put(KEY, states.text(new, path))
    return path, said
