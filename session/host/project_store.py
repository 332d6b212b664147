"""Open stores that ask git if a journal that they find came with a clone."""

from session.store import files

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


def _journal_origin(folder: str) -> str:
    from session.host.git.journal_origin import journal_origin  # cost: only for an unfinished commit

    return journal_origin(folder)
