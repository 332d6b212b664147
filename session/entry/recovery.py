"""Recoveries: back to the last checkpoint after a crash, and the log of all that was recovered (seed: 001).

recoveries.jsonl: {"at", "kind", "session_id", "what"}, a line each.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from session.entry import auto_checkpoint, documents, feature_status, metrics, rollback, states, traces
from session.entry import feature_list as lists
from session.entry.documents import CHECKPOINT, FEATURES, RECOVERIES, STATE, Corrupt, Document
from session.entry.progress import Progress, changing
from session.errors import SessionError
from session.host import clock
from session.store import codec
from session.store.files import FileStore
from session.store.free_name import free_key
from session.store.transaction import Transaction
from session.text.untrusted import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.store.files import Key

BROKEN, CRASH, HOOK_REJECTION = "broken", "crash", "hook-rejection"
CONTEXT_OVERFLOW, TOOL_FAILURE, TEST_TIMEOUT = "context-overflow", "tool-failure", "test-timeout"

_TEXT = 1000  # characters


class Recovered(NamedTuple):
    """What `crash` did: when the checkpoint was made, what was rolled back, a line each, and the path of what was
    replaced."""

    checkpoint_at: str
    said: list[str]
    saved_as: str


def crash(store: FileStore, *, force: bool, timeout_s: float) -> Recovered | None:
    """Go back to the last checkpoint in one commit, or None where nothing crashed, unless with `force`.

    Crashed has a session that did not hand off, and one whose state or list of features can't be read. Both documents
    become those of the checkpoint, but for what was measured since; features that it does not know are kept.
    SessionError where there is no checkpoint to go back to: nothing is changed.
    """
    if not (force or _is_crashed(_Was(store, STATE), _Was(store, FEATURES))):
        with store.transaction(timeout_s, create=False):  # which carries out a commit that was cut short
            return None
    with store.transaction(timeout_s) as tx:
        state_was, features_was = _Was(store, STATE, tx), _Was(store, FEATURES, tx)
        if not (force or _is_crashed(state_was, features_was)):
            return None
        checkpoint = _checkpoint(store, tx)
        snapshot = checkpoint["context_snapshot"]
        state = rollback.restored(snapshot["state"], state_was.document)
        features = rollback.merged(snapshot.get("features"), features_was.document)
        said = [
            *([f"{state_was.broken}: replaced"] if state_was.broken else []),
            *rollback.state_changes(state_was.document, state),
            *([f"{features_was.broken}: replaced"] if features_was.broken else []),
            *rollback.feature_changes(features_was.document, snapshot.get("features")),
        ]
        if state_was.broken:  # then the session that counts is the checkpoint's
            tx.put(STATE, documents.data(state, store.shown_path(STATE)))
        progress = Progress(store, tx)
        saved = _save_replaced(progress, (state_was, features_was))
        at = checkpoint.get("checkpoint_at")
        at = at if isinstance(at, str) else ""
        _end_session(progress)
        log(progress, CRASH, f"back to the checkpoint of {at or 'an unknown time'}: {'; '.join(said) or 'no change'}")
        tx.put(STATE, documents.data(state, store.shown_path(STATE)))
        if features is None:
            tx.delete(FEATURES)
        elif features != features_was.document:
            tx.put(FEATURES, documents.data(features, store.shown_path(FEATURES)))
    return Recovered(at, said, saved)


def give_up_test(store: FileStore, name: str, reason: str, *, timeout_s: float) -> str:
    """Block the feature whose test hangs, by default the one that is worked on, take the next one, and log that; in one
    commit. The line that says so. SessionError where there is nothing to block."""
    with changing(store, timeout_s) as progress:
        known = progress.state.get("feature_id")
        name = name or ("" if known is None else str(known))
        if not name:
            raise SessionError("no feature is worked on; nothing changed", "name it: session recover test-timeout ID")
        feature = lists.find(progress.listed(), name, progress.features_path)
        status = lists.status_of(feature)
        if status in (*lists.DONE, lists.BLOCKED):
            raise SessionError(f"{name} is {status}: no test of it is awaited; nothing changed")
        said = feature_status.noted(progress, feature_status.give_up(progress, name, reason))
        log(progress, TEST_TIMEOUT, said)
        progress.count("recoveries")
    return said


def overflow(store: FileStore, pending: Sequence[str], *, timeout_s: float) -> None:
    """Save a checkpoint, whenever the last one was made, and log that the context overflowed; in one commit."""
    auto_checkpoint.require_state(store)
    present = auto_checkpoint.repository_facts(store)
    with changing(store, timeout_s) as progress:
        auto_checkpoint.put(progress, present, pending)
        log(progress, CONTEXT_OVERFLOW, "Emergency compression applied")
        progress.count("compressions")
        progress.count("recoveries")


def adjustments(store: FileStore) -> list[str]:
    """What a hook may have refused for, as far as the state tells, a line each."""
    try:
        state = documents.read(store, STATE) or {}
    except SessionError as error:
        return [str(error)]
    if state.get("health_status") == states.BROKEN:
        return ["The project is BROKEN: edits of its source are refused until session enter finds it healthy."]
    valid = ", ".join(states.followers(states.current(state)))
    return [f"The state is {one_line(states.current(state), 40)}; valid next: {valid or 'none'}. The hook says why."]


def note(store: FileStore, kind: str, what: str, *, timeout_s: float, retries: int = 0) -> None:
    """Log a recovery, and count it in the session under way, if one is, with so many retries."""
    with store.transaction(timeout_s) as tx:
        try:
            known = documents.read(store, STATE, tx)
        except Corrupt:
            known = None
        if known is None:  # no state is made by a log
            documents.add_line(store, tx, RECOVERIES, _record(clock.iso(clock.now_ms()), kind, None, what))
            return
        progress = Progress(store, tx)
        log(progress, kind, what)
        progress.count("recoveries")
        if retries:
            progress.count("retries", retries)
        progress.put()


def log(progress: Progress, kind: str, what: str) -> None:
    """Have the transaction log a recovery."""
    record = _record(progress.now, kind, progress.state.get("session_id"), what)
    documents.add_line(progress.store, progress.tx, RECOVERIES, record)


def _record(now: str, kind: str, session_id: object, what: str) -> Document:
    known = session_id if isinstance(session_id, str) else None
    return {"at": now, "kind": kind, "session_id": known, "what": what[:_TEXT]}


class _Was:
    """A document as it is before: its `body`, what is in it, and what is wrong with it, if anything is."""

    def __init__(self, store: FileStore, key: "Key", tx: Transaction | None = None) -> None:
        self.path = store.path_of(key)
        self.body = store.read(key) if tx is None else tx.read(key)
        self.document: Document | None = None
        self.broken = ""
        if self.body is not None:
            try:
                self.document = documents.parse(self.body, store.shown_path(key))
                if key == FEATURES:
                    rollback.listed(self.document, store.shown_path(key))
            except Corrupt as error:
                self.document = None
                self.broken = error.message


def _is_crashed(state: _Was, features: _Was) -> bool:
    return bool(state.broken or features.broken or (state.document and state.document.get("dirty") is True))


def _checkpoint(store: FileStore, tx: Transaction) -> Document:
    path = store.shown_path(CHECKPOINT)
    found = documents.read(store, CHECKPOINT, tx)
    if found is None:
        raise SessionError(f"{path} is missing: there is no checkpoint to go back to; nothing changed")
    snapshot: Any = found.get("context_snapshot")
    if not isinstance(snapshot, dict) or not isinstance(snapshot.get("state"), dict):
        raise Corrupt(f"{path} holds no snapshot of the state; nothing changed", documents.MEND)
    features = snapshot.get("features")
    if features is not None:
        if not isinstance(features, dict):
            raise Corrupt(f"{path}: its snapshot of the features is no list; nothing changed", documents.MEND)
        rollback.listed(features, path)
    return found


def _save_replaced(progress: Progress, replaced: tuple[_Was, ...]) -> str:
    """Keep the files' texts as they are, whatever is in them (bytes that are no UTF-8 as \\udcXX); where."""
    files = [
        {"path": was.path, "text": was.body.decode("utf-8", "surrogateescape")}
        for was in replaced
        if was.body is not None
    ]
    key = free_key(progress.tx, CHECKPOINT[0], f"before-recovery-{clock.stamp(progress.now)}")
    progress.tx.put(key, codec.encode({"saved_at": progress.now, "files": files}) + b"\n")
    return progress.store.shown_path(key)


def _end_session(progress: Progress) -> None:
    """The session that crashed, or that found the crash, is over: what it did is noted down."""
    progress.count("recoveries")
    known = progress.metrics
    if known is None:
        return
    if known.get("outcome") is None:
        known = metrics.ended(known, None, metrics.NOT_HANDED_OFF)
        progress.measure(known)
        traces.add(progress, metrics.NOT_HANDED_OFF)
    progress.close_session(known)
