"""A conversation's chain, kept in a file of its own, in a store that holds nothing else (seed: 003).

`load`, `put` and `drop` raise SessionError for what they can't do. The names of the original are in api.py.
"""

from session._posix import exists
from session.chain import location
from session.errors import SessionError
from session.store import codec
from session.store.files import FileStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from session.chain.api import ChainState

CHAINS = "chains"


def load(conversation: str) -> "ChainState | None":
    """`load_session_state`, that makes nothing."""
    try:
        return _decoded(store().read((CHAINS, conversation)))  # type: ignore[return-value]
    except SessionError:
        return None


def put(conversation: str, state: "ChainState", timeout_s: float | None = None) -> None:
    """Keep the state, durably. SessionError (Unconfirmed: it is in place, but may not survive a power cut)."""
    body = encoded(state)
    make_states_folder()
    with store().transaction(_timeout_s(timeout_s)) as tx:
        tx.put((CHAINS, conversation), body)


def drop(conversation: str, timeout_s: float | None = None) -> None:
    """Have no state of the conversation. SessionError."""
    if location.has_state(conversation):
        with store().transaction(_timeout_s(timeout_s), create=False) as tx:
            tx.delete((CHAINS, conversation))


def update(
    conversation: str, change: "Callable[[dict[str, Any]], dict[str, Any] | None]", timeout_s: float
) -> "dict[str, Any] | None":
    """Keep what `change` makes of the state, or nothing if that is None; what is kept then. SessionError.

    Where there is no state, there is nothing to change.
    """
    if not location.has_state(conversation):
        return None
    key = (CHAINS, conversation)
    with store().transaction(timeout_s, create=False) as tx:
        before = _decoded(tx.read(key))
        if before is None:
            return None
        after = change(before)
        if after is None:
            tx.delete(key)
        elif after is not before:
            tx.put(key, encoded(after))
    return after


def store() -> FileStore:
    """The store of all conversations' states. SessionError where there can be none."""
    return FileStore(location.folder(), is_bare=True)


def _decoded(body: bytes | None) -> "dict[str, Any] | None":
    try:
        state = None if body is None else codec.decode_bytes(body, exact=True)
    except codec.NotJSON:
        return None
    return state if isinstance(state, dict) else None


def encoded(state: object) -> bytes:
    """The state as the original writes it, ASCII throughout. SessionError for what is no state."""
    import json  # cost: re comes along; a result that is kept was parsed, which needs it anyway

    wrong: Any = "not an object"
    try:
        if isinstance(state, dict):
            return json.dumps(state, indent=2, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        wrong = error
    raise SessionError(f"no JSON can be made of that state: {wrong}")


def make_states_folder() -> None:
    folder = location.folder()
    if not exists(folder):
        from session.store.problem import explain
        from session.store.user_file import make_folder  # cost: once

        try:
            make_folder(folder).close()
        except OSError as error:
            raise explain("make", "", folder, folder, error, "") from error


def _timeout_s(given: float | None) -> float:
    if given is not None:
        return given
    from session.store.lock import timeout_s  # cost: for callers that are no hooks

    return timeout_s()
