"""Recover from errors: go back to the last auto-checkpoint after a crash, and log every recovery.

recoveries.jsonl holds one line for each recovery: {"at", "kind", "session_id", "what"}.
"""

from collections.abc import Sequence
from typing import NamedTuple

from session.entry import auto_checkpoint, documents, feature_list, feature_status, metrics, rollback, states, traces
from session.entry.documents import CHECKPOINT, FEATURES, RECOVERIES, STATE, Corrupt, Document
from session.entry.progress import Progress, changing
from session.errors import SessionError
from session.host import clock
from session.store import codec
from session.store.files import FileStore
from session.store.free_name import free_key
from session.store.paths import PROGRESS
from session.store.transaction import Transaction
from session.text.typed import object_at, text_at
from session.text.untrusted import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.store.files import Key

BROKEN, CRASH, HOOK_REJECTION = "broken", "crash", "hook-rejection"
CONTEXT_OVERFLOW, TOOL_FAILURE, TEST_TIMEOUT = "context-overflow", "tool-failure", "test-timeout"

_LONGEST_WHAT = 1000  # the most characters of a log entry


class CrashRecovery(NamedTuple):
    """The result of a crash recovery: the auto-checkpoint's time, a line for each change, the backup file's path."""

    checkpoint_at: str
    changes: list[str]
    saved_as: str


def crash(store: FileStore, *, force: bool, timeout_s: float) -> CrashRecovery | None:
    """Go back to the last auto-checkpoint in one commit; return None, and change nothing, if nothing crashed.

    It is a crash if the last entry session did not hand off, or if the state or the feature list is unreadable.
    `force` goes back in any case. Both documents become those of the auto-checkpoint. The health stays as it was last
    measured, and features that the auto-checkpoint does not list are kept. A backup file keeps the replaced documents.

    Raise SessionError, and change nothing, if there is no usable auto-checkpoint.
    """
    if not (force or _is_crashed(_OldDocument(store, STATE), _OldDocument(store, FEATURES))):
        with store.transaction(
            timeout_s, create=False, place=PROGRESS
        ):  # this completes an interrupted commit, if there is one
            return None
    with store.transaction(timeout_s, place=PROGRESS) as tx:
        # read again under the lock: another process may have recovered meanwhile
        old_state, old_features = _OldDocument(store, STATE, tx), _OldDocument(store, FEATURES, tx)
        if not (force or _is_crashed(old_state, old_features)):
            return None
        checkpoint = _checkpoint(store, tx)
        snapshot = checkpoint["context_snapshot"]
        state = rollback.restore_state(snapshot["state"], old_state.document)
        features = rollback.merge_features(snapshot.get("features"), old_features.document)
        changes = [
            *([f"{old_state.problem}: replaced"] if old_state.problem else []),
            *rollback.state_changes(old_state.document, state),
            *([f"{old_features.problem}: replaced"] if old_features.problem else []),
            *rollback.feature_changes(old_features.document, snapshot.get("features")),
        ]
        # Progress reads the state from the transaction, so put the auto-checkpoint's state there
        if old_state.problem:
            tx.put(STATE, documents.encode(state, store.shown_path(STATE)))
        progress = Progress(store, tx)
        saved_as = _save_replaced(progress, (old_state, old_features))
        at = text_at(checkpoint, "checkpoint_at")
        _end_session(progress)
        what = f"back to the checkpoint of {at or 'an unknown time'}: {'; '.join(changes) or 'no change'}"
        log(progress, CRASH, what)
        tx.put(STATE, documents.encode(state, store.shown_path(STATE)))
        if features is None:
            tx.delete(FEATURES)
        elif features != old_features.document:
            tx.put(FEATURES, documents.encode(features, store.shown_path(FEATURES)))
    return CrashRecovery(at, changes, saved_as)


def give_up_test(store: FileStore, name: str, reason: str, *, timeout_s: float) -> str:
    """Block a feature whose test hangs, start the next feature, and log it, in one commit; return a line about it.

    If `name` is empty, the current feature is meant. Raise SessionError if there is no feature to block.
    """
    with changing(store, timeout_s) as progress:
        current = progress.state.get("feature_id")
        name = name or ("" if current is None else str(current))
        if not name:
            raise SessionError("no feature is worked on; nothing changed", "name it: session recover test-timeout ID")
        feature = feature_list.find(progress.listed(), name, progress.features_path)
        status = feature_list.status_of(feature)
        if status in (*feature_list.DONE, feature_list.BLOCKED):
            raise SessionError(f"{name} is {status}: there is no test to give up; nothing changed")
        line = feature_status.note(progress, feature_status.give_up(progress, name, reason))
        log(progress, TEST_TIMEOUT, line)
        progress.count("recoveries")
    return line


