"""FileStore: documents as files below one root, with one lock and one journal.

Readers take no lock and create nothing. If a killed writer left a journal, they answer as if its commit were finished.

Import circle: transaction.py imports this module when it loads; journal.py and repair.py need it only for types. This
module imports transaction.py and journal.py inside functions, and at the top only under TYPE_CHECKING. Keep it so.
"""

import sys

from session._posix import join, variable
from session.errors import SessionError
from session.root import STATE, find_root
from session.store import paths

if sys.platform == "win32":
    from session.store.disk_windows import Folder as Folder
else:
    from session.store.disk import Folder as Folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from session.store.journal import Change
    from session.store.transaction import Transaction

    Key = tuple[str, str]  # (collection, name)
    Entry = tuple[str, bytes | None, SessionError | None]  # (name, body, the reason if there is no body)

JOURNAL_BYTES = 1 << 28  # larger than a document may be: a commit may hold many documents
NOTHING_CHANGED = "; nothing changed"  # the end of a message about a commit that failed as a whole


class FileStore:
    """The documents below `root`, which is an absolute path.

    `shown` stands before paths in messages. `state` is the folder below the root that holds the lock, the journal and
    most documents. It is `ia/state` in a project. If `is_bare`, the root holds nothing but state; the folder is then
    `below`, by default the root itself. `notices` collects lines for people about side effects of a write.
    """

    def __init__(
        self, root: str, shown: str | None = None, *, is_bare: bool = False, below: tuple[str, ...] = ()
    ) -> None:
        self.root = root
        self.shown = join(root, "") if shown is None else shown
        self.is_bare = is_bare
        self.state = below if is_bare else STATE
        self.notices: list[str] = []

    def read(self, key: "Key") -> bytes | None:
        """Return the document's bytes, or None if there is none. SessionError if it cannot be read."""
        try:
            state = self.folder(self.state)
            # without a state folder there is no journal, and only collections outside it can have documents
            if state is None:
                return None if self._in_state(key[0]) else self.body(key, None)
            try:
                changes = self.pending(state)
                body = self.body(key, state)
            finally:
                state.close()
        except NotADirectoryError:
            return None  # a file in the place of the folder: it holds no documents
        except OSError as error:
            raise self.problem("read", self.path_of(key), error) from error
        return changes[key].outcome(body) if key in changes else body

    def scan(self, collection: str) -> "Iterator[Entry]":
        """Yield each document of the collection, sorted by name; read them one at a time.

        A document that cannot be read, or whose name is not allowed, comes with an error instead of a body.
        """
        parts = self.parts(collection)
        try:
            state = self.folder(self.state)
            if state is None:
                changes, folder = {}, None if self._in_state(collection) else self.folder(parts)
            else:
                try:
                    changes = self.pending(state)
                    folder = self.folder(parts, state)
                finally:
                    state.close()
        except OSError as error:
            raise self.problem("list", "/".join(parts), error) from error
        try:
            names = {key[1] for key, change in changes.items() if key[0] == collection and change.data is not None}
            for file in folder.names() if folder else ():
                name = paths.document_name(collection, file)
                if name is not None:
                    names.add(name)
            for name in sorted(names):
                entry = self._entry(folder, collection, name, changes.get((collection, name)))
                if entry[1] is not None or entry[2] is not None:
                    yield entry
        finally:
            if folder is not None:
                folder.close()

    def _entry(self, folder: "Folder | None", collection: str, name: str, change: "Change | None") -> "Entry":
        """Return the entry of one document for `scan`; `change` is what the journal does to it."""
        try:
            own, file = paths.file_of(collection, name)
        except SessionError as error:
            path = self.shown_path((collection, name))
            return name, None, SessionError(f"{path}: {error.message}", error.hint or "rename or remove the file")
        try:
            body = folder.read_below(own, file, listed=True) if folder else None
        except SessionError as error:
            return name, None, error
        except OSError as error:
            return name, None, self.problem("read", self.path_of((collection, name)), error)
        return name, change.outcome(body) if change else body, None

    def transaction(self, timeout_s: float, *, create: bool = True) -> "Transaction":
        """Return a transaction: a change of documents, all or nothing, by one process at a time.

        Entering it waits for the lock for at most `timeout_s` seconds, and then raises Busy. If `create` is False and
        the state folder is missing, the transaction does not make it: every document reads as absent, and `put` fails.
        """
        from session.store.transaction import Transaction  # cost: only for writers

        return Transaction(self, timeout_s, create)

    def path_of(self, key: "Key") -> str:
        """Return the path of the document's file below the root, with `/` between its parts."""
        return "/".join((*self.parts(key[0]), paths.shown_file(*key)))

    def shown_path(self, key: "Key") -> str:
        """Return the path of the document's file as messages name it."""
        return self.shown + self.path_of(key)

    # The methods below serve readers and transactions. They raise OSError.

    def parts(self, collection: str) -> tuple[str, ...]:
        """Return the path of the collection's folder below the root, as a tuple of names."""
        folder = paths.folder_of(collection)
        if not self.is_bare or folder[: len(STATE)] != STATE:
            return folder
        return (*self.state, *folder[len(STATE) :])

    def folder(self, parts: tuple[str, ...], state: "Folder | None" = None) -> "Folder | None":
        """Return the folder `parts` below the root, open, or None if there is none.

        `state` is the open state folder, if the caller has it: the search then starts there. It stays open.
        """
        folder = state
        depth = len(self.state)
        if state is not None and parts == self.state:
            return state.duplicate()
        if state is not None and parts[:depth] == self.state:
            parts = parts[depth:]
        else:
            folder = Folder.at(self.root, self.shown)
        link = folder is not state
        for part in parts:
            assert folder is not None
            try:
                below = folder.child(part, link=link)
            finally:
                if folder is not state:
                    folder.close()
            if below is None:
                return None
            folder = below
            link = False
        return folder

    def _in_state(self, collection: str) -> bool:
        """Return True if the collection's folder is the state folder or below it."""
        return self.parts(collection)[: len(self.state)] == self.state

    def body(self, key: "Key", state: "Folder | None") -> bytes | None:
        """Return the bytes of the document's file, or None if there is none. Ignore the journal."""
        own, file = paths.file_of(*key)
        folder = self.folder(self.parts(key[0]), state)
        if folder is None:
            return None
        try:
            return folder.read_below(own, file)
        finally:
            folder.close()

    def pending(self, state: "Folder") -> "dict[Key, Change]":
        """Return the changes of an unfinished commit, if there is one. SessionError if its journal is damaged."""
        packed = state.read(paths.JOURNAL, limit=JOURNAL_BYTES, listed=True)
        if packed is None:
            return {}
        from session.store import journal  # cost: hashlib, only for an unfinished commit

        return journal.unpack(packed, state.path + paths.JOURNAL)

    def problem(self, doing: str, path: str, error: OSError, note: str = "") -> SessionError:
        """Return the SessionError for a failed system call on `path`, which is below the root."""
        from session.store.problem import explain  # cost: only after an error

        return explain(doing, path, self.root, self.shown, error, note)


def open_store() -> FileStore:
    """Return the store of the root that the environment and the working folder select."""
    if variable("WORKFLOW_SESSION_STORE"):
        raise SessionError("WORKFLOW_SESSION_STORE is set, but this version stores in files only", "unset it")
    root, is_here = find_root()
    return FileStore(root, "" if is_here else None)
