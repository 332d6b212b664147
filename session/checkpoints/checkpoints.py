"""Create, list, find and delete checkpoints of a project. Each change is one commit."""

import os
from typing import NamedTuple

from session.checkpoints import document
from session.checkpoints.document import Checkpoint, File
from session.checkpoints.ids import next_id, order
from session.entry.documents import FEATURES as ENTRY_FEATURES
from session.entry.documents import STATE as ENTRY_STATE
from session.errors import SessionError
from session.host import clock
from session.project import state as states
from session.project.location import KEY
from session.store import paths
from session.store.files import FileStore
from session.store.json_document import object_or_none
from session.store.transaction import Transaction
from session.workflow.state import COLLECTION as SESSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from session.host.git.repository import Head
    from session.store.files import Key

COLLECTION = "checkpoints"
_FILE = paths.file_of(COLLECTION, "x")[1]
_FREE_TRIES = 3  # so often `create` prepares a checkpoint without holding the lock
KEEP = 50  # the most checkpoints of users, and the most checkpoints of restores
_STATES = "checkpoint_states"  # the original scripts put copies of the state into this collection

# The documents that a checkpoint records. A name of None stands for all documents of the collection.
# If the root of a store holds nothing but state, a checkpoint records only the first row.
_RECORDED: tuple[tuple[str, str | None], ...] = (
    KEY,
    (SESSIONS, None),
    ENTRY_STATE,
    ENTRY_FEATURES,
)


class Entry(NamedTuple):
    """One checkpoint in a list.

    `path` names its file in messages. `checkpoint` holds no file contents, and is None if the file is unusable.
    `problems` are the reasons not to rely on it. `fault` is the system's error if that prevented reading the file.
    """

    name: str
    path: str
    checkpoint: Checkpoint | None
    problems: list[str]
    fault: SessionError | None

    @property
    def valid(self) -> bool:
        """Return True if `restore` may choose this checkpoint by itself."""
        return self.checkpoint is not None and self.checkpoint.valid


class CreateResult(NamedTuple):
    """The id of the new checkpoint, and a line for each document that could not be recorded."""

    name: str
    left_out: list[str]


def entries(store: FileStore) -> list[Entry]:
    """Return all checkpoints, newest first."""
    result = []
    for name, body, error in store.scan(COLLECTION):
        checkpoint = None
        problems = [] if error is None else [str(error)]
        if body is not None:
            try:
                checkpoint = document.parse(body).without_content()
                problems = checkpoint.problems
            except SessionError as unusable:
                problems = [unusable.message]
        fault = error if error is not None and error.is_fault else None
        result.append(Entry(name, store.shown_path((COLLECTION, name)), checkpoint, problems, fault))
    result.sort(key=lambda entry: order(entry.name, entry.checkpoint.created if entry.checkpoint else ""), reverse=True)
    return result


def find(store: FileStore, listed: list[Entry], name: str | None) -> tuple[Entry, Checkpoint]:
    """Return the checkpoint `name`, or the newest valid one if `name` is None, with its content.

    `listed` are all checkpoints. SessionError if there is none, or if it cannot be read.
    """
    if name is None:
        entry = next((entry for entry in listed if entry.valid or entry.fault), None)
        if entry is not None and entry.fault is not None:  # the unreadable one may be the newest valid one
            raise entry.fault
    else:
        entry = next((entry for entry in listed if entry.name == name), None)
    body = None if entry is None else store.read((COLLECTION, entry.name))
    if entry is None or body is None:
        raise unknown(name) if name is not None or not listed else _all_broken(listed)
    try:
        return entry, document.parse(body)
    except SessionError as error:
        raise SessionError(f"{entry.path} {error.message}", error.hint) from None


def unknown(name: str | None) -> SessionError:
    """Return the error that says that the checkpoint `name` is missing; if `name` is None, that there is none."""
    if name is None:
        return SessionError("there is no checkpoint", "session checkpoint create makes one")
    return SessionError(f"no checkpoint is called {name}", "session checkpoint list names them")


