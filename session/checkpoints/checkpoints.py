"""Checkpoints of a project: made, listed, dropped, each in one commit (seed: 000)."""

from typing import NamedTuple

from session.checkpoints import document as documents
from session.checkpoints.document import Checkpoint, File, object_in
from session.checkpoints.ids import next_id, order
from session.entry.documents import FEATURES as ENTRY_FEATURES
from session.entry.documents import STATE as ENTRY_STATE
from session.errors import SessionError
from session.host import clock
from session.project import state as states
from session.project.location import KEY
from session.store.files import FileStore
from session.store.transaction import Transaction
from session.workflow.state import COLLECTION as SESSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.host.git.repository import Head
    from session.store.files import Key

COLLECTION = "checkpoints"
KEEP = 50  # of those that were made, and as many of those that restores made
_STATES = "checkpoint_states"  # copies of the state, which the scripts of the seed put beside the documents

# What a checkpoint records: one document, or all of a collection. Of a folder that is nothing but state: the first row.
_RECORDED: tuple[tuple[str, str | None], ...] = (
    KEY,
    (SESSIONS, None),
    ENTRY_STATE,
    ENTRY_FEATURES,
)


class Entry(NamedTuple):
    """A checkpoint and where it is: what it tells without what it recorded, None if it tells nothing; why not to rely
    on it; and the fault of the system that kept it from being read, if that is why."""

    name: str
    path: str
    checkpoint: Checkpoint | None
    problems: list[str]
    fault: SessionError | None

    @property
    def valid(self) -> bool:
        """Whether to restore it unasked."""
        return self.checkpoint is not None and self.checkpoint.valid


class Created(NamedTuple):
    """What `create` did: the checkpoint's id; and what could not be recorded, and why."""

    name: str
    left_out: list[str]


def entries(store: FileStore) -> list[Entry]:
    """All checkpoints, newest first."""
    found = []
    for name, body, error in store.scan(COLLECTION):
        checkpoint = None
        problems = [] if error is None else [str(error)]
        if body is not None:
            try:
                checkpoint = documents.parse(body).without_content()
                problems = checkpoint.problems
            except SessionError as unusable:
                problems = [unusable.message]
        fault = error if error is not None and error.is_fault else None
        found.append(Entry(name, store.shown_path((COLLECTION, name)), checkpoint, problems, fault))
    found.sort(key=lambda entry: order(entry.name, entry.checkpoint.created if entry.checkpoint else ""), reverse=True)
    return found


def find(store: FileStore, known: list[Entry], wanted: str | None) -> tuple[Entry, Checkpoint]:
    """The checkpoint called `wanted`, whole; without a name, the newest valid one. SessionError where there is none."""
    if wanted is None:
        entry = next((entry for entry in known if entry.valid or entry.fault), None)
        if entry is not None and entry.fault is not None:  # it may well be the one
            raise entry.fault
    else:
        entry = next((entry for entry in known if entry.name == wanted), None)
    body = None if entry is None else store.read((COLLECTION, entry.name))
    if entry is None or body is None:
        raise unknown(wanted) if wanted is not None or not known else _all_broken(known)
    try:
        return entry, documents.parse(body)
    except SessionError as error:
        raise SessionError(f"{entry.path} {error.message}", error.hint) from None


def unknown(wanted: str | None) -> SessionError:
    """What is said where there is no checkpoint, or none called `wanted`."""
    if wanted is None:
        return SessionError("there is no checkpoint", "session_manager verify says how the project's state is")
    return SessionError(f"no checkpoint is called {wanted}", "session checkpoint list names them")


def _all_broken(known: list[Entry]) -> SessionError:
    entry = next((entry for entry in known if entry.problems), None)
    why = f", the newest: {entry.path} {entry.problems[0]}" if entry else ""
    return SessionError(f"no checkpoint is valid{why}", "session checkpoint list names them")


def create(store: FileStore, *, session_id: str, description: str, timeout_s: float) -> Created:
    """Record everything as it is now. SessionError where the project's state is missing or broken: then nothing is.

    Without a `session_id`, it is that of the session under way.
    """
    head = checked_out(store)
    with store.transaction(timeout_s, create=False) as tx:
        path = store.shown_path(KEY)
        body = tx.read(KEY)
        if body is None:
            hint = "session_manager start ID begins one, checkpoint restore brings the last one back"
            raise SessionError(f"{path} is missing: there is nothing to record", hint)
        state = states.parse(body, path)
        if not session_id:
            session = state.get("currentSession")
            under_way = session.get("id") if isinstance(session, dict) else session
            session_id = under_way if isinstance(under_way, str) else ""
        files, left_out = present(store, tx)
        known = entries(store)
        name = put(store, tx, known, files, head, session_id=session_id, description=description)
        prune(tx, [entry for entry in known if entry.valid])
    return Created(name, left_out)


def delete(store: FileStore, wanted: str, *, timeout_s: float) -> None:
    """Drop a checkpoint, whatever it holds. SessionError where there is none."""
    with store.transaction(timeout_s, create=False) as tx:
        if not tx.delete((COLLECTION, wanted)):
            raise unknown(wanted)
        tx.delete((_STATES, wanted))


def checked_out(store: FileStore) -> "Head | None":
    """The branch and the commit of the project's repository. Not to be asked with the lock held."""
    from session.host.git.repository import Repository  # cost: for those who write

    return Repository(store.root).head()


def recorded(store: FileStore, key: "Key") -> bool:
    """Whether checkpoints of this store record that document."""
    rows = _rows(store)
    return key in rows or (key[0], None) in rows


def keys(store: FileStore) -> "list[Key]":
    """What there is to record, what can't be read included."""
    found: list[Key] = []
    for collection, name in _rows(store):
        names = [each for each, *_ in store.scan(collection)] if name is None else [name]
        found += [(collection, each) for each in names]
    return found


def _rows(store: FileStore) -> tuple[tuple[str, str | None], ...]:
    return _RECORDED if store.state else _RECORDED[:1]


def present(store: FileStore, tx: Transaction) -> tuple[list[File], list[str]]:
    """The documents to record; and which can't be, and why: what is broken now is of no use later."""
    files, left_out = [], []
    for key in keys(store):
        try:
            body = tx.read(key)
        except SessionError as error:
            if error.is_fault:
                raise
            left_out.append(f"not recorded: {error}")
            continue
        if body is None or is_null(body):
            continue
        if object_in(body) is None:
            left_out.append(f"not recorded: {store.shown_path(key)} is not a JSON object")
        else:
            files.append(File(key, store.path_of(key), body))
    return files, left_out


def is_null(body: bytes) -> bool:
    """Whether the document says that there is nothing, as some tools leave a session that has ended."""
    return body.strip() == b"null"


def put(
    store: FileStore,
    tx: Transaction,
    known: list[Entry],
    files: list[File],
    head: "Head | None",
    *,
    session_id: str = "",
    description: str,
    before_restore_of: str = "",
) -> str:
    """Have a checkpoint of the files, next to those that are known. Its id."""
    now_ms = clock.now_ms()
    name = next_id((entry.name for entry in known), now_ms)
    try:
        document = documents.build(
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
    tx.put((COLLECTION, name), document)
    return name


def prune(tx: Transaction, older: list[Entry]) -> None:
    """Drop those that are too many, one more being added to the `older` ones, newest first."""
    for entry in older[KEEP - 1 :]:
        tx.delete((COLLECTION, entry.name))
        tx.delete((_STATES, entry.name))
