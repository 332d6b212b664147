"""Auto-checkpoints: copies of the entry protocol's documents, from which `session recover crash` restores them.

    {"checkpoint_at": ISO 8601,
     "context_snapshot": {"state": the object in state.json, "features": the object in feature-list.json or null,
                          "branch": str | null, "commit": str | null, "dirty_files": int | null},
     "pending_actions": [str, ...]}

Only the newest one is kept, in `.claude/progress/checkpoint.json`.
"""

from collections.abc import Sequence

from session.entry import documents, feature_list
from session.entry.documents import CHECKPOINT, FEATURES, STATE, Corrupt, Document
from session.entry.progress import Progress, changing
from session.errors import SessionError
from session.host import clock
from session.host.git.repository import Repository
from session.store.files import FileStore
from session.store.json_document import object_or_none
from session.text.typed import text_at

INTERVAL_S = 300
_UNFINISHED = (feature_list.IN_PROGRESS, feature_list.PENDING, feature_list.IMPLEMENTED, feature_list.BLOCKED)
_MOST_PENDING = 100


def save(
    store: FileStore, *, force: bool = False, pending: Sequence[str] = (), timeout_s: float, count: str = ""
) -> bool:
    """Save an auto-checkpoint if one is due; return True if one was saved.

    It is due if the last one is at least INTERVAL_S seconds old, or with `force`. `pending` lists the remaining work,
    by default the unfinished features. `count` names a counter of the entry session's metrics; it grows by one, even
    if nothing is saved.

    Raise SessionError if there is no state, or if the state or the feature list is unusable. The last auto-checkpoint
    stays then.
    """
    require_state(store)
    is_due = force or _is_due(store.read(CHECKPOINT))
    if not is_due and not count:
        return False
    repository = repository_facts(store) if is_due else {}
    with changing(store, timeout_s) as progress:
        # check again under the lock: another process may have saved one
        is_due = is_due and (force or _is_due(progress.tx.read(CHECKPOINT)))
        if is_due:
            put(progress, repository, pending)
        if count:
            progress.count(count)
    return is_due


def require_state(store: FileStore) -> None:
    """Raise SessionError if the project has no state.json."""
    if store.read(STATE) is None:
        raise SessionError(
            f"{store.shown_path(STATE)} is missing: there is nothing to save", "begin with session enter"
        )


def repository_facts(store: FileStore) -> Document:
    """Return the branch, the commit and the number of changed files, as an auto-checkpoint records them.

    This runs git: do not call it while you hold the store's lock.
    """
    repository = Repository(store.root)
    head = repository.head()
    dirty = None if head is None else repository.dirty(0)
    return {
        "branch": (head.branch or None) if head else None,
        "commit": (head.commit or None) if head else None,
        "dirty_files": dirty.count if dirty else None,
    }


def put(progress: Progress, repository: Document, pending: Sequence[str]) -> None:
    """Add an auto-checkpoint to the transaction. A malformed old one is kept under another name."""
    tx, store = progress.tx, progress.store
    features = documents.read(store, FEATURES, tx)
    listed = progress.listed()  # raises for a malformed list, also if `pending` is given
    checkpoint = {
        "checkpoint_at": progress.now,
        "context_snapshot": {"state": progress.state, "features": features, **repository},
        "pending_actions": list(pending) or _pending_actions(listed),
    }
    old = tx.read(CHECKPOINT)
    if old is not None:
        try:
            documents.parse(old, store.shown_path(CHECKPOINT))
        except Corrupt as error:
            kept_as = documents.keep_aside(store, tx, CHECKPOINT, old, progress.now)
            store.notices.append(f"{error.message}: kept as {kept_as}")
    tx.put(CHECKPOINT, documents.encode(checkpoint, store.shown_path(CHECKPOINT)))


def _is_due(body: bytes | None) -> bool:
    """Return True if the auto-checkpoint in `body` is old enough, or has no usable time, or a time in the future."""
    at_ms = clock.parse_ms((object_or_none(body) or {}).get("checkpoint_at"))
    return at_ms is None or not 0 <= clock.now_ms() - at_ms < INTERVAL_S * 1000


def _pending_actions(features: list[feature_list.Feature]) -> list[str]:
    """Return a line for each unfinished feature, those in progress first."""
    unfinished = [each for each in features if feature_list.status_of(each) in _UNFINISHED]
    unfinished.sort(key=lambda each: _UNFINISHED.index(feature_list.status_of(each)))
    lines = []
    for feature in unfinished[:_MOST_PENDING]:
        description = text_at(feature, "description")
        line = f"{feature_list.id_of(feature)} ({feature_list.status_of(feature)})"
        lines.append(f"{line}: {description}" if description else line)
    return lines
