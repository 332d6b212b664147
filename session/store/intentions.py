"""Intentions: changes that another place has yet to receive, recorded in ia/state.

A commit touches one place. An operation on two places goes only forward. First, the commit in ia/state also holds a
record: what the other place will receive, and the hashes of what that replaces. Then the other place commits it. Then
the record is deleted. If the process dies in between, the next writer of the other place finds the record and finishes
it. A reader may see one place changed before the other.

Import circle: transaction.py imports this module inside a function.
"""

from session.errors import SessionError
from session.root import STATE
from session.store import journal
from session.store.files import NOTHING_CHANGED
from session.store.paths import TEMPORARY, file_of, place_of
from session.store.transaction import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from session.store.files import FileStore, Key, Place

COLLECTION = "intentions"


def record(
    tx: Transaction, name: str, changes: "Mapping[Key, bytes | None]", before: "Mapping[Key, bytes | None]"
) -> None:
    """Buffer a record of changes for other places in a transaction of ia/state. `finish` carries them out."""
    decided = {key: journal.change_of(data, before[key]) for key, data in changes.items()}
    tx.put((COLLECTION, name), journal.pack(journal.ELSEWHERE, decided))


def check(store: "FileStore", place: "Place", changes: "Mapping[Key, bytes]", timeout_s: float) -> None:
    """Raise SessionError unless the place can receive the changes; change nothing.

    An operation on two places asks before its first commit, because it cannot go back after that.
    """
    with Transaction(store, timeout_s, True, place) as tx:
        for key, data in changes.items():
            try:
                target = tx.target(key, make=True)
                assert target is not None
                folder, name = target
                try:
                    folder.check_changeable(name)
                    folder.prepare(TEMPORARY, name, data)
                    folder.discard_temporary()
                finally:
                    folder.close()
            except OSError as error:
                raise store.change_problem(key, data, error, NOTHING_CHANGED) from error


def for_earlier_journal(changes: "Mapping[Key, journal.Change]", place: "Place") -> "tuple[Key, bytes]":
    """Return the key and the bytes of a record of those changes that do not belong to `place`."""
    others = {key: change for key, change in changes.items() if place_of(key[0]) != place}
    packed = journal.pack(journal.ELSEWHERE, others)
    return (COLLECTION, f"earlier-journal-{journal.digest(packed)}"), packed


def prepare_place(store: "FileStore", place: "Place", timeout_s: float, *, create: bool) -> None:
    """Do what a writer of a place other than ia/state does first: finish intentions, and mark the root.

    It takes one lock after the other, and holds none afterwards.
    """
    finish(store, place, timeout_s)
    if create:
        _mark_root(store, place, timeout_s)


def finish(store: "FileStore", place: "Place", timeout_s: float) -> None:
    """Carry out what is recorded for `place`, and delete the record.

    SessionError if the place cannot be written, or the record cannot be deleted. A record that cannot be read is left
    alone; a notice names it.
    """
    try:
        entries = list(store.scan(COLLECTION))
    except SessionError:  # ia/state has a fault of its own, which must not stop another place
        return
    for name, body, error in entries:
        key = (COLLECTION, name)
        try:
            if _is_foreign(store, name):
                continue
            if body is None:
                raise error or SessionError(f"{store.shown_path(key)} can't be read")
            changes = journal.unpack(body, store.shown_path(key), journal.ELSEWHERE)
        except SessionError as damage:
            store.notices.append(f"not finished: {damage}")
            continue
        mine = {each: change for each, change in changes.items() if place_of(each[0]) == place}
        if mine and _carry_out(store, place, key, body, mine, timeout_s):
            rest = {each: change for each, change in changes.items() if each not in mine}
            _forget(store, key, body, journal.pack(journal.ELSEWHERE, rest) if rest else None, timeout_s)


def _is_foreign(store: "FileStore", name: str) -> bool:
    """Return True if the record came with a clone, or from another user in a shared folder. A notice names it."""
    _, file = file_of(COLLECTION, name)
    folder = store.folder(store.parts(COLLECTION))
    if folder is None:
        return False
    try:
        return store.is_foreign(folder, STATE, file)
    finally:
        folder.close()


def _carry_out(
    store: "FileStore",
    place: "Place",
    key: "Key",
    body: bytes,
    changes: "Mapping[Key, journal.Change]",
    timeout_s: float,
) -> bool:
    """Commit the changes in their place; return False if another process has finished them meanwhile."""
    with Transaction(store, timeout_s, True, place, is_finishing=True) as tx:
        if store.read(key) != body:
            return False
        for each, change in changes.items():
            current = tx.read(each)
            data = change.outcome(current)
            if data is None:
                tx.delete(each)
            elif data != current:
                tx.put(each, data)
    return True


def _forget(store: "FileStore", key: "Key", body: bytes, rest: bytes | None, timeout_s: float) -> None:
    """Delete the record, or keep only the `rest` of it. SessionError if that fails.

    Then the writer must not go on: the next one would carry out the record once more, over what this one writes now.
    """
    with store.transaction(timeout_s, create=False) as tx:
        if tx.read(key) != body:
            return
        if rest is None:
            tx.delete(key)
        else:
            tx.put(key, rest)


def _mark_root(store: "FileStore", place: "Place", timeout_s: float) -> None:
    """Make ia/state and its ignore rules, if they are missing: they make the folder a root, and keep state out of git.

    The entry protocol's place does without them if ia/state cannot be written.
    """
    try:
        folder = store.folder(STATE)
        is_marked = False
        if folder is not None:
            is_marked = folder.status(".gitignore") is not None
            folder.close()
        if not is_marked:
            with store.transaction(timeout_s):
                pass  # the first holder of the lock makes both
    except OSError as error:
        if place[: len(STATE)] == STATE:
            raise store.problem("use", "/".join(STATE), error) from error
    except SessionError:
        if place[: len(STATE)] == STATE:
            raise
