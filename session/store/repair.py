"""Repair the folders of a store after a holder of its lock has died, and prepare them before the first write.

This module needs files.py only for types and one constant; transaction.py imports it inside a function.
"""

from session._posix import stat
from session.store import paths
from session.store.files import NOTHING_CHANGED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.store.files import FileStore, Folder


def repair_folders(store: "FileStore", state: "Folder") -> None:
    """Sync all folders of the store, remove temporary files, and write the ignore rules if they are missing.

    A dead writer may have made folders without syncing them. `state` is the store's open state folder; the caller
    holds its lock. SessionError if something fails.
    """
    depth = len(store.state)
    folders = {store.parts(collection)[:end] for collection in paths.COLLECTIONS for end in range(depth + 4)}
    for parts in sorted(folders, key=len):
        try:
            folder = store.folder(parts)
            if folder is not None:
                try:
                    folder.sync()
                    if len(parts) >= depth:
                        folder.discard_temporary()
                finally:
                    folder.close()
        except OSError as error:
            raise store.problem("use", "/".join(parts), error, NOTHING_CHANGED) from error
    for collection, (_, ending, _) in paths.COLLECTIONS.items():
        if ending[0] == "/":
            _repair_own_folders(store, collection)
    # a bare store gets no ignore rules: the owner of its folder decides what git ignores
    if not store.is_bare and state.status(".gitignore") is None:
        state.replace(".gitignore", paths.IGNORE_RULES)


def _repair_own_folders(store: "FileStore", collection: str) -> None:
    """Sync the own folder of each document of the collection, and remove temporary files there."""
    parts = store.parts(collection)
    try:
        folder = store.folder(parts)
        if folder is None:
            return
        try:
            for own in folder.names():
                status = folder.status(own) if own[:1] != "." else None
                if status is None or not stat.S_ISDIR(status.st_mode):
                    continue  # a command that reads or writes that document reports it
                below = folder.below(own, listed=True)
                if below is not None:
                    below.sync()
                    below.discard_temporary()
                    below.close()
        finally:
            folder.close()
    except OSError as error:
        raise store.problem("use", "/".join(parts), error, NOTHING_CHANGED) from error
