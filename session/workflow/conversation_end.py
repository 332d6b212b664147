"""The end of a conversation, in the sessions that it wrote."""

from session.errors import SessionError
from session.host import clock
from session.workflow.ownership import has_ended, owner_id
from session.workflow.state import COLLECTION, parse, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.store.files import FileStore
    from session.workflow.state import State


def end(store: "FileStore", owner: str, *, timeout_s: float) -> list[str]:
    """Note in every session that `owner` wrote last that this conversation has ended. The workflows, by name.

    What can't be read is left alone. SessionError where the note can't be written; then none is.
    """
    return _note(store, owner, timeout_s, ended=True)


def go_on(store: "FileStore", owner: str, *, timeout_s: float) -> list[str]:
    """The same, that it goes on after all."""
    return _note(store, owner, timeout_s, ended=False)


def _note(store: "FileStore", owner: str, timeout_s: float, *, ended: bool) -> list[str]:
    names = [workflow for workflow, body, _ in store.scan(COLLECTION) if _owned(body, owner, ended=not ended)]
    if not names:
        return []  # and nothing is locked
    noted = []
    with store.transaction(timeout_s, create=False) as tx:
        ended_at = clock.iso(clock.now_ms())
        for workflow in names:
            key = (COLLECTION, workflow)
            state = _owned(tx.read(key), owner, ended=not ended)
            if state is None:
                continue
            if ended:
                state["owner"]["ended_at"] = ended_at
            else:
                del state["owner"]["ended_at"]
            tx.put(key, text(state, store.shown_path(key)))
            noted.append(workflow)
    return noted


def _owned(body: bytes | None, owner: str, *, ended: bool) -> "State | None":
    """The state in the bytes, if `owner` wrote it last, and has `ended` since or not."""
    if body is None or owner.encode() not in body:
        return None
    try:
        state = parse(body, "", exact=True)
    except SessionError:
        return None
    return state if state is not None and owner_id(state) == owner and has_ended(state) is ended else None
