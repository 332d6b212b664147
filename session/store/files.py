"""FileStore: documents as files below one root, in places that have a lock and a journal each.

Readers take no lock and create nothing. If a killed writer left a journal, they answer as if its commit were finished.

Import circle: transaction.py imports this module when it loads; journal.py needs it only for types. This
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
    from collections.abc import Callable, Iterator

    from session.store.journal import Change
    from session.store.transaction import Transaction

    Key = tuple[str, str]  # (collection, name)
    Place = tuple[str, ...]  # one of paths.PLACES, or paths.CHAINS
    Entry = tuple[str, bytes | None, SessionError | None]  # (name, body, the reason if there is no body)

JOURNAL_BYTES = 1 << 28  # larger than a document may be: a commit may hold many documents
NOTHING_CHANGED = "; nothing changed"  # the end of a message about a commit that failed as a whole


class FileStore:
    """The documents below `root`, which is an absolute path.

    `shown` stands before paths in messages. If `place` is given, the root is that place itself, because a variable of
    the environment names its folder; `below` are folders below the root that are still to be made for it.
    `journal_origin` returns why a journal, by its folder and name, is not this user's, or "". `notices` collects lines
    for people about side effects of a write.
    """

    def __init__(
        self,
        root: str,
        shown: str | None = None,
        *,
        place: "Place | None" = None,
        below: tuple[str, ...] = (),
        journal_origin: "Callable[[str, str], str] | None" = None,
    ) -> None:
        self.root = root
        self.shown = join(root, "") if shown is None else shown
        self.own_place = place
        self._below = below
        self._journal_origin = journal_origin
        self.notices: list[str] = []

    def read(self, key: "Key") -> bytes | None:
        """Return the document's bytes, or None if there is none. SessionError if it cannot be read."""
        place = paths.place_of(key[0])
        try:
            base = self.folder(self.place_parts(place))
            if base is None:
                return None
            try:
                changes = self.pending(base, place)
                body = self.body(key, base)
            finally:
                base.close()
        except NotADirectoryError:
            return None  # a file in the place of the folder: it holds no documents
        except OSError as error:
            raise self.problem("read", self.path_of(key), error) from error
        return changes[key].outcome(body) if key in changes else body

    def scan(self, collection: str) -> "Iterator[Entry]":
        """Yield each document of the collection, sorted by name; read them one at a time.

        A document that cannot be read, or whose name is not allowed, comes with an error instead of a body.
        """
        place = paths.place_of(collection)
        changes: dict[Key, Change] = {}
        folder: Folder | None = None
        try:
            base = self.folder(self.place_parts(place))
            if base is not None:
                try:
                    changes = self.pending(base, place)
                    folder = self.folder_of(collection, base)
                finally:
                    base.close()
        except OSError as error:
            raise self.problem("list", "/".join(self.parts(collection)), error) from error
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

    def taken(self, key: "Key") -> bool:
        """Return True if anything, even a folder, is in the place of the document. SessionError if that is unknown."""
        own, file = paths.file_of(*key)
        try:
            base = self.folder(self.place_parts(paths.place_of(key[0])))
            above = folder = None
            try:
                above = base and self.folder_of(key[0], base)
                folder = above and (above.below(own) if own else above.duplicate())
                return folder is not None and folder.status(file) is not None
            finally:
                for each in (base, above, folder):
                    if each is not None:
                        each.close()
        except NotADirectoryError:
            return False
        except OSError as error:
            raise self.problem("read", self.path_of(key), error) from error

    def transaction(self, timeout_s: float, *, create: bool = True, place: "Place | None" = None) -> "Transaction":
        """Return a transaction: a change of documents of one place, all or nothing, by one process at a time.

        Without `place` it is the store's own place, in a project ia/state. Entering it waits for the place's lock for
        at most `timeout_s` seconds, and then raises Busy. If `create` is False and the place is missing, the
        transaction does not make it: every document reads as absent, and `put` fails. Documents of other places can
        be read.
        """
        from session.store.transaction import Transaction  # cost: only for writers

        return Transaction(self, timeout_s, create, place or self.own_place or STATE)

    def path_of(self, key: "Key") -> str:
        """Return the path of the document's file below the root, with `/` between its parts."""
        return "/".join((*self.parts(key[0]), paths.shown_file(*key)))

    def shown_path(self, key: "Key") -> str:
        """Return the path of the document's file as messages name it."""
        return self.shown + self.path_of(key)

    # The methods below serve readers and transactions. They raise OSError.

    def place_parts(self, place: "Place") -> tuple[str, ...]:
        """Return the parts of the path of the place below the root."""
        return self._below if place == self.own_place else place

    def parts(self, collection: str) -> tuple[str, ...]:
        """Return the parts of the path of the collection's folder below the root."""
        folder, _, _, place = paths.COLLECTIONS[collection]
        return (*self._below, *folder[len(place) :]) if place == self.own_place else folder

    def folder_of(self, collection: str, base: "Folder") -> "Folder | None":
        """Return the collection's folder, open, or None if there is none. `base` is its open place and stays open."""
        return self.folder(self.parts(collection), base, len(self.place_parts(paths.place_of(collection))))

    def folder(self, parts: tuple[str, ...], base: "Folder | None" = None, depth: int = 0) -> "Folder | None":
        """Return the folder `parts` below the root, open, or None if there is none.

        `base` is the open folder of the first `depth` parts, if the caller has it; it stays open. Only the first part
        below the root may be a link.
        """
        if base is not None and len(parts) == depth:
            return base.duplicate()
        folder = Folder.at(self.root, self.shown) if base is None else base
        link = base is None
        for part in parts[depth:]:
            try:
                below = folder.child(part, link=link)
            finally:
                if folder is not base:
                    folder.close()
            if below is None:
                return None
            folder = below
            link = False
        return folder

    def body(self, key: "Key", base: "Folder") -> bytes | None:
        """Return the bytes of the document's file, or None if there is none. Ignore the journal."""
        own, file = paths.file_of(*key)
        folder = self.folder_of(key[0], base)
        if folder is None:
            return None
        try:
            return folder.read_below(own, file)
        finally:
            folder.close()

    def pending(self, base: "Folder", place: "Place") -> "dict[Key, Change]":
        """Return the changes of an unfinished commit in a place, if there is one. SessionError if it is damaged.

        A journal that came with a clone, or from another user in a shared folder, does not count. A notice says so.
        """
        packed = base.read(paths.JOURNAL, limit=JOURNAL_BYTES, listed=True)
        if packed is None:
            return {}
        from session.store import journal  # cost: hashlib, only for an unfinished commit

        if self.is_foreign(base, place, paths.JOURNAL):
            return {}
        return journal.unpack(packed, base.path + paths.JOURNAL, place)

    def is_foreign(self, base: "Folder", place: "Place", name: str) -> bool:
        """Return True if the journal or intention `name` in a place is not this user's; then a notice says why."""
        from session.store import journal

        reason = journal.why_foreign(base, name, join(self.root, *self.place_parts(place)), self._journal_origin)
        notice = f"ignored {base.path}{name}: {reason}"
        if reason and notice not in self.notices:
            self.notices.append(notice)
        return bool(reason)

    def change_problem(self, key: "Key", data: bytes | None, error: OSError, note: str = "") -> SessionError:
        """Return the SessionError for a document that could not become `data`; None stands for its deletion."""
        return self.problem("delete" if data is None else "write", self.path_of(key), error, note)

    def problem(self, doing: str, path: str, error: OSError, note: str = "") -> SessionError:
        """Return the SessionError for a failed system call on `path`, which is below the root."""
        from session.store.problem import explain  # cost: only after an error

        return explain(doing, path, self.root, self.shown, error, note)


def open_store(journal_origin: "Callable[[str, str], str] | None" = None) -> FileStore:
    """Return the store of the root that the environment and the working folder select."""
    if variable("WORKFLOW_SESSION_STORE"):
        raise SessionError("WORKFLOW_SESSION_STORE is set, but this version stores in files only", "unset it")
    root, is_here = find_root()
    return FileStore(root, "" if is_here else None, journal_origin=journal_origin)
