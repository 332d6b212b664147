"""Start and end a work session: the state, its log and the log of events change in one commit."""

from collections.abc import Iterator
from contextlib import contextmanager

from session.errors import Conflict, SessionError
from session.host import clock
from session.project import changed_files, document, event_log, work_session
from session.project import state as states
from session.project.location import KEY
from session.root import STATE
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
_NONE_OPEN = ("no session is open; nothing changed", "session project start ID opens one")
_LONGEST_WAIT_S = 0.5  # after this time without the lock, a reading command adds no line to the log of events
_ID_BYTES = 180  # the longest id in a log's name; the time and a number follow it


class EndedSession:
    """An ended work session: its log, the log's path for messages, and the number of changed files left out of it."""

    def __init__(self, path: str, log: "Record", left_out: int) -> None:
        self.path = path
        self.log = log
        self.left_out = left_out


def start(store: FileStore, session_id: str, *, timeout_s: float) -> "State":
    """Start a work session; return the new state. SessionError if one is open."""
    with store.transaction(timeout_s) as tx:
        now = clock.iso(clock.now_ms())
        old = document.load(store, tx, now)
        with _errors_with_path(store):
            record = work_session.open_record(old)
            if record is not None:
                name = one_line(work_session.id_of(record)) or "without an id"
                raise SessionError(f"a session is already open: {name}", "session project end ends it")
            new = work_session.start(old, session_id, now)
        _put(store, tx, new, "start", session_id, now)
    return new


def end(store: FileStore, *, timeout_s: float) -> EndedSession:
    """End the open work session and write its log. SessionError if none is open."""
    state = document.read(store)
    if state is None:
        raise SessionError(*_NONE_OPEN)  # without a state there is no folder for a lock, and none is created
    seen = _open_record(store, state) or {}
    # before the transaction: git can be slow, and the lock must be held only briefly
    changed = changed_files.find_changed(store, clock.parse_ms(seen.get("startTime")))
    with store.transaction(timeout_s, create=False) as tx:
        now = clock.iso(clock.now_ms())
        body = tx.read(KEY)
        state = {} if body is None else states.parse(body, store.shown_path(KEY))
        record = _open_record(store, state)
        if record is None:
            raise SessionError(*_NONE_OPEN)
        if any(record.get(key) != seen.get(key) for key in ("id", "startTime")):
            raise Conflict("another session was opened meanwhile; nothing changed", "session project status shows it")
        key = free_key(tx, LOGS, f"{_fit(work_session.id_of(record))}_{clock.stamp(now)}")
        with _errors_with_path(store):
            log_file = _path_in_state(store, key)
            new, log = work_session.end(state, record, now, log_file, changed.created, changed.modified)
        tx.put(key, codec.encode(log))
        _put(store, tx, new, "end", work_session.id_of(record), now)
    return EndedSession(store.shown_path(key), log, changed.left_out)


def note(store: FileStore, command: str) -> None:
    """Add a line for a reading command to the log of events. Do nothing without a state, or if the lock is not free."""
    try:
        if store.read(KEY) is None:
            return  # without a state there is no folder for a lock, and none is created
        with store.transaction(min(lock.timeout_s(), _LONGEST_WAIT_S), create=False) as tx:
            body = tx.read(KEY)
            if body is not None:
                event_log.append(store, tx, clock.iso(clock.now_ms()), command, _open_id(body))
    except SessionError:
        pass  # a broken project must not prevent its status from being shown


def _put(store: FileStore, tx: "Transaction", state: "State", command: str, session_id: str, now: str) -> None:
    tx.put(KEY, states.text(state, store.shown_path(KEY)))
    event_log.append(store, tx, now, command, session_id)


def _open_record(store: FileStore, state: "State") -> "Record | None":
    with _errors_with_path(store):
        return work_session.open_record(state)


def _open_id(body: bytes) -> str | None:
    try:
        record = work_session.open_record(states.parse(body, ""))
    except SessionError:
        return None
    return work_session.id_of(record) if record else None


@contextmanager
def _errors_with_path(store: FileStore) -> Iterator[None]:
    try:
        yield
    except SessionError as error:
        raise document.error_with_path(store, error, "; nothing changed") from None


def _path_in_state(store: FileStore, key: "Key") -> str:
    """Return the log's path from the folder of the state, so that `history` stays right if that folder moves."""
    return "/".join(store.path_of(key).split("/")[len(store.place_parts(STATE)) :])


def _fit(session_id: str) -> str:
    """Return the id as the beginning of a file name. Other tools may have written any id."""
    try:
        paths.check_name(session_id)
    except SessionError:
        plain = "".join(char if char.isascii() and (char.isalnum() or char in " ._:") else "-" for char in session_id)
        return plain[:_ID_BYTES].strip("-. ") or work_session.NAMELESS
    return session_id
