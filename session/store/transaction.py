"""Transaction: reads, and buffered changes that a clean exit commits, all or none.

One change commits by a rename (or an unlink). Several commit by a journal renamed into place, which is then
applied and removed before the lock goes; whoever takes the lock next finishes a journal that it finds.
"""

from session.errors import SessionError, Unconfirmed
from session.store import paths
from session.store.disk import MAX_BYTES
from session.store.files import JOURNAL_BYTES, FileStore, Folder
from session.store.lock import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import TypeVar

    T = TypeVar("T")

    from session.store.files import Key

_NOTHING = "; nothing changed"


class Transaction:
    """Made by `FileStore.transaction`; to be entered once."""

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
                    from session.store.repair import make_good  # cost: hardly ever needed

                    make_good(self._store, self._state)
                if self._store.pending(self._state):
                    self._finish_earlier(self._state)
        except OSError as error:
            self._close(clean=False)
            raise self._store.problem("use", "/".join(at), error, _NOTHING) from error
        except Unconfirmed as error:  # of what was to be done before; of this transaction nothing is written
            self._close(clean=False)
            raise SessionError(f"can't go on from here: {error.message}{_NOTHING}", error.hint) from error
        except BaseException:
            self._close(clean=False)
            raise
        return self

    def _finish_earlier(self, state: Folder) -> None:
        try:
            self._finish_journal(state)
        except Unconfirmed:
            raise
        except SessionError as error:
            journal = state.path + paths.JOURNAL
            wrong = f"{journal} holds a commit that can't be finished: {error.message}{_NOTHING}"
            raise SessionError(wrong, error.hint or "mend that first") from error

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
        """The document's bytes as they will be after this transaction, None where there is none."""
        if key in self._changes:
            return self._changes[key]
        if key not in self._seen:
            try:
                self._seen[key] = self._store.body(key, self._state) if self._state else None
            except OSError as error:
                raise self._store.problem("read", self._store.path_of(key), error) from error
        return self._seen[key]

    def put(self, key: "Key", data: bytes) -> None:
        """Have the document hold `data` after this transaction."""
        if self._state is None:
            raise RuntimeError("put in a transaction that creates nothing")
        if len(data) > MAX_BYTES:
            path = self._store.shown_path(key)
            raise SessionError(f"{path} would be too large: more than {MAX_BYTES >> 20} MiB{_NOTHING}")
        self._changes[key] = data

    def delete(self, key: "Key") -> bool:
        """Have no document after this transaction; whether there was one. Its content is not read."""
        if key in self._changes:
            existed = self._changes[key] is not None
        else:
            existed = self._state is not None and self._exists(key)
        if existed:
            self._changes[key] = None
        return existed

    def taken(self, key: "Key") -> bool:
        """Whether anything at all, a document or not, is where the document would be."""
        return self._changes.get(key) is not None or self._at(key, Folder.status) is not None

    def _exists(self, key: "Key") -> bool:
        return bool(self._at(key, Folder.has))

    def _at(self, key: "Key", ask: "Callable[[Folder, str], T]") -> "T | None":
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
        """The folder `parts` below the root, made where it is missing. Below the open state folder, that is where
        it is made: were that swept away meanwhile, its lock would hold for nothing."""
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
        assert self._state is not None
        if len(self._changes) == 1:
            [(key, data)] = self._changes.items()
            try:
                self._apply(key, data)
            except OSError as error:
                doing = "delete" if data is None else "write"
                raise self._store.problem(doing, self._store.path_of(key), error, _NOTHING) from error
            return
        from session.store import journal  # cost: hashlib, only for commits of several changes

        packed = journal.pack(self._changes, {key: self._before(key, self._state) for key in self._changes})
        if len(packed) > JOURNAL_BYTES:
            raise SessionError(f"one commit of more than {JOURNAL_BYTES >> 20} MiB: refused{_NOTHING}")
        try:
            self._state.replace(paths.JOURNAL, packed)
        except OSError as error:
            path = "/".join((*self._store.state, paths.JOURNAL))
            raise self._store.problem("write", path, error, _NOTHING) from error
        try:
            self._finish_journal(self._state)
        except (OSError, ImportError, SessionError) as error:
            raise Unconfirmed(
                f"committed, but not yet in its files: {error}",
                "mend that; the next command that writes finishes it",
            ) from error

    def _before(self, key: "Key", state: Folder) -> bytes | None:
        # what this transaction decided upon; a document that it never read counts as it is now
        if key in self._seen:
            return self._seen[key]
        try:
            return self._store.body(key, state)
        except OSError as error:
            raise self._store.problem("read", self._store.path_of(key), error, _NOTHING) from error

    def _finish_journal(self, state: Folder) -> None:
        changes = self._store.pending(state)
        if not changes:
            return
        state.sync()  # whoever renamed it into place may have died before it was durable
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
