"""The entry protocol's documents in `.claude/progress/`, as JSON objects (seed: 001).

    state.json         {"state", "entered_at", "health_status", "history": [{"from", "to", "at", "reason"}],
                        "feature_id"?, "attempts"?, "dirty"?, "last_action"?, "timestamp"?, and what entry records:
                        "next_state"?, "session_id"?, "owner"?, "health_checked_at"?, "health_forced_at"?,
                        "last_passing_commit"?}
    feature-list.json  see features.py
    file_history.json  [{"path", "timestamp", "operation"}], or {"files": [...]}, as some write it
    checkpoint.json    {"checkpoint_at", "context_snapshot", "pending_actions"}
    metrics/ID.json    see metrics.py
    summaries/*.md     what a session leaves to the next
    recoveries.jsonl, traces.jsonl   a JSON object a line

Times are ISO 8601, UTC. Unknown keys are kept.
"""

from typing import Any

from session.errors import SessionError
from session.host import clock
from session.store import codec
from session.store.files import FileStore
from session.store.free_name import free_key
from session.store.json_document import parse_object
from session.store.transaction import Transaction

Document = dict[str, Any]
Key = tuple[str, str]  # a collection, and a name

STATE = ("progress", "state")
FEATURES = ("progress", "feature-list")
FILES = ("progress", "file_history")
CHECKPOINT = ("progress", "checkpoint")
RECOVERIES = ("progress_lines", "recoveries")
TRACES = ("progress_lines", "traces")
SUMMARIES = "summaries"
METRICS = "metrics"

MEND = "mend it, or move it away"
NEWEST_LINES = 500  # of a document of lines


class Corrupt(SessionError):
    """The document's file can be read, but holds something else than the document."""


def parse(body: bytes, path: str) -> Document:
    """The object in a file's bytes. Corrupt names `path` if there is none in it."""
    return parse_object(body, path, hint=MEND, error=Corrupt)


def read(store: FileStore, key: Key, tx: Transaction | None = None) -> Document | None:
    """The document, None where there is none; as it is in the transaction, if one is given."""
    body = store.read(key) if tx is None else tx.read(key)
    return None if body is None else parse(body, store.shown_path(key))


def data(document: object, path: str) -> bytes:
    """The document as its file holds it. SessionError names `path` where it is nested too deeply for that."""
    try:
        return codec.encode(document) + b"\n"
    except SessionError as error:
        raise SessionError(f"{path} is {error.message}; nothing changed", error.hint) from None


def keep_aside(store: FileStore, tx: Transaction, key: Key, body: bytes, now: str) -> str:
    """Have the bytes of a document that is none under another name; that file's path, as messages name it."""
    other = free_key(tx, key[0], f"{key[1]}.corrupt-{clock.stamp(now)}")
    tx.put(other, body)
    return store.shown_path(other)


def add_line(store: FileStore, tx: Transaction, key: Key, record: Document) -> None:
    """Append the record to a document of lines, of which the newest NEWEST_LINES stay. A last line that was cut short
    keeps a line of its own. What is no file is left alone, and told: nobody stops working for want of a log."""
    try:
        old = tx.read(key) or b""
    except SessionError as error:
        if error.is_fault:
            raise
        store.notices.append(f"not noted down: {error}")
        return
    if old and not old.endswith(b"\n"):
        old += b"\n"
    lines = (old + codec.compact(record).encode("utf-8", "backslashreplace") + b"\n").splitlines(keepends=True)
    tx.put(key, b"".join(lines[-NEWEST_LINES:]))


def lines(store: FileStore, key: Key) -> "tuple[list[Document], int]":
    """The records of a document of lines, the oldest first, and how many lines hold none."""
    told = [line for line in (store.read(key) or b"").split(b"\n") if line.strip()]
    found = []
    for line in told:
        try:
            found.append(codec.decode_bytes(line, exact=True))
        except codec.NotJSON:
            continue
    records = [record for record in found if isinstance(record, dict)]
    return records, len(told) - len(records)