def overflow(store: FileStore, pending: Sequence[str], *, timeout_s: float) -> None:
    """Save an auto-checkpoint even if none is due, and log that the context is full, in one commit."""
    auto_checkpoint.require_state(store)
    repository = auto_checkpoint.repository_facts(store)
    with changing(store, timeout_s) as progress:
        auto_checkpoint.put(progress, repository, pending)
        log(progress, CONTEXT_OVERFLOW, "Emergency compression applied")
        progress.count("compressions")
        progress.count("recoveries")


def adjustments(store: FileStore) -> list[str]:
    """Return lines that say why a hook may have refused, as far as the state shows it."""
    try:
        state = documents.read(store, STATE) or {}
    except SessionError as error:
        return [str(error)]
    if state.get("health_status") == states.BROKEN:
        return ["The project is BROKEN: edits of its source are refused until session enter finds it healthy."]
    valid = ", ".join(states.followers(states.current(state)))
    return [f"The state is {one_line(states.current(state), 40)}; valid next: {valid or 'none'}. The hook says why."]


def note(store: FileStore, kind: str, what: str, *, timeout_s: float, retries: int = 0) -> None:
    """Log a recovery, and count it and its retries in the metrics of the present session, if there is one."""
    with store.transaction(timeout_s, place=PROGRESS) as tx:
        try:
            state = documents.read(store, STATE, tx)
        except Corrupt:
            state = None
        if state is None:  # Progress would create a state, which a log entry must not do
            documents.add_line(store, tx, RECOVERIES, _record(clock.iso(clock.now_ms()), kind, None, what))
            return
        progress = Progress(store, tx)
        log(progress, kind, what)
        progress.count("recoveries")
        if retries:
            progress.count("retries", retries)
        progress.put()


def log(progress: Progress, kind: str, what: str) -> None:
    """Add a line to recoveries.jsonl in the transaction."""
    record = _record(progress.now, kind, progress.state.get("session_id"), what)
    documents.add_line(progress.store, progress.tx, RECOVERIES, record)


def _record(now: str, kind: str, session_id: object, what: str) -> Document:
    text_id = session_id if isinstance(session_id, str) else None
    return {"at": now, "kind": kind, "session_id": text_id, "what": what[:_LONGEST_WHAT]}


class _OldDocument:
    """A document before the recovery: its bytes (`body`), and its content, or the `problem` that makes it unusable."""

    def __init__(self, store: FileStore, key: "Key", tx: Transaction | None = None) -> None:
        self.path = store.path_of(key)
        self.body = store.read(key) if tx is None else tx.read(key)
        self.document: Document | None = None
        self.problem = ""
        if self.body is not None:
            try:
                self.document = documents.parse(self.body, store.shown_path(key))
                if key == FEATURES:
                    rollback.features_of(self.document, store.shown_path(key))
            except Corrupt as error:
                self.document = None
                self.problem = error.message


def _is_crashed(state: _OldDocument, features: _OldDocument) -> bool:
    return bool(state.problem or features.problem or (state.document and state.document.get("dirty") is True))


def _checkpoint(store: FileStore, tx: Transaction) -> Document:
    """Return the auto-checkpoint; raise SessionError if it is missing or incomplete."""
    path = store.shown_path(CHECKPOINT)
    checkpoint = documents.read(store, CHECKPOINT, tx)
    if checkpoint is None:
        raise SessionError(f"{path} is missing: there is no checkpoint to go back to; nothing changed")
    snapshot = object_at(checkpoint, "context_snapshot")
    if not isinstance(snapshot.get("state"), dict):
        raise Corrupt(f"{path} holds no snapshot of the state; nothing changed", documents.MEND)
    features = snapshot.get("features")
    if features is not None:
        if not isinstance(features, dict):
            raise Corrupt(f"{path}: its snapshot of the features is not a list; nothing changed", documents.MEND)
        rollback.features_of(features, path)
    return checkpoint


def _save_replaced(progress: Progress, replaced: tuple[_OldDocument, ...]) -> str:
    r"""Add a backup of the replaced documents to the transaction; return the backup file's path.

    The backup holds the documents' texts, even if they are malformed. Bytes that are not UTF-8 become `\udcXX`, as
    with Python's `surrogateescape`.
    """
    files = [
        {"path": old.path, "text": old.body.decode("utf-8", "surrogateescape")}
        for old in replaced
        if old.body is not None
    ]
    key = free_key(progress.tx, CHECKPOINT[0], f"before-recovery-{clock.stamp(progress.now)}")
    progress.tx.put(key, codec.encode({"saved_at": progress.now, "files": files}) + b"\n")
    return progress.store.shown_path(key)


def _end_session(progress: Progress) -> None:
    """Count the recovery; if the entry session is still open, end it as not handed off and add its trace."""
    progress.count("recoveries")
    document = progress.metrics
    if document is None:
        return
    if document.get("outcome") is None:
        document = metrics.end(document, None, metrics.NOT_HANDED_OFF)
        progress.measure(document)
        traces.add(progress, metrics.NOT_HANDED_OFF)
    progress.close_session(document)
