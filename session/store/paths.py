"""Which document lives in which file, under which root, and which names a document may have."""

import os
import stat
import sys

from session.errors import SessionError, UsageError

# The one table. collection: folder below the root (the first part may be a link), ending of its files.
COLLECTIONS = {
    "sessions": (("ia", "state", "sessions"), ".json"),
    "archives": (("ia", "state", "sessions", "archives"), ".md"),
}
STATE = ("ia", "state")  # holds the lock and the journal
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

PROJECT_FILES = ("pyproject.toml", "package.json", "Cargo.toml", "go.mod")
NAME_BYTES = 180

_DEVICES = frozenset(["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "123456789¹²³")])
_ESCAPED = '%:*?"<>|'


def check_name(name: str, what: str = "workflow name", limit: int = NAME_BYTES) -> None:
    """Raise UsageError unless `name` can name a document, everywhere and for everyone alike.

    Printable Unicode in NFC, spaces and colons included; at most `limit` bytes of UTF-8.
    """
    reason = _fault(name, limit)
    if reason:
        raise UsageError(f"{what} {reason}: {name}" if name else f"{what} {reason}")


def _fault(name: str, limit: int) -> str:
    if not name:
        return "is empty"
    if name[0] in "-.":
        return f"starts with '{name[0]}'"
    if "/" in name or "\\" in name:
        return "holds a slash or backslash"
    if name.isascii():
        if not name.isprintable():
            return "holds a control character"
    else:
        import unicodedata  # cost: for names beyond ASCII only

        kinds = {unicodedata.category(char) for char in name}
        if not kinds.isdisjoint(("Cc", "Cf")):
            return "holds a control or format character"
        if "Cs" in kinds:
            return "is not valid UTF-8"
        if not kinds.isdisjoint(("Zl", "Zp", "Co")):
            return "holds a character that can't be printed"
        if not unicodedata.is_normalized("NFC", name):
            return "is not in Unicode's composed form (NFC)"
    if len(name.encode()) > limit:
        return f"is longer than {limit} bytes"
    return ""


def file_name(collection: str, name: str) -> str:
    """The file's name in the collection's folder. UsageError for a name that can't have one."""
    check_name(name, "name", limit=200)
    return (windows_name(name) if os.name == "nt" else name) + COLLECTIONS[collection][1]


def document_name(collection: str, file: str) -> str | None:
    """The name of the document in a file of the collection's folder, None where there is none."""
    ending = COLLECTIONS[collection][1]
    if not file.endswith(ending):
        return None
    name = file[: -len(ending)]
    return plain_name(name) if os.name == "nt" else name


def windows_name(name: str) -> str:
    """`name` as a file name that Windows takes: `:*?"<>|%`, a last dot or space, device names escaped."""
    escaped = "".join(f"%{ord(char):02X}" if char in _ESCAPED else char for char in name)
    if escaped.split(".")[0].rstrip(" ").lower() in _DEVICES:
        escaped = f"%{ord(escaped[0]):02X}{escaped[1:]}"
    if escaped[-1:] in (" ", "."):
        escaped = f"{escaped[:-1]}%{ord(escaped[-1]):02X}"
    return escaped


def plain_name(escaped: str) -> str:
    """What `windows_name` made the file name from."""
    head, *rest = escaped.split("%")
    parts = [head]
    for part in rest:
        try:
            parts.append(chr(int(part[:2], 16)) + part[2:])
        except ValueError:  # not one of ours
            parts.append("%" + part)
    return "".join(parts)


def find_root() -> tuple[str, bool]:
    """The absolute path of the folder whose `ia/state` is meant, and whether it is the working folder.

    $WORKFLOW_SESSION_ROOT; else the nearest folder upwards with `ia/state`, not beyond a `.git`;
    else the nearest with a `.git`, else with a project file; else the working folder itself.
    The home folder and `/` count only when they are the working folder.
    """
    try:
        cwd = os.getcwd()
    except OSError:
        raise SessionError("the working folder no longer exists", "change to another folder") from None
    named = os.environ.get("WORKFLOW_SESSION_ROOT")
    if named:
        root = os.path.normpath(os.path.join(cwd, named))
        if not _is_folder(root):
            raise SessionError(f"WORKFLOW_SESSION_ROOT is not a folder: {named}")
        return root, _identity(root) == _identity(cwd)
    home = _identity(os.environ.get("HOME") or os.environ.get("USERPROFILE") or "")
    marked = ""  # the nearest folder with a project file
    folder = cwd
    while True:
        parent = os.path.dirname(folder)
        counts = folder == cwd or (parent != folder and _identity(folder) != home)
        if counts:
            if _is_folder(os.path.join(folder, *STATE)) or os.path.lexists(os.path.join(folder, ".git")):
                return folder, folder == cwd
            if not marked and any(os.path.lexists(os.path.join(folder, file)) for file in PROJECT_FILES):
                marked = folder
        if parent == folder:
            return marked or cwd, marked in ("", cwd)
        folder = parent


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def lock_timeout_s() -> float:
    """How long to wait for the lock: $WORKFLOW_SESSION_LOCK_TIMEOUT_S seconds, else 10."""
    text = os.environ.get("WORKFLOW_SESSION_LOCK_TIMEOUT_S")
    if not text:
        return 10.0
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= sys.maxsize:
        raise UsageError(f"WORKFLOW_SESSION_LOCK_TIMEOUT_S is not a number of seconds: {text}")
    return value
