"""Repair a place after a holder of its lock has died, and prepare it before the first write.

transaction.py imports it inside a function.
"""

from session._posix import stat
from session.errors import SessionError
from session.store import paths
from session.store.files import NOTHING_CHANGED, Folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from session.store.files import FileStore, Place


def repair_place(store: "FileStore", place: "Place", base: "Folder") -> None:
    """Sync the folders of the place, remove temporary files, and write the ignore rules if they are missing.

    A dead writer may have made folders without syncing them. `base` is the open place; the caller holds its lock.
    Other places are not touched. A folder that cannot be opened is left alone: a command that needs it reports it.
    SessionError if the system refuses to sync.
    """
    parts = store.place_parts(place)
    try:
        if store.own_place is not None:
            sync_above(store.root)
        for end in range(len(parts)):  # the folders above, where the place itself may be new
            above = store.folder(parts[:end])
            if above is not None:
                try:
                    above.sync()
                finally:
                    above.close()
        base.sync()
        base.discard_temporaries()
        for folder in _folders(store, place, base):
            try:
                folder.sync()
                if folder.status(paths.LOCK) is None:  # else it is another place, whose writer may be at work
                    folder.discard_temporaries()
            finally:
                folder.close()
        rules = paths.IGNORES.get(place)
        # a place that the environment names gets no ignore rules: the owner of its folder decides what git ignores
        if rules is not None and store.own_place is None and base.status(".gitignore") is None:
            base.replace(".gitignore", rules)
    except OSError as error:
        raise store.problem("use", "/".join(parts), error, NOTHING_CHANGED) from error


def sync_above(path: str) -> None:
    """Sync the folder above the one at an absolute path, which a dead writer may have made. OSError if that fails.

    A user who may not open the folder above has not made anything in it.
    """
    from os.path import dirname, join  # cost: only for a folder outside projects

    try:
        above = Folder.at(dirname(path), join(dirname(path), ""))
    except PermissionError:
        return
    try:
        above.sync()
    finally:
        above.close()


def _folders(store: "FileStore", place: "Place", base: "Folder") -> "Iterator[Folder]":
    """Yield the folders of the place's documents, open; the caller closes each."""
    collections = [name for name in paths.COLLECTIONS if paths.place_of(name) == place]
    for collection in collections:
        try:
            folder = store.folder_of(collection, base)
        except (OSError, SessionError):
            continue
        if folder is None:
            continue
        if paths.COLLECTIONS[collection][1][0] == "/":
            yield from _own_folders(folder)
        yield folder


def _own_folders(folder: "Folder") -> "Iterator[Folder]":
    """Yield the own folder of each document in a collection's folder, open."""
    for name in folder.names():
        status = folder.status(name) if name[:1] != "." else None
        if status is None or not stat.S_ISDIR(status.st_mode):
            continue
        try:
            below = folder.below(name, listed=True)
        except (OSError, SessionError):
            continue
        if below is not None:
            yield below
