"""The log of the project's commands: `SESSION_LOGS/events.jsonl`, one line of JSON for each command.

{"time": ISO 8601, "command": str, "id": str | null}
"""

from session.errors import SessionError
from session.project.location import EVENTS
from session.store import codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.store.files import FileStore
    from session.store.transaction import Transaction

MOST_BYTES = 1 << 20


def append(store: "FileStore", tx: "Transaction", now: str, command: str, session_id: str | None) -> None:
    """Add a line to the log in `tx`.

    If the log would exceed MOST_BYTES, it is first renamed to `events-<time>.jsonl`, and a new log is started.
    """
    log = tx.read(EVENTS)
    if log is None and tx.taken(EVENTS):  # a folder is in the way: the commit could not finish
        raise SessionError(f"{store.shown_path(EVENTS)} is not a file; nothing changed", "move it away")
    line = codec.compact({"time": now, "command": command, "id": session_id}).encode() + b"\n"
    log = log or b""
    if log and not log.endswith(b"\n"):  # another tool wrote the last line, without a line break
        log += b"\n"
    if log and len(log) + len(line) > MOST_BYTES:
        from session.host import clock  # cost: only when the log is full
        from session.store.free_name import free_key

        tx.put(free_key(tx, EVENTS[0], f"{EVENTS[1]}-{clock.stamp(now)}"), log)
        log = b""
    tx.put(EVENTS, log + line)
