"""Transaction: reads, and buffered changes. Leaving it without an exception commits all of them, or none.

A single change commits by one rename or unlink. Several changes commit by renaming a journal into place. The
transaction then applies the journal and removes it before it releases the lock. A transaction that finds the journal
of a dead writer finishes it first. README.md in this folder lists the order of the steps.

Import circle: this module imports files.py when it loads; files.py imports this module only inside a function.
"""

from session.errors import SessionError, Unconfirmed
from session.store import paths
from session.store.disk import MAX_BYTES
from session.store.files import JOURNAL_BYTES, NOTHING_CHANGED, FileStore, Folder
from session.store.lock import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import TypeVar

    T = TypeVar("T")

    from session.store.files import Key


class Transaction:
    """A transaction of one store, which `FileStore.transaction` makes. It can be entered once."""

    def __init__(self, store: FileStore, timeout_s: float, create: bool) -> None:
        self._store = store
        self._timeout_s = timeout_s
        self._create = create
        self._state: Folder | None = None
        self._lock: Lock | None = None
        self._seen: dict[Key, bytes | None] = {}
        self._changes: dict[Key, bytes | None] = {}

    def __enter__(self) -> "Transaction":
        place = self._store.state
        at = place
        try:
            self._state = self._store.folder(place)
            if self._state is None and self._create:
                self._state = self._make(place)
                self._store.notices.append(f"created {'/'.join(place)} in {self._store.root}")
            if self._state is not None:
                at = (*place, paths.LOCK)
                self._lock = Lock(self._state, self._timeout_s)
                at = place
                if not self._lock.clean:
                    from session.store.repair import repair_folders  # cost: only after a crash, or the first time

                    repair_folders(self._store, self._state)
                if self._store.pending(self._state):
                    self._finish_earlier(self._state)
        except OSError as error:
            self._close(clean=False)
            raise self._store.problem("use", "/".join(at), error, NOTHING_CHANGED) from error
        except Unconfirmed as error:  # from the repair or the earlier commit: this transaction has written nothing
            self._close(clean=False)
            raise SessionError(f"can't go on from here: {error.message}{NOTHING_CHANGED}", error.hint) from error
        except BaseException:
            self._close(clean=False)
            raise
        return self

    def _finish_earlier(self, state: Folder) -> None:
        """Finish the commit that a dead writer left in the journal."""
        try:
            self._finish_journal(state)
        except Unconfirmed:
            raise
        except SessionError as error:
            journal = state.path + paths.JOURNAL
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
        """Return the document's bytes as they will be after this transaction, or None if there is none."""
        if key in self._changes:
            return self._changes[key]
        if key not in self._seen:
            try:
                self._seen[key] = self._store.body(key, self._state) if self._state else None
            except OSError as error:
                raise self._store.problem("read", self._store.path_of(key), error) from error
        return self._seen[key]

    def put(self, key: "Key", data: bytes) -> None:
        """Add a write of `data` to this transaction; the commit makes it durable."""
        if self._state is None:
            raise RuntimeError("put in a transaction that creates nothing")
        if len(data) > MAX_BYTES:
            path = self._store.shown_path(key)
            raise SessionError(f"{path} would be too large: more than {MAX_BYTES >> 20} MiB{NOTHING_CHANGED}")
        self._changes[key] = data

    def delete(self, key: "Key") -> bool:
        """Add a delete to this transaction; return True if there is a document. It may be damaged: nothing reads it."""
        if key in self._changes:
            existed = self._changes[key] is not None
        else:
            existed = self._state is not None and self._exists(key)
        if existed:
            self._changes[key] = None
        return existed

    def taken(self, key: "Key") -> bool:
        """Return True if anything, even a folder, is in the place of the document."""
        return self._changes.get(key) is not None or self._at(key, Folder.status) is not None

    def _exists(self, key: "Key") -> bool:
        return bool(self._at(key, Folder.has))

    def _at(self, key: "Key", ask: "Callable[[Folder, str], T]") -> "T | None":
        """Return `ask(folder, file)` for the place of the document, or None if its folder does not exist."""
        own, file = paths.file_of(*key)
        try:
            above = self._store.folder(self._store.parts(key[0]), self._state) if self._state else None
            if above is None:
                return None
            try:
                folder = above.below(own) if own else above
                if folder is None:
                    return None
                try:
                    return ask(folder, file)
                finally:
                    if folder is not above:
                        folder.close()
            finally:
                above.close()
        except NotADirectoryError:
            return None
        except OSError as error:
            raise self._store.problem("read", self._store.path_of(key), error) from error

    def _make(self, parts: tuple[str, ...]) -> Folder:
        """Return the folder `parts` below the root, open; make it if it is missing.

        A folder inside the state folder is made from the open state folder, not by its path. If somebody deleted the
        state folder, the path could lead into a new one, which our lock does not protect.
        """
        state = self._state
        depth = len(self._store.state)
        if state is not None and parts[:depth] == self._store.state:
            folder, parts = state, parts[depth:]
        else:
            folder = Folder.at(self._store.root, self._store.shown)
        link = folder is not state
        for part in parts:
            above = folder
            try:
                folder = above.child(part, link=link) or above.make_child(part)
            finally:
                if above is not state:
                    above.close()
            link = False
        return folder

    def _commit(self) -> None:
        """Make the buffered changes durable: one directly, several through a journal."""
        assert self._state is not None
        if len(self._changes) == 1:
            [(key, data)] = self._changes.items()
            try:
                self._apply(key, data)
            except OSError as error:
                doing = "delete" if data is None else "write"
                raise self._store.problem(doing, self._store.path_of(key), error, NOTHING_CHANGED) from error
            return
        from session.store import journal  # cost: hashlib, only for several changes

        packed = journal.pack(self._changes, {key: self._before(key, self._state) for key in self._changes})
        if len(packed) > JOURNAL_BYTES:
            raise SessionError(f"one commit of more than {JOURNAL_BYTES >> 20} MiB: refused{NOTHING_CHANGED}")
        try:
            self._state.replace(paths.JOURNAL, packed)
        except OSError as error:
            path = "/".join((*self._store.state, paths.JOURNAL))
            raise self._store.problem("write", path, error, NOTHING_CHANGED) from error
        try:
            self._finish_journal(self._state)
        except (OSError, ImportError, SessionError) as error:
            raise Unconfirmed(
                f"committed, but not yet in its files: {error}",
                "mend that; the next command that writes finishes it",
            ) from error

    def _before(self, key: "Key", state: Folder) -> bytes | None:
        """Return the document's bytes before this transaction: as it read them, or else as they are now."""
        if key in self._seen:
            return self._seen[key]
        try:
            return self._store.body(key, state)
        except OSError as error:
            raise self._store.problem("read", self._store.path_of(key), error, NOTHING_CHANGED) from error

    def _finish_journal(self, state: Folder) -> None:
        """Apply the journal, and remove it. After a crash in the middle, a second call does the rest."""
        changes = self._store.pending(state)
        if not changes:
            return
        state.sync()  # the process that renamed it into place may have died before the rename was durable
        for key, change in changes.items():
            try:
                current = self._store.body(key, state)
                data = change.outcome(current)
                if data != current:
                    self._apply(key, data)
            except OSError as error:
                doing = "delete" if change.data is None else "write"
                raise self._store.problem(doing, self._store.path_of(key), error) from error
        state.remove(paths.JOURNAL)

    def _apply(self, key: "Key", data: bytes | None) -> None:
        """Write or delete the document's file, durably; make folders that are missing, remove its empty own folder."""
        own, file = paths.file_of(*key)
        parts = self._store.parts(key[0])
        above = self._store.folder(parts, self._state)
        if above is None:
            if data is None:
                return
            above = self._make(parts)
        try:
            folder = above.below(own) if own else above
            if folder is None:
                if data is None:
                    return
                folder = above.make_child(own)
            try:
                if data is None:
                    folder.remove(file)
                else:
                    folder.replace(file, data)
            finally:
                if folder is not above:
                    folder.close()
            if own and data is None:
                above.remove_child(own)
        finally:
            above.close()

    def _close(self, *, clean: bool) -> None:
        if self._lock is not None:
            self._lock.release(clean=clean)
            self._lock = None
        if self._state is not None:
            self._state.close()
            self._state = None
