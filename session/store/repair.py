"""What the last holder of the lock may have left undone when it died, or nobody has done yet."""

from session._posix import stat
from session.store import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.store.files import FileStore, Folder

_NOTHING = "; nothing changed"


def make_good(store: "FileStore", state: "Folder") -> None:
    """Make folders durable that may have been made, remove temporary files, write ignore rules that are missing.

    `state` is the store's open state folder, its lock held. SessionError where that fails.
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
            raise store.problem("use", "/".join(parts), error, _NOTHING) from error
    for collection, (_, ending, _) in paths.COLLECTIONS.items():
        if ending[0] == "/":
            _make_good_below(store, collection)
    # a folder that is nothing but state is its owner's to ignore
    if not store.is_bare and state.status(".gitignore") is None:
        state.replace(".gitignore", paths.IGNORE_RULES)


def _make_good_below(store: "FileStore", collection: str) -> None:
    """The same for the folders of documents' own."""
    parts = store.parts(collection)
    try:
        folder = store.folder(parts)
        if folder is None:
            return
        try:
            for own in folder.names():
                found = folder.status(own) if own[:1] != "." else None
                if found is None or not stat.S_ISDIR(found.st_mode):
                    continue  # whoever asks for that document is told
                below = folder.below(own, listed=True)
                if below is not None:
                    below.sync()
                    below.discard_temporary()
                    below.close()
        finally:
            folder.close()
    except OSError as error:
        raise store.problem("use", "/".join(parts), error, _NOTHING) from error