def _all_broken(listed: list[Entry]) -> SessionError:
    entry = next((entry for entry in listed if entry.problems), None)
    reason = f", the newest: {entry.path} {entry.problems[0]}" if entry else ""
    return SessionError(f"no checkpoint is valid{reason}", "session checkpoint list names them")


def create(store: FileStore, *, session_id: str, description: str, timeout_s: float) -> CreateResult:
    """Record the current documents in a new checkpoint; return its id and the documents that were left out.

    If `session_id` is "", the id of the open work session is recorded. SessionError, and no checkpoint, if the
    project's state is missing or malformed.
    """
    head = current_head(store)
    older: list[Entry] = []
    signs = None  # of the checkpoints in `older`

    def draft(seen: _Seen) -> _Draft:
        nonlocal older, signs
        if signs != seen.signs:
            older, signs = entries(store), seen.signs
        return _draft(store, seen, older, head, session_id=session_id, description=description)

    # The older checkpoints can be hundreds of megabytes of JSON. They are read before the lock is taken, and it is held
    # only to see that nothing has changed. If others keep changing something, the rest happens under the lock.
    for free in (*[True] * _FREE_TRIES, False):
        error: SessionError | None = None
        seen, ready = None, None
        try:
            seen = _look(store, store.read) if free else None
            ready = draft(seen) if seen else None
        except SessionError as problem:
            error = problem
        with store.transaction(timeout_s, create=False) as tx:
            now = _look(store, tx.read)
            if free and now != seen:
                continue
            if error is not None:
                raise error
            ready = ready or draft(now)
            tx.put((COLLECTION, ready.name), ready.body)
            prune(tx, ready.older)
            return CreateResult(ready.name, ready.left_out)
    raise AssertionError("the last attempt holds the lock")


class _Seen(NamedTuple):
    """What a new checkpoint depends on: each document, with its bytes or the reason why it can't be read.

    `signs` are those of the older checkpoints.
    """

    documents: "list[tuple[Key, bytes | None, str]]"
    signs: dict[str, tuple[int, ...]]


class _Draft(NamedTuple):
    """A checkpoint to write: its id, its bytes, a line for each document left out, and the older valid checkpoints."""

    name: str
    body: bytes
    left_out: list[str]
    older: list[Entry]


def _look(store: FileStore, read: "Callable[[Key], bytes | None]") -> _Seen:
    """Return what a new checkpoint depends on, with documents from `read`. Parses nothing."""
    read(KEY)  # raises the reason if the project's state can't be read: without it there is no checkpoint
    return _Seen(_documents(store, read), _signs(store))


def _signs(store: FileStore) -> "dict[str, tuple[int, ...]]":
    """Return what shows that a checkpoint's file is another one, by name; () for a folder without such a file."""
    top = os.path.join(store.root, *store.parts(COLLECTION))
    signs: dict[str, tuple[int, ...]] = {}
    try:
        names = os.listdir(top)
    except OSError:
        return {}  # `entries` raises the error if there is one
    for name in names:
        try:
            status = os.lstat(os.path.join(top, name, _FILE))
            signs[name] = (status.st_ino, status.st_size, status.st_mtime_ns)
        except OSError:
            signs[name] = ()
    return signs


def _draft(
    store: FileStore, seen: _Seen, older: list[Entry], head: "Head | None", *, session_id: str, description: str
) -> _Draft:
    path = store.shown_path(KEY)
    body = next((body for key, body, _ in seen.documents if key == KEY), None)
    if body is None:
        hint = "session project start ID begins one"
        if any(entry.valid for entry in older):
            hint += "; session checkpoint restore brings the last one back"
        raise SessionError(f"{path} is missing: there is nothing to record", hint)
    state = states.parse(body, path)
    if not session_id:
        session = state.get("currentSession")
        open_id = session.get("id") if isinstance(session, dict) else session
        session_id = open_id if isinstance(open_id, str) else ""
    files, left_out = _recorded_files(store, seen.documents)
    name, checkpoint = _build(store, older, files, head, session_id=session_id, description=description)
    return _Draft(name, checkpoint, left_out, [entry for entry in older if entry.valid])


