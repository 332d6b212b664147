"""Auto-save checkpoints: what a recovery goes back to (seed: 001).

    {"checkpoint_at": ISO 8601,
     "context_snapshot": {"state": state.json's object, "features": feature-list.json's, null where there is none,
                          "branch": str | null, "commit": str | null, "dirty_files": int | null},
     "pending_actions": [str, ...]}

One is kept, in `.claude/progress/checkpoint.json`.
"""

from collections.abc import Sequence

from session.entry import documents
from session.entry import feature_list as lists
from session.entry.documents import CHECKPOINT, FEATURES, STATE, Corrupt, Document
from session.entry.progress import Progress, changing
from session.errors import SessionError
from session.host import clock
from session.host.git.repository import Repository
from session.store.files import FileStore

INTERVAL_S = 300
_UNFINISHED = (lists.IN_PROGRESS, lists.PENDING, lists.IMPLEMENTED, lists.BLOCKED)
_MOST_PENDING = 100


def save(
    store: FileStore, *, force: bool = False, pending: Sequence[str] = (), timeout_s: float, count: str = ""
) -> bool:
    """Save a checkpoint of the state and the features as they are, and whether one was saved: not if the last one is
    younger than INTERVAL_S, unless with `force`. `pending` is what is still to be done, by default the unfinished
    features. `count` is one more of that in the session's metrics, whatever is saved.

    SessionError where there is no state, or it or the list can't be used: the last checkpoint stays.
    """
    require_state(store)
    is_due = force or _is_due(store.read(CHECKPOINT), store)
    if not is_due and not count:
        return False
    present = repository_facts(store) if is_due else {}
    with changing(store, timeout_s) as progress:
        is_due = is_due and (force or _is_due(progress.tx.read(CHECKPOINT), store))  # another may have been faster
        if is_due:
            put(progress, present, pending)
        if count:
            progress.count(count)
    return is_due


def require_state(store: FileStore) -> None:
    """SessionError where there is no state."""
    if store.read(STATE) is None:
        raise SessionError(
            f"{store.shown_path(STATE)} is missing: there is nothing to save", "begin with session enter"
        )


def repository_facts(store: FileStore) -> Document:
    """What a checkpoint tells of the repository. It takes git: not to be asked for under the lock."""
    repository = Repository(store.root)
    head = repository.head()
    dirty = None if head is None else repository.dirty(0)
    return {
        "branch": (head.branch or None) if head else None,
        "commit": (head.commit or None) if head else None,
        "dirty_files": dirty.count if dirty else None,
    }


def put(progress: Progress, present: Document, pending: Sequence[str]) -> None:
    """Have the transaction write a checkpoint. A broken one that is in its place is kept under another name."""
    tx, store = progress.tx, progress.store
    features = documents.read(store, FEATURES, tx)
    listed = progress.listed()
    checkpoint = {
        "checkpoint_at": progress.now,
        "context_snapshot": {"state": progress.state, "features": features, **present},
        "pending_actions": list(pending) or _pending(listed),
    }
    old = tx.read(CHECKPOINT)
    if old is not None:
        try:
            documents.parse(old, store.shown_path(CHECKPOINT))
        except Corrupt as error:
            kept_as = documents.keep_aside(store, tx, CHECKPOINT, old, progress.now)
            store.notices.append(f"{error.message}: kept as {kept_as}")
    tx.put(CHECKPOINT, documents.data(checkpoint, store.shown_path(CHECKPOINT)))


def _is_due(body: bytes | None, store: FileStore) -> bool:
    """Whether the last checkpoint is old enough; one that tells no time, or a time to come, is."""
    if body is None:
        return True
    try:
        at_ms = clock.parse_ms(documents.parse(body, store.shown_path(CHECKPOINT)).get("checkpoint_at"))
    except Corrupt:
        return True
    return at_ms is None or not 0 <= clock.now_ms() - at_ms < INTERVAL_S * 1000


def _pending(features: list[lists.Feature]) -> list[str]:
    """The unfinished features, what was begun first."""
    found = [each for each in features if lists.status_of(each) in _UNFINISHED]
    found.sort(key=lambda each: _UNFINISHED.index(lists.status_of(each)))
    said = []
    for each in found[:_MOST_PENDING]:
        about = each.get("description")
        told = f": {about}" if isinstance(about, str) and about else ""
        said.append(f"{lists.id_of(each)} ({lists.status_of(each)}){told}")
    return said
