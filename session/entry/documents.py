"""The entry protocol's documents in `.claude/progress/`: their keys, and how to read and write them as JSON.

    state.json         {"state", "entered_at", "health_status", "history": [{"from", "to", "at", "reason"}],
                        "feature_id"?, "attempts"?, "dirty"?, "last_action"?, "timestamp"?, and what entry records:
                        "next_state"?, "session_id"?, "owner"?, "health_checked_at"?, "health_forced_at"?,
                        "last_passing_commit"?}
    feature-list.json  see feature_list.py
    file_history.json  [{"path", "timestamp", "operation"}], or {"files": [...]}, which some tools write
    checkpoint.json    {"checkpoint_at", "context_snapshot", "pending_actions"}
    metrics/ID.json    see metrics.py
    summaries/*.md     the summary that an entry session leaves for the next one
    recoveries.jsonl, traces.jsonl   one JSON object per line

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
Key = tuple[str, str]  # the document's collection, and its name in it

STATE = ("progress", "state")
FEATURES = ("progress", "feature-list")
FILES = ("progress", "file_history")
CHECKPOINT = ("progress", "checkpoint")
RECOVERIES = ("progress_lines", "recoveries")
TRACES = ("progress_lines", "traces")
SUMMARIES = "summaries"
METRICS = "metrics"

MEND = "mend it, or move it away"
NEWEST_LINES = 500  # how many lines a .jsonl document keeps


class Corrupt(SessionError):
    """The error for a file that is readable, but does not hold the expected document."""


def parse(body: bytes, path: str) -> Document:
    """Return the JSON object in a file's bytes. If there is none, raise Corrupt, which names `path`."""
    return parse_object(body, path, hint=MEND, error=Corrupt)


def read(store: FileStore, key: Key, tx: Transaction | None = None) -> Document | None:
    """Return the document at `key`, or None if there is none. With `tx`, include that transaction's changes."""
    body = store.read(key) if tx is None else tx.read(key)
    return None if body is None else parse(body, store.shown_path(key))


def encode(document: object, path: str) -> bytes:
    """Return the bytes of the document's file; raise SessionError, which names `path`, if it is nested too deeply."""
    try:
        return codec.encode(document) + b"\n"
    except SessionError as error:
        raise SessionError(f"{path} is {error.message}; nothing changed", error.hint) from None


def keep_aside(store: FileStore, tx: Transaction, key: Key, body: bytes, now: str) -> str:
    """Add a copy of a corrupt document, under a free name, to the transaction; return its path for messages."""
    backup = free_key(tx, key[0], f"{key[1]}.corrupt-{clock.stamp(now)}")
    tx.put(backup, body)
    return store.shown_path(backup)


def add_line(store: FileStore, tx: Transaction, key: Key, record: Document) -> None:
    """Append the record to a .jsonl document, which keeps its newest NEWEST_LINES lines.

    If a crash cut the last line short, the record still begins on a new line. If the document's place holds a folder or
    a link, add a notice and go on: a missing log entry must not stop the command.
    """
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
    """Return the records of a .jsonl document, oldest first, and the number of lines that hold no record."""
    texts = [line for line in (store.read(key) or b"").split(b"\n") if line.strip()]
    values = []
    for line in texts:
        try:
            values.append(codec.decode_bytes(line, exact=True))
        except codec.NotJSON:
            continue
    records = [value for value in values if isinstance(value, dict)]
    return records, len(texts) - len(records)
