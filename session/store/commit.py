"""Commit several changes of one place: prepare them, rename the journal into place, apply them, remove the journal.

Everything that can fail is tried before the journal: every folder is opened or made, every new file is written and
synced beside its target. What cannot be prepared fails with nothing changed. If applying fails all the same, the
journal stays, and the next transaction of this place finishes it from the journal's bytes alone. Other places go on.
"""

from session.errors import SessionError, Unconfirmed
from session.store import journal, paths
from session.store.files import JOURNAL_BYTES, NOTHING_CHANGED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from session.store.files import FileStore, Folder, Key, Place
    from session.store.journal import Change
    from session.store.transaction import Transaction


_MOST_OPEN = 32  # folders of one commit; a process may open few files


class _Prepared:
    """A change that only waits for a rename or an unlink of the file `name` in the folder at `path`."""

    __slots__ = ("change", "key", "name", "path", "temporary")

    def __init__(self, key: "Key", change: "Change", path: str, name: str, temporary: str) -> None:
        self.key = key
        self.change = change
        self.path = path
        self.name = name
        self.temporary = temporary  # the file with the new bytes; "" for a deletion


class _Folders:
    """The open folders of a commit, by path: each is opened once, and the one used last is closed if there are many."""

    def __init__(self, tx: "Transaction") -> None:
        self.tx = tx
        self._open: dict[str, Folder] = {}

    def open(self, key: "Key", *, make: bool) -> "tuple[Folder, str] | None":
        """Return the folder of the document's file, and the file's name; None if there is no folder."""
        target = self.tx.target(key, make=make)
        if target is None:
            return None
        folder, name = target
        known = self._open.get(folder.path)
        if known is not None:
            folder.close()
            return known, name
        if len(self._open) >= _MOST_OPEN:
            self._open.popitem()[1].close()
        self._open[folder.path] = folder
        return folder, name

    def again(self, prepared: _Prepared) -> "Folder":
        """Return the folder of a prepared change. OSError if it is gone."""
        folder = self._open.get(prepared.path)
        if folder is not None:
            return folder
        target = self.open(prepared.key, make=False)
        if target is None:
            raise FileNotFoundError(2, "the folder is gone")
        return target[0]

    def close(self) -> None:
        """Close all of them."""
        for folder in self._open.values():
            folder.close()
        self._open.clear()


def commit_together(
    tx: "Transaction",
    store: "FileStore",
    place: "Place",
    base: "Folder",
    changes: "Mapping[Key, bytes | None]",
    before: "Mapping[Key, bytes | None]",
) -> None:
    """Commit the changes in `place`, whose open folder is `base`; the caller holds its lock.

    `before` has the bytes of each document on which the commit was decided. SessionError if nothing changed;
    Unconfirmed if the commit stands, but is not in all files yet.
    """
    decided = {key: journal.change_of(data, before[key]) for key, data in changes.items()}
    packed = journal.pack(place, decided)
    if len(packed) > JOURNAL_BYTES:
        raise SessionError(f"one commit of more than {JOURNAL_BYTES >> 20} MiB: refused{NOTHING_CHANGED}")
    prepared: list[_Prepared] = []
    folders = _Folders(tx)
    is_applied = False
    try:
        _prepare(folders, store, decided, prepared)
        try:
            base.replace(paths.JOURNAL, packed)
        except OSError as error:
            path = "/".join((*store.place_parts(place), paths.JOURNAL))
            raise store.problem("write", path, error, NOTHING_CHANGED) from error
        try:
            _apply(folders, store, prepared)
            is_applied = True
            base.remove(paths.JOURNAL)
        except (OSError, ImportError, SessionError) as error:
            raise Unconfirmed(
                f"committed, but not yet in its files: {error}",
                "mend that; the next command that writes there finishes it",
            ) from error
    finally:
        if not is_applied:
            _discard(folders, prepared)
        folders.close()


def _discard(folders: _Folders, prepared: list[_Prepared]) -> None:
    """Remove the prepared files. One that stays does no harm: the next writer removes it."""
    for entry in prepared:
        if entry.temporary:
            try:
                folders.again(entry).discard_temporary(entry.temporary)
            except (OSError, SessionError):
                continue


def _prepare(folders: _Folders, store: "FileStore", changes: "dict[Key, Change]", prepared: list[_Prepared]) -> None:
    """Add each change to `prepared`, ready to be applied. SessionError if one of them can't be."""
    for number, (key, change) in enumerate(changes.items(), 1):
        data = change.data
        temporary = "" if data is None else f"{paths.TEMPORARY}-{number}"
        try:
            target = folders.open(key, make=data is not None)
            if target is None:
                continue  # there is nothing to delete
            folder, name = target
            prepared.append(_Prepared(key, change, folder.path, name, temporary))
            folder.check_changeable(name)
            if data is not None:
                folder.prepare(temporary, name, data)
        except OSError as error:
            raise store.change_problem(key, data, error, NOTHING_CHANGED) from error


def _apply(folders: _Folders, store: "FileStore", prepared: list[_Prepared]) -> None:
    """Rename the prepared files to their names, and delete what is to be deleted, durably.

    A document that another tool has rewritten since the decision, without our lock, keeps its bytes.
    """
    for entry in prepared:
        try:
            folder = folders.again(entry)
            current = folder.read(entry.name)
            if entry.change.outcome(current) == current:
                if entry.temporary:
                    folder.discard_temporary(entry.temporary)
            elif entry.temporary:
                folder.put(entry.temporary, entry.name)
            else:
                folder.remove(entry.name)
                folders.tx.remove_own_folder(entry.key)
        except OSError as error:
            raise store.change_problem(entry.key, entry.change.data, error) from error
