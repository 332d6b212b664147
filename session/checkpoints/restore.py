"""Going back to a checkpoint: all or nothing, without rolling back what others have under way (seed: 000)."""

from typing import NamedTuple

from session.checkpoints.checkpoints import checked_out, entries, find, is_null, keys, present, prune, put, recorded
from session.checkpoints.document import Checkpoint, File, object_in
from session.checkpoints.reviving import Past
from session.errors import SessionError
from session.host import clock
from session.project.location import KEY
from session.store.files import FileStore
from session.store.transaction import Transaction
from session.workflow.state import COLLECTION as SESSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.store.files import Key


class Restored(NamedTuple):
    """What `restore` did: from which checkpoint; each file, and what became of it; what it left alone, and why; and the
    id of the checkpoint that holds what it replaced, empty if it replaced nothing."""

    name: str
    files: list[tuple[str, str]]
    left_alone: list[str]
    saved_as: str


class Compared(NamedTuple):
    """A file as a checkpoint holds it, and as it is now; `wrong` says why that can't be read, if it can't."""

    path: str
    then: bytes
    now: bytes | None
    wrong: str


def restore(store: FileStore, wanted: str | None, *, everything: bool, timeout_s: float) -> Restored:
    """Bring back the project's state, and other documents where they are missing or broken; or `everything`.

    Sessions begun since stay, those archived since are not revived. What is replaced becomes a checkpoint of its own.
    SessionError, and nothing changed, where that is not possible.
    """
    head = checked_out(store)
    with store.transaction(timeout_s, create=False) as tx:
        known = entries(store)
        entry, checkpoint = find(store, known, wanted)
        if checkpoint.problems:
            wrong = f"{entry.path} can't be relied on: {checkpoint.problems[0]}; nothing changed"
            raise SessionError(wrong, "session checkpoint list shows others")
        files = [file for file in _files(store, checkpoint) if object_in(file.body) is not None]
        if not everything and not any(file.key == KEY for file in files):
            wrong = f"{entry.path} holds no project state to go back to: there was none, or a broken one"
            raise SessionError(wrong, "session checkpoint show shows what it holds")
        changes, left_alone = _changes(store, tx, files, Past(store, clock.parse_ms(checkpoint.created)), everything)
        replaced = [File(file.key, file.path, now) for file, now in changes if now is not None]
        saved_as = ""
        if replaced:
            others = {file.key for file in replaced}
            replaced += [file for file in present(store, tx)[0] if file.key not in others]
            about = f"Replaced by the restore of {entry.name}"
            saved_as = put(store, tx, known, replaced, head, description=about, before_restore_of=entry.name)
            saved = [one for one in known if one.checkpoint and one.checkpoint.before_restore_of and not one.problems]
            prune(tx, [one for one in saved if one.name != entry.name])
        for file, _ in changes:
            tx.put(file.key, file.body)
    done = [(store.shown_path(file.key), _was(now)) for file, now in changes]
    return Restored(entry.name, done, left_alone, saved_as)


def compare(store: FileStore, checkpoint: Checkpoint) -> tuple[list[Compared], list[str]]:
    """Each file of the checkpoint, then and now; and the paths of what is there now, and was not then."""
    files = _files(store, checkpoint)
    then = {file.key for file in files}
    since = [store.path_of(key) for key in keys(store) if key not in then and _read(store, key) != (None, "")]
    return [Compared(file.path, file.body, *_read(store, file.key)) for file in files], since


def _read(store: FileStore, key: "Key") -> tuple[bytes | None, str]:
    try:
        return store.read(key), ""
    except SessionError as error:
        return None, str(error)


def _files(store: FileStore, checkpoint: Checkpoint) -> list[File]:
    """What the checkpoint holds of what this store has."""
    if checkpoint.original:
        state = checkpoint.state
        return [] if state is None else [File(KEY, store.path_of(KEY), state)]
    found = (file for file in checkpoint.files if recorded(store, file.key))
    return [File(file.key, store.path_of(file.key), file.body) for file in found]


def _changes(
    store: FileStore, tx: Transaction, files: list[File], past: Past, everything: bool
) -> tuple[list[tuple[File, bytes | None]], list[str]]:
    """The files to put, each with what it is now; and which are left alone, and why."""
    changes = []
    left_alone = []
    for file in files:
        path = store.shown_path(file.key)
        try:
            now = tx.read(file.key)
            if now is None and tx.taken(file.key):  # by a folder: a commit of several documents would get stuck on it
                raise SessionError(f"{path} is not a file: refused", "move it away")
        except SessionError as error:
            if file.key == KEY or error.is_fault:
                raise
            left_alone.append(str(error))
            continue
        collection, name = file.key
        usable = None if now is None else object_in(now)
        if now == file.body or not (file.key == KEY or everything or usable is None):
            continue
        reason = past.reason(name, usable) if collection == SESSIONS else ""
        if reason:
            left_alone.append(f"{path} {reason}")
        else:
            changes.append((file, now))
    return changes, left_alone


def _was(now: bytes | None) -> str:
    if now is None or is_null(now):
        return "was missing"
    return "was broken" if object_in(now) is None else "replaced"
