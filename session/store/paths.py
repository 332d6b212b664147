"""Which document lives in which file, for every system."""

import os

from session.root import STATE

NAME_BYTES = 180

# The one table. collection: folder below the root (the first part may be a link), ending of its files, and how
# long a name may be, in bytes.
COLLECTIONS = {
    "sessions": ((*STATE, "sessions"), ".json", NAME_BYTES),
    "archives": ((*STATE, "sessions", "archives"), ".md", 200),
}
LOCK = ".lock"
JOURNAL = ".journal"
TEMPORARY = ".temporary"

# Live state is nothing to commit, stash or clean away; archives are the project's to keep.
# The file ignores itself: `git stash -u` would take it away, and with it what protects the rest.
IGNORE_RULES = b"""\
# Written by workflow-session: live state stays out of git, so that `git stash -u`
# and `git clean -fd` leave it alone. Archives are yours to commit.
*
!/sessions/
!/sessions/archives/
!/sessions/archives/*.md
"""


def check_name(name: str, what: str = "workflow name", limit: int = NAME_BYTES) -> None:
    """Raise UsageError unless `name` can name a document, everywhere and for everyone alike."""
    if (
        name.isascii()
        and name.isprintable()
        and 0 < len(name) <= limit
        and name[0] not in "-."
        and "/" not in name
        and "\\" not in name
    ):
        return
    from session.store.names import fault  # cost: for names that take a closer look

    reason = fault(name, limit)
    if reason:
        from session.refusals import UsageError  # cost: when something is refused

        raise UsageError(f"{what} {reason}: {name}" if name else f"{what} {reason}")


def folder_of(collection: str) -> tuple[str, ...]:
    """The collection's folder below the root."""
    return COLLECTIONS[collection][0]


def file_name(collection: str, name: str) -> str:
    """The file's name in the collection's folder. UsageError for a name that can't have one."""
    _, ending, limit = COLLECTIONS[collection]
    check_name(name, "name", limit)
    if os.name == "nt":
        from session.store.names import windows_name

        name = windows_name(name)
    return name + ending


def document_name(collection: str, file: str) -> str | None:
    """The name of the document in a file of the collection's folder, None where there is none."""
    ending = COLLECTIONS[collection][1]
    if not file.endswith(ending):
        return None
    name = file[: -len(ending)]
    if os.name == "nt":
        from session.store.names import plain_name

        name = plain_name(name)
    return name
