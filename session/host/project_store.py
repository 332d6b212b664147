"""Open stores that ask git if a journal that they find came with a clone; refuse folders that cannot be places."""

from session.errors import SessionError
from session.store import files, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.store.files import FileStore, Place


def open_store() -> "FileStore":
    """Return the store of the root that the environment and the working folder select."""
    return files.open_store(_journal_origin)


def store_at(
    root: str, shown: str | None = None, *, place: "Place | None" = None, below: tuple[str, ...] = ()
) -> "FileStore":
    """Return the store of the folder `root`; see FileStore for the arguments."""
    return files.FileStore(root, shown, place=place, below=below, journal_origin=_journal_origin)


def check_named(folder: str, variable: str) -> None:
    """Raise SessionError if the folder that `variable` names is inside a place, and holds documents of it.

    The two would write temporary files of the same names in it, under two locks.
    """
    import os  # cost: only where the environment names a folder

    parts = tuple(os.path.realpath(folder).split(os.sep))
    for whole, _, _, place in paths.COLLECTIONS.values():
        inside = whole[len(place) :]
        if not inside or parts[-len(inside) :] != inside:
            continue
        above = parts[: -len(inside)]
        if above[-len(place) :] == place or os.path.lexists(os.path.join(os.sep.join(above), paths.LOCK)):
            message = f"{variable} names a folder in which other documents are: {folder}"
            raise SessionError(message, f"name another one, or unset {variable}")


def _journal_origin(folder: str, name: str) -> str:
    from session.host.git.journal_origin import journal_origin  # cost: only for an unfinished commit

    return journal_origin(folder, name)
