"""Map each document to its file, on every system."""

import sys

from session.root import STATE

NAME_BYTES = 180

# The one table of collections: folder below the root, ending of the files, longest name in bytes. The first part of the
# folder may be a link. If the ending starts with a slash, each document has its own folder with that file in it. If the
# ending has a star, such a folder may have many of these files: the part of the document's name after its last dot
# replaces the star, and `scan` does not list these documents.
COLLECTIONS = {
    "sessions": ((*STATE, "sessions"), ".json", NAME_BYTES),
    "archives": ((*STATE, "sessions", "archives"), ".md", 200),
    "project": (STATE, ".json", NAME_BYTES),
    "contexts": (STATE, ".txt", NAME_BYTES),
    "logs": ((*STATE, "SESSION_LOGS"), ".json", 200),
    "events": ((*STATE, "SESSION_LOGS"), ".jsonl", 200),
    "checkpoints": ((*STATE, "CHECKPOINTS"), "/checkpoint.json", NAME_BYTES),
    # the entry protocol's documents: its skills expect them outside STATE, but the store and the lock are the same
    "progress": ((".claude", "progress"), ".json", NAME_BYTES),
    "progress_lines": ((".claude", "progress"), ".jsonl", NAME_BYTES),
    "summaries": ((".claude", "progress", "summaries"), ".md", NAME_BYTES),
    "metrics": ((".claude", "progress", "metrics"), ".json", NAME_BYTES),
    # copies that the original scripts made
    "checkpoint_states": ((*STATE, "CHECKPOINTS"), "/CURRENT_STATE.json", NAME_BYTES),
    "conversations": ((*STATE, "conversations"), "/SESSION_STATE.md", NAME_BYTES),
    "conversation_backups": ((*STATE, "conversations"), "/SESSION_STATE.*.bak.md", 210),
    # in a store of their own, whose root holds nothing but state
    "chains": (STATE, ".json", NAME_BYTES),
}
OWN_FOLDERS = (".claude/progress", "/".join(STATE))  # the folders of a project in which only this program writes
LOCK = ".lock"
JOURNAL = ".journal"
TEMPORARY = ".temporary"

# Git must not commit, stash or clean away live state; archives are the project's to keep.
# The file ignores itself: otherwise `git stash -u` would take it away, and nothing would protect the rest.
IGNORE_RULES = b"""\
# Written by workflow-session: live state stays out of git, so that `git stash -u`
# and `git clean -fd` leave it alone. Archives are yours to commit.
*
!/sessions/
!/sessions/archives/
!/sessions/archives/*.md
"""


def check_name(name: str, label: str = "workflow name", limit: int = NAME_BYTES) -> None:
    """Raise UsageError unless a document may have this name. `label` is the kind of name for the message."""
    if (
        name.isascii()
        and name.isprintable()
        and 0 < len(name) <= limit
        and name[0] not in "-."
        and "/" not in name
        and "\\" not in name
    ):
        return
    from session.store.name_rules import fault  # cost: only for unusual names

    reason = fault(name, limit)
    if reason:
        from session.errors import UsageError  # cost: only for a refusal

        raise UsageError(f"{label} {reason}: {name}" if name else f"{label} {reason}")


def folder_of(collection: str) -> tuple[str, ...]:
    """Return the parts of the path of the collection's folder below a project's root."""
    return COLLECTIONS[collection][0]


def file_of(collection: str, name: str) -> tuple[str, str]:
    """Return the document's own folder in the collection's folder, and the name of its file.

    The folder is "" if the file is in the collection's folder itself. UsageError if the name is not allowed.
    """
    _, ending, limit = COLLECTIONS[collection]
    check_name(name, "name", limit)
    if "*" in ending:
        name, _, part = name.rpartition(".")
        check_name(name, "name", limit)
        ending = ending.replace("*", part)
    if sys.platform == "win32":
        from session.store.name_rules import windows_name

        name = windows_name(name)
    return (name, ending[1:]) if ending[0] == "/" else ("", name + ending)


def shown_file(collection: str, name: str) -> str:
    """Return the path of the document's file below the collection's folder, as messages show it."""
    ending = COLLECTIONS[collection][1]
    if "*" in ending:
        name, _, part = name.rpartition(".")
        ending = ending.replace("*", part)
    return name + ending


def document_name(collection: str, entry: str) -> str | None:
    """Return the name of the document to which an entry of the collection's folder belongs, or None."""
    ending = COLLECTIONS[collection][1]
    if ending[0] == "/":
        if entry[:1] == "." or "*" in ending:
            return None
        name = entry
    elif entry.endswith(ending):
        name = entry[: -len(ending)]
    else:
        return None
    if sys.platform == "win32":
        from session.store.name_rules import plain_name

        name = plain_name(name)
    return name
