"""The read that nearly every `get` is, in one small file.

What is plain is answered here; for anything out of the ordinary, an error too, the answer is None, and the caller
goes the long way, which knows about everything. Never another answer than the long way's.
"""

import sys

from session._posix import join, posix, stat, variable
from session.root import STATE, find_root

# as the table in store/paths.py has them, which costs more to load than the whole read
FOLDER, ENDING, NAME_BYTES, JOURNAL = "sessions", ".json", 180, ".journal"

_LONGEST = 1 << 14  # bytes; beyond that, the parser is faster
_FOLDER = getattr(posix, "O_DIRECTORY", 0) | getattr(posix, "O_NOFOLLOW", 0) | getattr(posix, "O_CLOEXEC", 0)
_FILE = getattr(posix, "O_NOFOLLOW", 0) | getattr(posix, "O_NONBLOCK", 0) | getattr(posix, "O_CLOEXEC", 0)


def session(workflow: str) -> bytes | None:
    """The workflow's session as `get` prints it, `null` where there is none.

    None if that takes more than a plain read.
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
    except Exception:  # whatever it is, the long way says it
        return None


def _read(state_path: str, file: str) -> bytes | None:
    state = posix.open(state_path, posix.O_RDONLY | _FOLDER)
    try:
        if _exists(JOURNAL, state):
            return None
        folder = posix.open(FOLDER, posix.O_RDONLY | _FOLDER, dir_fd=state)
    finally:
        posix.close(state)
    try:
        twin = file.swapcase()  # answers where the file system folds case
        if twin != file and _exists(twin, folder):
            return None
        fd = posix.open(file, posix.O_RDONLY | _FILE, dir_fd=folder)
    finally:
        posix.close(folder)
    try:
        found = posix.fstat(fd)
        if not stat.S_ISREG(found.st_mode) or found.st_size > _LONGEST:
            return None
        body = posix.read(fd, _LONGEST)
        return body if len(body) == found.st_size else None
    finally:
        posix.close(fd)


def _exists(name: str, folder: int) -> bool:
    try:
        posix.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _is_canonical(text: str) -> bool:
    """Whether the text is what `JSON.stringify(value, null, 2)` prints for some object: True only if that is
    plain to see. No escapes, no fractions, no long numbers, nothing that isn't printable."""
    lines = text.split("\n")
    if lines[0] != "{" or not "".join(lines).isprintable():
        return False
    holders: list[set[str] | None] = [set()]  # of each open object its keys, None for an array
    first = True  # nothing stands in the innermost holder yet
    comma = False  # the line before asks for another one
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
    if value[:1] == '"':
        return len(value) > 1 and value[-1] == '"' and '"' not in value[1:-1] and "\\" not in value
    if value in ("true", "false", "null", "{}", "[]", "0"):
        return True
    digits = value.removeprefix("-")
    return digits.isascii() and digits.isdigit() and digits[0] != "0" and len(digits) <= 15
