"""Restore a checkpoint, with one commit for each place, or compare it with the present files.

A restore does not undo workflow sessions that are in use.
"""

from typing import NamedTuple

from session.checkpoints.checkpoints import (
    Entry,
    current_files,
    current_head,
    entries,
    find,
    is_null,
    is_recorded,
    keys,
    prune,
    put,
)
from session.checkpoints.document import Checkpoint, File
from session.errors import SessionError, Unconfirmed
from session.host import clock
from session.project.location import KEY
from session.store import intentions
from session.store.files import FileStore
from session.store.free_name import free_key
from session.store.json_document import object_or_none
from session.store.paths import PROGRESS, place_of
from session.store.transaction import Transaction
from session.workflow.archive_read import archives
from session.workflow.state import COLLECTION as SESSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.host.git.repository import Head
    from session.store.files import Key
    from session.workflow.state import State


class RestoreResult(NamedTuple):
    """The result of `restore`.

    `name` is the checkpoint's id. `files` are the restored files, each with its condition before. `left_alone` has a
    line for each file that was not restored. `saved_as` is the id of the checkpoint of the replaced files, or "".
    """

    name: str
    files: list[tuple[str, str]]
    left_alone: list[str]
    saved_as: str


class FileComparison(NamedTuple):
    """A file in a checkpoint and the file now. If it cannot be read now, `wrong` is the reason, else "".

    `now` is None if the file is missing or unreadable.
    """

    path: str
    then: bytes
    now: bytes | None
    wrong: str


def restore(store: FileStore, name: str | None, *, everything: bool, timeout_s: float) -> RestoreResult:
    """Restore the project's state, and other documents that are missing or malformed now; return the result.

    `name` is the checkpoint's id; None stands for the newest valid one. With `everything`, restore intact documents
    too. Workflow sessions that started after the checkpoint stay, and sessions archived after it are not restored.
    Replaced documents are saved in a new checkpoint. SessionError, without changes, if that is impossible.
    """
    head = current_head(store)
    is_checked = False
    while True:
        with store.transaction(timeout_s, create=False) as tx:
            plan = _plan(store, tx, name, everything)
            elsewhere = {file.key: file.body for file, _ in plan.changes if place_of(file.key[0]) == PROGRESS}
            if is_checked or not elsewhere:
                saved_as = _save_replaced(store, tx, plan, head)
                _write(tx, plan)
                break
        # outside of the lock, because it takes that of the other place; then everything is looked at again
        intentions.check(store, PROGRESS, elsewhere, timeout_s)
        is_checked = True
    if store.own_place is None:
        _finish(store, timeout_s, is_needed=bool(elsewhere))
    restored = [(store.shown_path(file.key), _condition(now)) for file, now in plan.changes]
    return RestoreResult(plan.entry.name, restored, plan.left_alone, saved_as)


class _Plan(NamedTuple):
    """What a restore will do: `changes` are the files to write, each with its bytes now."""

    entry: Entry
    listed: list[Entry]
    changes: list[tuple[File, bytes | None]]
    left_alone: list[str]


def _plan(store: FileStore, tx: Transaction, name: str | None, everything: bool) -> _Plan:
    listed = entries(store)
    entry, checkpoint = find(store, listed, name)
    if checkpoint.problems:
        message = f"{entry.path} can't be relied on: {checkpoint.problems[0]}; nothing changed"
        raise SessionError(message, "session checkpoint list shows others")
    files = [file for file in _files(store, checkpoint) if object_or_none(file.body) is not None]
    if not everything and not any(file.key == KEY for file in files):
        message = f"{entry.path} holds no project state to go back to: there was none, or a broken one"
        raise SessionError(message, "session checkpoint show shows what it holds")
    later = _LaterSessions(store, clock.parse_ms(checkpoint.created))
    changes, left_alone = _changes(store, tx, files, later, everything)
    return _Plan(entry, listed, changes, left_alone)


def _save_replaced(store: FileStore, tx: Transaction, plan: _Plan, head: "Head | None") -> str:
    """Buffer a checkpoint of the documents that will be replaced; return its id, or "" if there are none."""
    replaced = [File(file.key, file.path, now) for file, now in plan.changes if now is not None]
    if not replaced:
        return ""
    replaced_keys = {file.key for file in replaced}
    replaced += [file for file in current_files(store, tx)[0] if file.key not in replaced_keys]
    name = plan.entry.name
    description = f"Replaced by the restore of {name}"
    saved_as = put(store, tx, plan.listed, replaced, head, description=description, before_restore_of=name)
    saved = [old for old in plan.listed if old.checkpoint and old.checkpoint.before_restore_of and not old.problems]
    prune(tx, [old for old in saved if old.name != name])
    return saved_as


