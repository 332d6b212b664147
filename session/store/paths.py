"""Map each document to its file, on every system."""

import sys

from session.root import STATE

NAME_BYTES = 180

# A place is a folder that owns documents. It holds its own lock and journal, and a commit touches one place.
PROGRESS = (".claude", "progress")  # the entry protocol's skills expect its documents here
CONVERSATIONS = (*STATE, "conversations")
CHAINS = ("chains",)  # always a folder that the environment names, never one in a project
PLACES = (STATE, PROGRESS, CONVERSATIONS)

# The one table of collections: folder below the root, ending of the files, longest name in bytes, place. The first part
# of a place may be a link. If the ending starts with a slash, each document has its own folder with that file in it. If
# the ending has a star, such a folder may have many of these files: the part of the document's name after its last dot
# replaces the star, and `scan` does not list these documents.
COLLECTIONS = {
    "sessions": ((*STATE, "sessions"), ".json", NAME_BYTES, STATE),
    "archives": ((*STATE, "sessions", "archives"), ".md", 200, STATE),
    "project": (STATE, ".json", NAME_BYTES, STATE),
    "contexts": (STATE, ".txt", NAME_BYTES, STATE),
    "intentions": (STATE, ".intention", NAME_BYTES, STATE),  # changes that another place has yet to receive
    "logs": ((*STATE, "SESSION_LOGS"), ".json", 200, STATE),
    "events": ((*STATE, "SESSION_LOGS"), ".jsonl", 200, STATE),
    "checkpoints": ((*STATE, "CHECKPOINTS"), "/checkpoint.json", NAME_BYTES, STATE),
    # copies that the original scripts made
    "checkpoint_states": ((*STATE, "CHECKPOINTS"), "/CURRENT_STATE.json", NAME_BYTES, STATE),
    "progress": (PROGRESS, ".json", NAME_BYTES, PROGRESS),
    "progress_lines": (PROGRESS, ".jsonl", NAME_BYTES, PROGRESS),
    "summaries": ((*PROGRESS, "summaries"), ".md", NAME_BYTES, PROGRESS),
    "metrics": ((*PROGRESS, "metrics"), ".json", NAME_BYTES, PROGRESS),
    "conversations": (CONVERSATIONS, "/SESSION_STATE.md", NAME_BYTES, CONVERSATIONS),
    "conversation_backups": (CONVERSATIONS, "/SESSION_STATE.*.bak.md", 210, CONVERSATIONS),
    "chains": (CHAINS, ".json", NAME_BYTES, CHAINS),
}
OWN_FOLDERS = ("/".join(PROGRESS), "/".join(STATE))  # the folders of a project in which only this program writes
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
# Whether git tracks the documents of other places is the project's decision. The store's own files stay out of git.
_STORE_RULES = b"""\
# Written by workflow-session: its lock, journal and temporary files stay out of git.
/.gitignore
.lock
.journal
.temporary*
"""
IGNORES: dict[tuple[str, ...], bytes] = {STATE: IGNORE_RULES, PROGRESS: _STORE_RULES}


def is_temporary(name: str) -> bool:
    """Return True if a temporary file of the store has this name: `.temporary`, or `.temporary-1` and so on."""
    return name == TEMPORARY or (name.startswith(f"{TEMPORARY}-") and name[len(TEMPORARY) + 1 :].isdecimal())


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


def place_of(collection: str) -> tuple[str, ...]:
    """Return the place that owns the documents of the collection."""
    return COLLECTIONS[collection][3]


def folder_of(collection: str) -> tuple[str, ...]:
    """Return the path of the collection's folder below a project's root, as a tuple of names."""
    return COLLECTIONS[collection][0]


def file_of(collection: str, name: str) -> tuple[str, str]:
    """Return the document's own folder in the collection's folder, and the name of its file.

    The folder is "" if the file is in the collection's folder itself. UsageError if the name is not allowed.
    """
    _, ending, limit, _ = COLLECTIONS[collection]
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
