"""Which document lives in which file, for every system."""

import sys

from session.root import STATE

NAME_BYTES = 180

# The one table. collection: folder below the root (the first part may be a link), ending of its files, and how
# long a name may be, in bytes. An ending with a slash means a folder for each document, with that file in it; with a
# star, any number of such files: a name's part after its last dot stands for the star, and names are not listed.
COLLECTIONS = {
    "sessions": ((*STATE, "sessions"), ".json", NAME_BYTES),
    "archives": ((*STATE, "sessions", "archives"), ".md", 200),
    "project": (STATE, ".json", NAME_BYTES),
    "contexts": (STATE, ".txt", NAME_BYTES),
    "logs": ((*STATE, "SESSION_LOGS"), ".json", 200),
    "events": ((*STATE, "SESSION_LOGS"), ".jsonl", 200),
    "checkpoints": ((*STATE, "CHECKPOINTS"), "/checkpoint.json", NAME_BYTES),
    # the entry protocol's, where its skills look for them; outside of STATE, but of the same store, under the same lock
    "progress": ((".claude", "progress"), ".json", NAME_BYTES),
    "progress_lines": ((".claude", "progress"), ".jsonl", NAME_BYTES),
    "summaries": ((".claude", "progress", "summaries"), ".md", NAME_BYTES),
    "metrics": ((".claude", "progress", "metrics"), ".json", NAME_BYTES),
    "checkpoint_states": ((*STATE, "CHECKPOINTS"), "/CURRENT_STATE.json", NAME_BYTES),  # the seed's scripts' copies
    "conversations": ((*STATE, "conversations"), "/SESSION_STATE.md", NAME_BYTES),
    "conversation_backups": ((*STATE, "conversations"), "/SESSION_STATE.*.bak.md", 210),
    "chains": (STATE, ".json", NAME_BYTES),  # in a store of their own, whose root is nothing but state
}
OWN_FOLDERS = (".claude/progress", "/".join(STATE))  # in a project, where we write, and not those who work there
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
    from session.store.name_rules import fault  # cost: for names that take a closer look

    reason = fault(name, limit)
    if reason:
        from session.errors import UsageError  # cost: when something is refused

        raise UsageError(f"{what} {reason}: {name}" if name else f"{what} {reason}")


def folder_of(collection: str) -> tuple[str, ...]:
    """The collection's folder below the root."""
    return COLLECTIONS[collection][0]


def file_of(collection: str, name: str) -> tuple[str, str]:
    """The folder of the document's own in the collection's folder, empty for collections without, and its file's
    name. UsageError for a name that can't have one."""
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
    """The document's file below the collection's folder, as people are told of it."""
    ending = COLLECTIONS[collection][1]
    if "*" in ending:
        name, _, part = name.rpartition(".")
        ending = ending.replace("*", part)
    return name + ending


def document_name(collection: str, entry: str) -> str | None:
    """The name of the document that an entry of the collection's folder belongs to, None where there is none."""
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
