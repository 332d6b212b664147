"""Answer a plain `get` from one small file, so that nearly every `get` loads no more than this.

In any unusual case, and for every error, the answer is None. The caller then reads through the store, which handles
everything. An answer from here is always byte for byte the answer that the store's reader would give.
"""

import sys

from session._posix import join, posix, stat, variable
from session.root import STATE, find_root

# Copies of facts in store/paths.py, because loading that module costs more than the whole read. A test compares them.
FOLDER, ENDING, NAME_BYTES, JOURNAL = "sessions", ".json", 180, ".journal"

_LONGEST = 1 << 14  # the most bytes of a file to read here; for longer files the JSON parser is faster
_FOLDER = getattr(posix, "O_DIRECTORY", 0) | getattr(posix, "O_NOFOLLOW", 0) | getattr(posix, "O_CLOEXEC", 0)
_FILE = getattr(posix, "O_NOFOLLOW", 0) | getattr(posix, "O_NONBLOCK", 0) | getattr(posix, "O_CLOEXEC", 0)


def session(workflow: str) -> bytes | None:
    """Return the workflow's session as `get` prints it, or `null` if there is none.

    None if a plain read is not enough to answer.
    """
    if (
        sys.platform == "win32"
        or not (workflow.isascii() and workflow.isprintable() and 0 < len(workflow) <= NAME_BYTES)
        or workflow[0] in "-."
        or "/" in workflow
        or "\\" in workflow
        or variable("WORKFLOW_SESSION_STORE")
    ):
        return None
    try:
        root, _ = find_root()
        body = _read(join(root, *STATE), workflow + ENDING)
        return body if body is None or _is_canonical(body.decode()) else None
    except FileNotFoundError:
        return b"null"
    except Exception:  # the store's reader meets the same error, and reports it
        return None


def _read(state_path: str, file: str) -> bytes | None:
    """Return the bytes of `file` in the sessions folder, or None if the store's reader must look at it."""
    state = posix.open(state_path, posix.O_RDONLY | _FOLDER)
    try:
        if _exists(JOURNAL, state):
            return None
        folder = posix.open(FOLDER, posix.O_RDONLY | _FOLDER, dir_fd=state)
    finally:
        posix.close(state)
    try:
        twin = file.swapcase()  # if the file system ignores case, this name exists too
        if twin != file and _exists(twin, folder):
            return None
        fd = posix.open(file, posix.O_RDONLY | _FILE, dir_fd=folder)
    finally:
        posix.close(folder)
    try:
        status = posix.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LONGEST:
            return None
        body = posix.read(fd, _LONGEST)
        return body if len(body) == status.st_size else None
    finally:
        posix.close(fd)


def _exists(name: str, folder: int) -> bool:
    try:
        posix.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _is_canonical(text: str) -> bool:
    """Return True if the text is certainly `JSON.stringify(value, null, 2)` of some object.

    False for anything harder to check: escapes, fractions, long numbers, characters that are not printable.
    """
    lines = text.split("\n")
    if lines[0] != "{" or not "".join(lines).isprintable():
        return False
    holders: list[set[str] | None] = [set()]  # the keys of each open object; None for an open array
    first = True  # nothing was read yet in the innermost object or array
    comma = False  # the previous line ends in a comma
    for line in lines[1:]:
        if not holders:
            return False
        words = line.lstrip(" ")
        indent = len(line) - len(words)
        keys = holders[-1]
        if words in ("}", "},", "]", "],"):
            if first or comma or indent != 2 * len(holders) - 2 or (words[0] == "}") is (keys is None):
                return False
            holders.pop()
            comma = len(words) == 2
            continue
        if indent != 2 * len(holders) or not (first or comma):
            return False
        if keys is not None:
            key, colon, words = words.partition('": ')
            if key[:1] != '"' or '"' in key[1:] or "\\" in key or not colon or key in keys:
                return False
            keys.add(key)
        first = words in ("{", "[")
        if first:
            holders.append(set() if words == "{" else None)
            comma = False
            continue
        comma = words[-1:] == ","
        if not _is_plain(words[:-1] if comma else words):
            return False
    return not holders and not comma


def _is_plain(value: str) -> bool:
    """Return True if the text is a string without escapes, a literal, `{}`, `[]` or a short whole number."""
    if value[:1] == '"':
        return len(value) > 1 and value[-1] == '"' and '"' not in value[1:-1] and "\\" not in value
    if value in ("true", "false", "null", "{}", "[]", "0"):
        return True
    digits = value.removeprefix("-")
    return digits.isascii() and digits.isdigit() and digits[0] != "0" and len(digits) <= 15
