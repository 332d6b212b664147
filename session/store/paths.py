"""Map each document to its file, on every system."""

import sys

from session.root import STATE

NAME_BYTES = 180

# The one table of collections. A row has the folder below the root, the ending of the files, the longest name in bytes.
# The first part of the folder may be a link.
# An ending that starts with a slash is a file name: each document has its own folder, and the file is in it.
# If that file name has a star, the folder may have many such files, and `scan` does not list their documents.
# In the name of such a file, the last part of the document's name (after a dot) replaces the star.
COLLECTIONS = {
    "sessions": ((*STATE, "sessions"), ".json", NAME_BYTES),
    "archives": ((*STATE, "sessions", "archives"), ".md", 200),
    "project": (STATE, ".json", NAME_BYTES),
    "contexts": (STATE, ".txt", NAME_BYTES),
    "logs": ((*STATE, "SESSION_LOGS"), ".json", 200),
    "events": ((*STATE, "SESSION_LOGS"), ".jsonl", 200),
    "checkpoints": ((*STATE, "CHECKPOINTS"), "/checkpoint.json", NAME_BYTES),
    # the entry protocol's documents: its skills expect them outside STATE, but they use this store and its lock
    "progress": ((".claude", "progress"), ".json", NAME_BYTES),
    "progress_lines": ((".claude", "progress"), ".jsonl", NAME_BYTES),
    "summaries": ((".claude", "progress", "summaries"), ".md", NAME_BYTES),
    "metrics": ((".claude", "progress", "metrics"), ".json", NAME_BYTES),
    # copies that the original scripts made
    "checkpoint_states": ((*STATE, "CHECKPOINTS"), "/CURRENT_STATE.json", NAME_BYTES),
    "conversations": ((*STATE, "conversations"), "/SESSION_STATE.md", NAME_BYTES),
    "conversation_backups": ((*STATE, "conversations"), "/SESSION_STATE.*.bak.md", 210),
    # chain states have a store of their own, whose root holds nothing but state
    "chains": (STATE, ".json", NAME_BYTES),
}
OWN_FOLDERS = (".claude/progress", "/".join(STATE))  # the folders of a project in which only this program writes
LOCK = ".lock"
JOURNAL = ".journal"
TEMPORARY = ".temporary"

# Git must not commit, stash or clean away live state. The project decides whether git keeps archives.
# The rules ignore their own file: otherwise `git stash -u` would take it away, and nothing would protect the state.
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
    """Return the path of the collection's folder below a project's root, as a tuple of names."""
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
