"""FileStore: documents as files below one project root; one lock, one journal.

Readers take no lock, create nothing, and read through a journal that a killed writer left.
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
    Entry = tuple[str, bytes | None, SessionError | None]  # (name, body, why there is no body)

JOURNAL_BYTES = 1 << 28  # a commit may carry many documents


class FileStore:
    """The documents below the project root `root`, an absolute path.

    `shown` goes before paths in messages. `state` is the folder below the root that holds the lock, the journal and
    most documents. If `is_bare`, the root holds nothing but state: `state` is `below` it, by default the root itself.
    `notices` collects what a person should know of a write's side effects.
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
        """The document's bytes, None where there is none. SessionError where it can't be read."""
        try:
            state = self.folder(self.state)
            if state is None:  # then nobody has a commit under way, and only what lies elsewhere can be there
                return None if self._in_state(key[0]) else self.body(key, None)
            try:
                changes = self.pending(state)
                body = self.body(key, state)
            finally:
                state.close()
        except NotADirectoryError:
            return None  # a file where a folder belongs holds no documents
        except OSError as error:
            raise self.problem("read", self.path_of(key), error) from error
        return changes[key].outcome(body) if key in changes else body

    def scan(self, collection: str) -> "Iterator[Entry]":
        """Every document of the collection by name, read one at a time.

        What can't be read, or has a name that can't be asked for, comes with the reason instead of a body.
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
        """A change of documents, all or nothing, by one process at a time.

        Waits for the lock for at most `timeout_s` seconds (Busy). Without `create`, a root that has no
        `ia/state` stays without: everything reads as absent, nothing can be put.
        """
        from session.store.transaction import Transaction  # cost: readers need none

        return Transaction(self, timeout_s, create)

    def path_of(self, key: "Key") -> str:
        """The document's file below the root, with `/` between the parts."""
        return "/".join((*self.parts(key[0]), paths.shown_file(*key)))

    def shown_path(self, key: "Key") -> str:
        """The document's file as messages name it."""
        return self.shown + self.path_of(key)

    # what transactions share with readers; these raise OSError

    def parts(self, collection: str) -> tuple[str, ...]:
        """The collection's folder below the root."""
        folder = paths.folder_of(collection)
        if not self.is_bare or folder[: len(STATE)] != STATE:
            return folder
        return (*self.state, *folder[len(STATE) :])

    def folder(self, parts: tuple[str, ...], state: "Folder | None" = None) -> "Folder | None":
        """The folder `parts` below the root, opened, None where there is none. From the open `state` folder,
        which stays open, that takes less."""
        folder = state
        depth = len(self.state)
        if state is not None and parts == self.state:
            return state.again()
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
        return self.parts(collection)[: len(self.state)] == self.state

    def body(self, key: "Key", state: "Folder | None") -> bytes | None:
        """What the document's file holds, whatever the journal says; None where there is none."""
        own, file = paths.file_of(*key)
        folder = self.folder(self.parts(key[0]), state)
        if folder is None:
            return None
        try:
            return folder.read_below(own, file)
        finally:
            folder.close()

    def pending(self, state: "Folder") -> "dict[Key, Change]":
        """The changes of a commit that was cut short. SessionError where the journal does not verify."""
        packed = state.read(paths.JOURNAL, limit=JOURNAL_BYTES, listed=True)
        if packed is None:
            return {}
        from session.store import journal  # cost: hashlib, only when a commit was cut short

        return journal.unpack(packed, state.path + paths.JOURNAL)

    def problem(self, doing: str, path: str, error: OSError, note: str = "") -> SessionError:
        """What a failed system call on `path`, below the root, means to the user."""
        from session.store.problem import explain  # cost: when something failed

        return explain(doing, path, self.root, self.shown, error, note)


def open_store() -> FileStore:
    """The store that the environment and the working folder select."""
    if variable("WORKFLOW_SESSION_STORE"):
        raise SessionError("WORKFLOW_SESSION_STORE is set, but this version stores in files only", "unset it")
    root, is_here = find_root()
    return FileStore(root, "" if is_here else None)
