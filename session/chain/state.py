"""A conversation's chain, kept in a file of its own, in a store that holds nothing else (seed: 003).

The names ending in `_session_state` are the original's. What they can't do is what they return; `load`, `put` and
`drop` say why, as hooks do.
"""

from session._posix import exists
from session.chain import place
from session.errors import SessionError
from session.store import codec
from session.store.files import FileStore
from session.store.paths import check_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from session.chain.shape import ChainState

CHAINS = "chains"


def get_session_state_path(session_id: str) -> "Path":
    """Where the conversation's state is; the folder is made if it can be. ValueError for a bad id."""
    from session.chain.workspace import session_state_dir  # cost: pathlib, here only

    _check(session_id)
    try:
        _make_folder()
    except SessionError:
        pass  # whoever writes there will be told
    return session_state_dir() / f"{session_id}.json"


def load_session_state(session_id: str) -> "ChainState | None":
    """The conversation's state, None where there is none, or nothing that can be one. ValueError for a bad id."""
    get_session_state_path(session_id)
    return load(session_id)


def save_session_state(session_id: str, state: "ChainState") -> bool:
    """Keep the state, durably; whether that was done. If not, what was there is there. ValueError for a bad id."""
    _check(session_id)
    try:
        put(session_id, state)
    except SessionError:
        return False
    return True


def clear_session_state(session_id: str) -> bool:
    """Have no state of the conversation; False where that can't be done. ValueError for a bad id."""
    get_session_state_path(session_id)
    try:
        drop(session_id)
    except SessionError:
        return False
    return True


def load(conversation: str) -> "ChainState | None":
    """`load_session_state`, that makes nothing."""
    try:
        return _decoded(store().read((CHAINS, conversation)))  # type: ignore[return-value]
    except SessionError:
        return None


def put(conversation: str, state: "ChainState", timeout_s: float | None = None) -> None:
    """Keep the state, durably. SessionError (Unconfirmed: it is in place, but may not survive a power cut)."""
    body = encoded(state)
    _make_folder()
    with store().transaction(_timeout_s(timeout_s)) as tx:
        tx.put((CHAINS, conversation), body)


def drop(conversation: str, timeout_s: float | None = None) -> None:
    """Have no state of the conversation. SessionError."""
    if place.has_state(conversation):
        with store().transaction(_timeout_s(timeout_s), create=False) as tx:
            tx.delete((CHAINS, conversation))


def update(
    conversation: str, change: "Callable[[dict[str, Any]], dict[str, Any] | None]", timeout_s: float
) -> "dict[str, Any] | None":
    """Keep what `change` makes of the state, or nothing if that is None; what is kept then. SessionError.

    Where there is no state, there is nothing to change.
    """
    if not place.has_state(conversation):
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
    return FileStore(place.folder(), None, ())


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


def _check(session_id: str) -> None:
    if not isinstance(session_id, str):
        raise ValueError(f"conversation id is not a text: {session_id!r}")
    try:
        check_name(session_id, "conversation id")
    except SessionError as error:
        raise ValueError(error.message) from None


def _make_folder() -> None:
    folder = place.folder()
    if not exists(folder):
        from session.store.making import made  # cost: once
        from session.store.problem import explain

        try:
            made(folder).close()
        except OSError as error:
            raise explain("make", "", folder, folder, error, "") from error


def _timeout_s(given: float | None) -> float:
    if given is not None:
        return given
    from session.store.lock import timeout_s  # cost: for callers that are no hooks

    return timeout_s()
