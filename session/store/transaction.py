"""Transaction: reads, and buffered changes. Leaving it without an exception commits all of them, or none.

A transaction changes the documents of one place. A single change commits by one rename or unlink; commit.py commits
several changes. A transaction that finds the journal of a dead writer finishes that commit first. README.md in this
folder lists the order of the steps.

Import circle: this module imports files.py when it loads; files.py imports this module only inside a function. This
module imports commit.py and intentions.py inside functions.
"""

from session.errors import SessionError, Unconfirmed
from session.root import STATE
from session.store import paths
from session.store.disk import MAX_BYTES
from session.store.files import NOTHING_CHANGED, FileStore, Folder
from session.store.lock import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import TypeVar

    T = TypeVar("T")

    from session.store.files import Key, Place
    from session.store.journal import Change


class Transaction:
    """A transaction in one place of a store, which `FileStore.transaction` makes. It can be entered once."""

    def __init__(
        self, store: FileStore, timeout_s: float, create: bool, place: "Place", *, is_finishing: bool = False
    ) -> None:
        self._store = store
        self._timeout_s = timeout_s
        self._create = create
        self._place = place
        self._parts = store.place_parts(place)
        self._is_finishing = is_finishing  # it carries out an intention itself
        self._base: Folder | None = None  # the open place
        self._lock: Lock | None = None
        self._seen: dict[Key, bytes | None] = {}
        self._changes: dict[Key, bytes | None] = {}

    def __enter__(self) -> "Transaction":
        if self._place is not STATE and self._store.own_place is None and not self._is_finishing:
            # before this place's lock, because it takes the lock of ia/state: nobody holds two locks at once
            from session.store import intentions  # cost: not for ia/state

            intentions.prepare_place(self._store, self._place, self._timeout_s, create=self._create)
        parts = self._parts
        path = parts
        try:
            self._base = self._store.folder(parts)
            if self._base is None and self._create:
                self._base = self._make(parts)
                if self._place is STATE or self._store.own_place is not None:
                    made = "/".join(parts)  # the message: "created ia/state in …"
                    self._store.notices.append(f"created {made} in {self._store.root}")
            if self._base is not None:
                path = (*parts, paths.LOCK)
                self._lock = Lock(self._base, self._timeout_s)
                path = parts
                if not self._lock.clean:
                    from session.store.repair import repair_place  # cost: only after a crash, or the first time

                    repair_place(self._store, self._place, self._base)
                unfinished = self._store.pending(self._base, self._place)
                if unfinished:
                    self._finish_earlier(self._base, unfinished)
        except OSError as error:
            self._close(clean=False)
            raise self._store.problem("use", "/".join(path), error, NOTHING_CHANGED) from error
        except Unconfirmed as error:  # from the repair or the earlier commit: this transaction has written nothing
            self._close(clean=False)
            raise SessionError(f"can't go on from here: {error.message}{NOTHING_CHANGED}", error.hint) from error
        except BaseException:
            self._close(clean=False)
            raise
        return self

    def _finish_earlier(self, base: Folder, changes: "dict[Key, Change]") -> None:
        """Finish the commit that a dead writer left in the journal, which holds these changes."""
        try:
            self._finish_journal(base, changes)
        except Unconfirmed:
            raise
        except SessionError as error:
            journal = base.path + paths.JOURNAL
            message = f"{journal} holds a commit that can't be finished: {error.message}{NOTHING_CHANGED}"
            raise SessionError(message, error.hint or "mend that first") from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        clean = False
        try:
            if kind is None and self._changes:
                self._commit()
            clean = True
        finally:
            self._close(clean=clean)

    def read(self, key: "Key") -> bytes | None:
        """Return the document's bytes as they will be after this transaction, or None if there is none.

        A document of another place is read as any reader would: this transaction does not hold its lock.
        """
        if key in self._changes:
            return self._changes[key]
        if key not in self._seen:
            try:
                if paths.place_of(key[0]) != self._place:
                    self._seen[key] = self._store.read(key)
                else:
                    self._seen[key] = self._store.body(key, self._base) if self._base else None
            except OSError as error:
                raise self._store.problem("read", self._store.path_of(key), error) from error
        return self._seen[key]

    def put(self, key: "Key", data: bytes) -> None:
        """Buffer a write of `data`; the commit makes it durable."""
        if self._base is None:
            raise RuntimeError("put in a transaction that creates nothing")
        if paths.place_of(key[0]) != self._place:
            raise RuntimeError(f"put of {key} in a transaction of another place")
        if len(data) > MAX_BYTES:
            path = self._store.shown_path(key)
            raise SessionError(f"{path} would be too large: more than {MAX_BYTES >> 20} MiB{NOTHING_CHANGED}")
        self._changes[key] = data

    def delete(self, key: "Key") -> bool:
        """Buffer a delete; return True if there is a document. This does not read it, so it may be damaged."""
        if key in self._changes:
            existed = self._changes[key] is not None
        else:
            existed = self._base is not None and self._exists(key)
        if existed:
            self._changes[key] = None
        return existed

    def taken(self, key: "Key") -> bool:
        """Return True if anything, even a folder, is in the place of the document."""
        if self._changes.get(key) is not None:
            return True
        if paths.place_of(key[0]) != self._place:
            return self._store.taken(key)
        return self._at(key, Folder.status) is not None

    def _exists(self, key: "Key") -> bool:
        return bool(self._at(key, Folder.has))

    def _at(self, key: "Key", ask: "Callable[[Folder, str], T]") -> "T | None":
        """Return `ask(folder, file)` for the place of the document, or None if its folder does not exist."""
        try:
            target = self.target(key, make=False) if self._base else None
            if target is None:
                return None
            folder, file = target
            try:
                return ask(folder, file)
            finally:
                folder.close()
        except NotADirectoryError:
            return None
        except OSError as error:
            raise self._store.problem("read", self._store.path_of(key), error) from error

    def target(self, key: "Key", *, make: bool) -> "tuple[Folder, str] | None":
        """Return the folder of the document's file, open, and the file's name; None if there is no folder.

        With `make`, missing folders are made. OSError if that fails.
        """
        assert self._base is not None
        own, file = paths.file_of(*key)
        above = self._store.folder_of(key[0], self._base)
        if above is None:
            if not make:
                return None
            above = self._make(self._store.parts(key[0]))
        if not own:
            return above, file
        try:
            folder = above.below(own) or (above.make_child(own) if make else None)
        finally:
            above.close()
        if folder is not None and folder.status(paths.LOCK) is not None:
            path = folder.path
            folder.close()
            raise SessionError(f"{path} has a lock of its own: it holds other documents", "use another name")
        return None if folder is None else (folder, file)

    def _make(self, parts: tuple[str, ...]) -> Folder:
        """Return the folder `parts` below the root, open; make it if it is missing.

        A folder inside the place is made from the open place. By its path, it could be made in a new folder after
        somebody deleted the old one, and our lock would not protect that one.
        """
        base = self._base
        folder = Folder.at(self._store.root, self._store.shown) if base is None else base
        link = base is None
        for part in parts if base is None else parts[len(self._parts) :]:
            above = folder
            try:
                folder = above.child(part, link=link) or above.make_child(part)
            finally:
                if above is not base:
                    above.close()
            link = False
        return folder.duplicate() if folder is base else folder

    def _commit(self) -> None:
        """Make the buffered changes durable: one directly, several through a journal."""
        assert self._base is not None
        if len(self._changes) > 1:
            from session.store.commit import commit_together  # cost: hashlib, only for several changes

            before = {key: self._before(key, self._base) for key in self._changes}
            return commit_together(self, self._store, self._place, self._base, self._changes, before)
        [(key, data)] = self._changes.items()
        try:
            self._apply(key, data)
        except OSError as error:
            raise self._store.change_problem(key, data, error, NOTHING_CHANGED) from error

    def _before(self, key: "Key", base: Folder) -> bytes | None:
        """Return the document's bytes on which this transaction decided: as it read them, or else as they are now."""
        if key in self._seen:
            return self._seen[key]
        try:
            return self._store.body(key, base)
        except OSError as error:
            raise self._store.problem("read", self._store.path_of(key), error, NOTHING_CHANGED) from error

    def _finish_journal(self, base: Folder, changes: "dict[Key, Change]") -> None:
        """Apply the journal, and remove it. After a crash in the middle, a second call does the rest."""
        base.sync()  # the process that renamed it into place may have died before the rename was durable
        for key, data in self._without_other_places(changes).items():
            try:
                self._apply(key, data)
            except OSError as error:
                raise self._store.change_problem(key, data, error) from error
        base.remove(paths.JOURNAL)

    def _without_other_places(self, changes: "dict[Key, Change]") -> "dict[Key, bytes | None]":
        """Return what each document of this place must become, without those that are as they must be.

        The journal of an earlier version may hold changes of other places: they become an intention.
        """
        assert self._base is not None
        outcomes: dict[Key, bytes | None] = {}
        mine = {key: change for key, change in changes.items() if paths.place_of(key[0]) == self._place}
        if len(mine) < len(changes):
            from session.store import intentions  # cost: once, after an update of this program

            intention, packed = intentions.for_earlier_journal(changes, self._place)
            outcomes[intention] = packed
        for key, change in mine.items():
            try:
                current = self._store.body(key, self._base)
            except OSError as error:
                raise self._store.problem("read", self._store.path_of(key), error) from error
            data = change.outcome(current)
            if data != current:
                outcomes[key] = data
        return outcomes

    def _apply(self, key: "Key", data: bytes | None) -> None:
        """Write or delete the document's file, durably; make folders that are missing, remove its empty own folder."""
        target = self.target(key, make=data is not None)
        if target is None:
            return
        folder, file = target
        try:
            if data is None:
                folder.remove(file)
            else:
                folder.replace(file, data)
        finally:
            folder.close()
        if data is None:
            self.remove_own_folder(key)

    def remove_own_folder(self, key: "Key") -> None:
        """Remove the document's own folder, if it has one and nothing is left in it. OSError."""
        assert self._base is not None
        own, _ = paths.file_of(*key)
        above = self._store.folder_of(key[0], self._base) if own else None
        if above is not None:
            try:
                above.remove_child(own)
            finally:
                above.close()

    def _close(self, *, clean: bool) -> None:
        if self._lock is not None:
            self._lock.release(clean=clean)
            self._lock = None
        if self._base is not None:
            self._base.close()
            self._base = None
