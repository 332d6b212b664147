"""Load, save and change the chain state of a conversation: one file for each, in a store that holds nothing else.

Functions that write raise SessionError if that fails. The public functions of `session.chain` are in api.py.
"""

from session._posix import exists
from session.chain import location
from session.errors import SessionError
from session.host.project_store import store_at
from session.store import paths
from session.store.json_document import object_or_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from session.chain.api import ChainState
    from session.store.files import FileStore

CHAINS = "chains"


def load(conversation: str) -> "ChainState | None":
    """Return the conversation's state, or None if there is no valid one. Makes no folder."""
    try:
        return object_or_none(store().read((CHAINS, conversation)))  # type: ignore[return-value]
    except SessionError:
        return None


def put(conversation: str, state: "ChainState", timeout_s: float | None = None) -> None:
    """Save the state durably; raise SessionError if that fails.

    Unconfirmed, a SessionError too, means that the state is saved but may not survive a power cut.
    """
    body = encode(state)
    make_states_folder()
    with store().transaction(_timeout_s(timeout_s)) as tx:
        tx.put((CHAINS, conversation), body)


def drop(conversation: str, timeout_s: float | None = None) -> None:
    """Delete the conversation's state, if there is one; raise SessionError if that fails."""
    if location.has_state(conversation):
        with store().transaction(_timeout_s(timeout_s), create=False) as tx:
            tx.delete((CHAINS, conversation))


def update(
    conversation: str, change: "Callable[[dict[str, Any]], dict[str, Any] | None]", timeout_s: float
) -> "dict[str, Any] | None":
    """Replace the state with what `change` returns for it, and return that.

    If `change` returns None, delete the state. If it returns its argument, leave the file as it is. If there is no
    valid state, do nothing and return None. SessionError if the store is busy or cannot be written.
    """
    if not location.has_state(conversation):
        return None
    key = (CHAINS, conversation)
    with store().transaction(timeout_s, create=False) as tx:
        before = object_or_none(tx.read(key))
        if before is None:
            return None
        after = change(before)
        if after is None:
            tx.delete(key)
        elif after is not before:
            tx.put(key, encode(after))
    return after


def store() -> "FileStore":
    """Return the store of all chain states; raise SessionError if there is no folder for it."""
    return store_at(location.folder(), place=paths.CHAINS)


def encode(state: object) -> bytes:
    """Return the state as indented ASCII JSON, as the original scripts do; raise SessionError if it is no object."""
    import json  # cost: json imports re, but every command that writes a state has loaded re already

    reason: Any = "not an object"
    try:
        if isinstance(state, dict):
            return json.dumps(state, indent=2, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        reason = error
    raise SessionError(f"no JSON can be made of that state: {reason}")


def make_states_folder() -> None:
    """Make the folder of all chain states, durably, if it is missing; raise SessionError if that fails."""
    folder = location.folder()
    if not exists(folder):
        from session.store.problem import explain
        from session.store.user_file import make_folder  # cost: only for the first state

        try:
            make_folder(folder).close()
        except OSError as error:
            raise explain("make", "", folder, folder, error, "") from error


def _timeout_s(timeout_s: float | None) -> float:
    if timeout_s is not None:
        return timeout_s
    from session.store import lock  # cost: only for callers other than hooks, which give a timeout

    return lock.timeout_s()