def delete(store: FileStore, name: str, *, timeout_s: float) -> None:
    """Delete the checkpoint `name`, even if it is malformed. SessionError if there is none."""
    with store.transaction(timeout_s, create=False) as tx:
        if not tx.delete((COLLECTION, name)):
            raise unknown(name)
        tx.delete((_STATES, name))


def current_head(store: FileStore) -> "Head | None":
    """Return the branch and the commit of the project's repository. Call this before taking the lock: git is slow."""
    from session.host.git.repository import Repository  # cost: only for writers

    return Repository(store.root).head()


def is_recorded(store: FileStore, key: "Key") -> bool:
    """Return True if checkpoints of this store record the document."""
    rows = _rows(store)
    return key in rows or (key[0], None) in rows


def keys(store: FileStore) -> "list[Key]":
    """Return the keys of the documents that a checkpoint records now, including unreadable documents."""
    result: list[Key] = []
    for collection, name in _rows(store):
        names = [entry[0] for entry in store.scan(collection)] if name is None else [name]
        result += [(collection, name) for name in names]
    return result


def _rows(store: FileStore) -> tuple[tuple[str, str | None], ...]:
    return _RECORDED if store.own_place is None else _RECORDED[:1]


def current_files(store: FileStore, tx: Transaction) -> tuple[list[File], list[str]]:
    """Return the documents to record, and a line for each one that is left out because it is malformed."""
    return _recorded_files(store, _documents(store, tx.read))


def _documents(store: FileStore, read: "Callable[[Key], bytes | None]") -> "list[tuple[Key, bytes | None, str]]":
    """Return each document that a checkpoint records, with its bytes, or the reason why it can't be read."""
    documents: list[tuple[Key, bytes | None, str]] = []
    for key in keys(store):
        try:
            documents.append((key, read(key), ""))
        except SessionError as error:
            if error.is_fault:
                raise
            documents.append((key, None, str(error)))
    return documents


def _recorded_files(store: FileStore, documents: "list[tuple[Key, bytes | None, str]]") -> tuple[list[File], list[str]]:
    files, left_out = [], []
    for key, body, error in documents:
        if error:
            left_out.append(f"not recorded: {error}")
        elif body is None or is_null(body):
            continue
        elif object_or_none(body) is None:
            left_out.append(f"not recorded: {store.shown_path(key)} is not a JSON object")
        else:
            files.append(File(key, store.path_of(key), body))
    return files, left_out


def is_null(body: bytes) -> bool:
    """Return True if the document holds `null`, which some tools write when they end a session."""
    return body.strip() == b"null"


def put(
    store: FileStore,
    tx: Transaction,
    older: list[Entry],
    files: list[File],
    head: "Head | None",
    *,
    session_id: str = "",
    description: str,
    before_restore_of: str = "",
) -> str:
    """Buffer a write of a new checkpoint with these files; return its id. `older` are all existing checkpoints."""
    name, body = _build(
        store,
        older,
        files,
        head,
        session_id=session_id,
        description=description,
        before_restore_of=before_restore_of,
    )
    tx.put((COLLECTION, name), body)
    return name


def _build(
    store: FileStore,
    older: list[Entry],
    files: list[File],
    head: "Head | None",
    *,
    session_id: str,
    description: str,
    before_restore_of: str = "",
) -> tuple[str, bytes]:
    """Return the id and the bytes of a new checkpoint."""
    now_ms = clock.now_ms()
    name = next_id((entry.name for entry in older), now_ms)
    try:
        body = document.build(
            name,
            clock.iso(now_ms),
            files,
            session_id=session_id,
            description=description,
            branch="" if head is None else head.branch,
            commit="" if head is None else head.commit,
            before_restore_of=before_restore_of,
        )
    except SessionError as error:
        raise SessionError(f"{store.shown_path(KEY)} is {error.message}; nothing changed", error.hint) from None
    return name, body


def prune(tx: Transaction, older: list[Entry]) -> None:
    """Delete the oldest of the checkpoints `older`, so that there are at most KEEP with the new one.

    The newest comes first in `older`, and the new one is not in it.
    """
    for entry in older[KEEP - 1 :]:
        tx.delete((COLLECTION, entry.name))
        tx.delete((_STATES, entry.name))
