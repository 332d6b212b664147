"""Opening and ending a session: the state, the session's log and the log of events, in one commit (seed: 000)."""

from collections.abc import Iterator
from contextlib import contextmanager

from session.errors import Conflict, SessionError
from session.host import clock
from session.project import changed_files, document, event_log, work_session
from session.project import state as states
from session.project.location import KEY
from session.store import codec, lock, paths
from session.store.files import FileStore
from session.store.free_name import free_key
from session.text.untrusted import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.project.state import State
    from session.project.work_session import Record
    from session.store.files import Key
    from session.store.transaction import Transaction

LOGS = "logs"
_NONE_OPEN = ("no session is open; nothing changed", "open one: session_manager start ID")
_LONGEST_WAIT_S = 0.5  # of a command that only reads, to leave a line in the log of events
_ROOM_BYTES = 180  # of a log's name, so that there is some for its time and its number


class Ended:
    """A session that ended: its log, where that is, as messages name it, and how many changed files it leaves out."""

    def __init__(self, path: str, log: "Record", left_out: int) -> None:
        self.path = path
        self.log = log
        self.left_out = left_out


def start(store: FileStore, session_id: str, *, timeout_s: float) -> "State":
    """Open a session; the new state. SessionError where one is open."""
    with store.transaction(timeout_s) as tx:
        now = clock.iso(clock.now_ms())
        old = document.load(store, tx, now)
        with _telling_where(store):
            record = work_session.opened(old)
            if record is not None:
                name = one_line(work_session.id_of(record)) or "without an id"
                raise SessionError(f"a session is already open: {name}", "end it first: session_manager end")
            new = work_session.start(old, session_id, now)
        _put(store, tx, new, "start", session_id, now)
    return new


def end(store: FileStore, *, timeout_s: float) -> Ended:
    """End the open session, and keep its log. SessionError where none is open."""
    state = document.read(store)
    if state is None:
        raise SessionError(*_NONE_OPEN)  # the lock would be the first thing here
    seen = _opened(store, state) or {}
    done = changed_files.since(store, clock.parse_ms(seen.get("startTime")))  # which asks git, so not under the lock
    with store.transaction(timeout_s, create=False) as tx:
        now = clock.iso(clock.now_ms())
        body = tx.read(KEY)
        state = {} if body is None else states.parse(body, store.shown_path(KEY))
        record = _opened(store, state)
        if record is None:
            raise SessionError(*_NONE_OPEN)
        if any(record.get(key) != seen.get(key) for key in ("id", "startTime")):
            raise Conflict("another session was opened meanwhile; nothing changed", "see session_manager status")
        key = free_key(tx, LOGS, f"{_fit(work_session.id_of(record))}_{clock.stamp(now)}")
        with _telling_where(store):
            new, log = work_session.end(state, record, now, _from_state(store, key), done.created, done.modified)
        tx.put(key, codec.encode(log))
        _put(store, tx, new, "end", work_session.id_of(record), now)
    return Ended(store.shown_path(key), log, done.left_out)


def note(store: FileStore, command: str) -> None:
    """Add a command that only reads to the log of events, where there is a state and that can be done at once."""
    try:
        if store.read(KEY) is None:
            return  # the lock would be the first thing here
        with store.transaction(min(lock.timeout_s(), _LONGEST_WAIT_S), create=False) as tx:
            body = tx.read(KEY)
            if body is not None:
                event_log.append(store, tx, clock.iso(clock.now_ms()), command, _known_id(body))
    except SessionError:
        pass  # whoever asks for the status of a broken project should get it


def _put(store: FileStore, tx: "Transaction", state: "State", command: str, session_id: str, now: str) -> None:
    tx.put(KEY, states.text(state, store.shown_path(KEY)))
    event_log.append(store, tx, now, command, session_id)


def _opened(store: FileStore, state: "State") -> "Record | None":
    with _telling_where(store):
        return work_session.opened(state)


def _known_id(body: bytes) -> str | None:
    try:
        record = work_session.opened(states.parse(body, ""))
    except SessionError:
        return None
    return work_session.id_of(record) if record else None


@contextmanager
def _telling_where(store: FileStore) -> Iterator[None]:
    try:
        yield
    except SessionError as error:
        raise document.about(store, error, "; nothing changed") from None


def _from_state(store: FileStore, key: "Key") -> str:
    """The log's file from the folder of the state, so that `history` stays true when that moves."""
    return "/".join(store.path_of(key).split("/")[len(store.state) :])


def _fit(session_id: str) -> str:
    """The id as the beginning of a file's name: ids of other tools may be anything."""
    try:
        paths.check_name(session_id)
    except SessionError:
        plain = "".join(char if char.isascii() and (char.isalnum() or char in " ._:") else "-" for char in session_id)
        return plain[:_ROOM_BYTES].strip("-. ") or work_session.NAMELESS
    return session_id
