"""The log of what was done: `SESSION_LOGS/events.jsonl`, a line of JSON for each command (seed: 000).

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
    """Add a line in `tx`. A log that would pass MOST_BYTES is kept under its time, and a new one begun."""
    log = tx.read(EVENTS)
    if log is None and tx.taken(EVENTS):  # by a folder: the commit would get stuck on that
        raise SessionError(f"{store.shown_path(EVENTS)} is not a file; nothing changed", "move it away")
    line = codec.compact({"time": now, "command": command, "id": session_id}).encode() + b"\n"
    log = log or b""
    if log and not log.endswith(b"\n"):  # another tool's last line
        log += b"\n"
    if log and len(log) + len(line) > MOST_BYTES:
        from session.host import clock  # cost: once in a thousand commands
        from session.store.free_name import free_key

        tx.put(free_key(tx, EVENTS[0], f"{EVENTS[1]}-{clock.stamp(now)}"), log)
        log = b""
    tx.put(EVENTS, log + line)
