"""Note in a conversation's workflow sessions that the conversation ended, or remove the note when it goes on."""

from time import monotonic

from session.errors import SessionError
from session.host import clock
from session.workflow.ownership import has_ended, owner_id
from session.workflow.state import COLLECTION, parse, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.store.files import FileStore
    from session.workflow.state import State


def end(store: "FileStore", owner: str, *, timeout_s: float) -> None:
    """Note the end of the conversation `owner` in each session that it wrote last.

    The most recently updated session comes first, and each one is a commit of its own. SessionError if a session
    cannot be written, or if `timeout_s` seconds pass before all are written; sessions written until then stay written.
    A session without the note counts as possibly active a few minutes longer, so nothing is lost. Unreadable sessions
    are skipped.
    """
    _mark(store, owner, timeout_s, ended=True)


def go_on(store: "FileStore", owner: str, *, timeout_s: float) -> None:
    """Remove the note of the end of the conversation `owner` from each session that it wrote last.

    The most recently updated session comes first, and each one is a commit of its own. SessionError if a session
    cannot be written, or if `timeout_s` seconds pass before all are written; sessions written until then stay written.
    """
    _mark(store, owner, timeout_s, ended=False)


def _mark(store: "FileStore", owner: str, timeout_s: float, *, ended: bool) -> None:
    deadline = monotonic() + timeout_s
    workflows = _newest_first(store, owner, ended=not ended)
    for index, workflow in enumerate(workflows):
        left_s = deadline - monotonic()
        if left_s <= 0:
            raise _timeout(len(workflows) - index, ended)
        # Not one commit for all sessions: that needs one journal of all sessions.
        # If an agent CLI ended this process in the middle, the next command would have to finish that long journal.
        with store.transaction(left_s, create=False) as tx:
            key = (COLLECTION, workflow)
            state = _match_owner(tx.read(key), owner, ended=not ended)
            if state is None:
                continue  # another process changed the session since the scan
            if ended:
                state["owner"]["ended_at"] = clock.iso(clock.now_ms())
            else:
                del state["owner"]["ended_at"]
            tx.put(key, text(state, store.shown_path(key)))


def _newest_first(store: "FileStore", owner: str, *, ended: bool) -> list[str]:
    """Return the workflows that `owner` wrote last, the most recently updated first. Takes no lock."""
    updates = []
    for workflow, body, _ in store.scan(COLLECTION):
        state = _match_owner(body, owner, ended=ended)
        if state is not None:
            updates.append((clock.parse_ms(state.get("updated_at")) or 0, workflow))
    return [workflow for _, workflow in sorted(updates, reverse=True)]


def _match_owner(body: bytes | None, owner: str, *, ended: bool) -> "State | None":
    """Return the state in `body` if `owner` wrote it last and its `has_ended` equals `ended`, else None."""
    if body is None or owner.encode() not in body:
        return None
    try:
        state = parse(body, "", exact=True)
    except SessionError:
        return None
    return state if state is not None and owner_id(state) == owner and has_ended(state) is ended else None


def _timeout(count: int, ended: bool) -> SessionError:
    which = f"in {count} of its sessions"
    if ended:
        message = f"no time left: the end of the conversation is not noted {which}"
        return SessionError(message, "they count as possibly active for up to 15 minutes")
    return SessionError(f"no time left: the end of the conversation is still noted {which}", "session-set removes it")