def _write(tx: Transaction, plan: _Plan) -> None:
    """Buffer the restored documents of ia/state, and a record of those for the entry protocol's place."""
    after: dict[Key, bytes | None] = {}
    before: dict[Key, bytes | None] = {}
    for file, now in plan.changes:
        if place_of(file.key[0]) == PROGRESS:
            after[file.key], before[file.key] = file.body, now
        else:
            tx.put(file.key, file.body)
    if after:
        _, name = free_key(tx, intentions.COLLECTION, f"restore-{plan.entry.name}")
        intentions.record(tx, name, after, before)


def _finish(store: FileStore, timeout_s: float, *, is_needed: bool) -> None:
    """Restore the documents of the entry protocol's place, also those that an interrupted restore left.

    If that fails, the next writer has to do it: Unconfirmed if it `is_needed` for this restore.
    """
    try:
        intentions.finish(store, PROGRESS, timeout_s)
    except SessionError as error:
        if not is_needed:
            store.notices.append(f"an earlier restore is not finished: {error}")
            return
        message = f"restored in ia/state, but not yet in {'/'.join(PROGRESS)}: {error.message}"
        raise Unconfirmed(message, "mend that; the next command that writes there finishes it") from error


def compare(store: FileStore, checkpoint: Checkpoint) -> tuple[list[FileComparison], list[str]]:
    """Compare each file of the checkpoint with the file now; also return the paths of files that exist only now."""
    files = _files(store, checkpoint)
    old_keys = {file.key for file in files}
    since = [store.path_of(key) for key in keys(store) if key not in old_keys and _read(store, key) != (None, "")]
    return [FileComparison(file.path, file.body, *_read(store, file.key)) for file in files], since


def _read(store: FileStore, key: "Key") -> tuple[bytes | None, str]:
    try:
        return store.read(key), ""
    except SessionError as error:
        return None, str(error)


def _files(store: FileStore, checkpoint: Checkpoint) -> list[File]:
    """Return the checkpoint's files that belong to this store."""
    if checkpoint.original:
        state = checkpoint.state
        return [] if state is None else [File(KEY, store.path_of(KEY), state)]
    files = (file for file in checkpoint.files if is_recorded(store, file.key))
    return [File(file.key, store.path_of(file.key), file.body) for file in files]


def _changes(
    store: FileStore, tx: Transaction, files: list[File], later: "_LaterSessions", everything: bool
) -> tuple[list[tuple[File, bytes | None]], list[str]]:
    """Return the files to write, each with its current content, and a line for each file to leave alone."""
    changes = []
    left_alone = []
    for file in files:
        path = store.shown_path(file.key)
        try:
            now = tx.read(file.key)
            if now is None and tx.taken(file.key):  # a folder is there, and the commit would fail half-way
                raise SessionError(f"{path} is not a file: refused", "move it away")
        except SessionError as error:
            if file.key == KEY or error.is_fault:
                raise
            left_alone.append(str(error))
            continue
        collection, name = file.key
        usable = object_or_none(now)
        if now == file.body or not (file.key == KEY or everything or usable is None):
            continue
        reason = later.reason(name, usable) if collection == SESSIONS else ""
        if reason:
            left_alone.append(f"{path} {reason}")
        else:
            changes.append((file, now))
    return changes, left_alone


def _condition(now: bytes | None) -> str:
    """Return in words the condition of a file that a restore writes: missing, malformed, or replaced."""
    if now is None or is_null(now):
        return "was missing"
    return "was broken" if object_or_none(now) is None else "replaced"


class _LaterSessions:
    """Workflow sessions that started, or were archived, after a checkpoint. A restore must not undo that.

    `since_ms` is the time of the checkpoint; None if it is unknown, and then every session may be restored.
    """

    def __init__(self, store: FileStore, since_ms: int | None) -> None:
        self._store = store
        self._since_ms = since_ms
        self._archived: set[str] | None = None

    def reason(self, workflow: str, now: "State | None") -> str:
        """Return the reason not to restore the workflow's session, or "". `now` is its current session."""
        if self._since_ms is None:
            return ""
        started_ms = None if now is None else clock.parse_ms(now.get("started_at"))
        if started_ms is not None and started_ms >= self._since_ms:
            return "begun since, so it stays"
        if self._archived is None:
            self._archived = self._find_archived(self._since_ms)
        return "archived since, so it is not revived" if workflow in self._archived else ""

    def _find_archived(self, since_ms: int) -> set[str]:
        day = clock.iso(since_ms)[:10]
        readable, errors = archives(self._store)
        for error in errors:
            if error.is_fault:
                raise error
        return {
            archive.workflow
            for archive in readable
            if archive.workflow is not None
            # an archive that does not state when it ended can only be compared by its day
            and ((archive.date or "") >= day if archive.ended_ms is None else archive.ended_ms >= since_ms)
        }
