"""Changes of files that belong to other programs: read a file, show the change as a diff, replace the whole file.

A file is replaced only if it still holds what was read.
"""

import os
import stat
from typing import NamedTuple

from session.errors import Conflict, SessionError
from session.store.disk import refusal
from session.store.files import Folder
from session.store.problem import explain
from session.store.user_file import make_folder, replace


class Change(NamedTuple):
    """The content of the file at an absolute path before and after the change; None means that there is no file."""

    path: str
    old: bytes | None
    new: bytes | None


def resolve(path: str) -> str:
    """Return the path without symbolic links, so that the file is replaced in its real folder and links to it stay.

    SessionError for a link that leads nowhere.
    """
    part = path
    while part != os.path.dirname(part):
        if os.path.islink(part) and not os.path.exists(part):
            raise SessionError(f"{part} is a link that leads nowhere: refused", "mend it, or remove it")
        part = os.path.dirname(part)
    return os.path.realpath(path)


def read(path: str) -> bytes | None:
    """Return the bytes of the file, or None if nothing is there.

    SessionError if it is not a regular file, is larger than 16 MiB, or can't be read.
    """
    try:
        folder = _open(os.path.dirname(path))
        try:
            return _read(folder, os.path.basename(path))
        finally:
            folder.close()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _explain("read", path, error) from error


def apply(change: Change) -> None:
    """Write or remove the file durably, as the change says. Conflict if it does not hold `change.old` any more."""
    parent, name = os.path.split(change.path)
    try:
        folder = make_folder(parent)
        try:
            if _read(folder, name) != change.old:
                raise Conflict(f"{change.path} was changed meanwhile, and is left as it is", "try again")
            if change.new is None:
                folder.remove(name)
            else:
                replace(folder, name, change.new)
        finally:
            folder.close()
    except OSError as error:
        raise _explain("remove" if change.new is None else "write", change.path, error) from error


def missing_folders(path: str) -> list[str]:
    """Return `path` and the folders above it that do not exist, the deepest first."""
    missing = []
    while not os.path.isdir(path) and path != os.path.dirname(path):
        missing.append(path)
        path = os.path.dirname(path)
    return missing


def remove_empty_folder(path: str) -> None:
    """Remove the folder if it is empty; else do nothing."""
    try:
        os.rmdir(path)
    except OSError:
        pass


def diff(changes: list[Change]) -> str:
    """Return the changes as a patch for `git apply`."""
    from difflib import unified_diff  # cost: only for --dry-run

    patch: list[str] = []
    for path, old, new in changes:
        before, after = _lines(old), _lines(new)
        old_name = "/dev/null" if old is None else f"a{path}"
        new_name = "/dev/null" if new is None else f"b{path}"
        patch += [_with_line_end(line) for line in unified_diff(before, after, old_name, new_name)]
    return "".join(patch)


def _open(path: str) -> Folder:
    return Folder.at(path, os.path.join(path, ""))


def _read(folder: Folder, name: str) -> bytes | None:
    body = folder.read(name)
    status = folder.status(name) if body is None else None
    if status is not None and stat.S_ISDIR(status.st_mode):
        raise refusal(folder.path + name, status)
    return body


def _explain(action: str, path: str, error: OSError) -> SessionError:
    parent, name = os.path.split(path)
    return explain(action, name, parent, os.path.join(parent, ""), error, "")


def _lines(body: bytes | None) -> list[str]:
    lines = (body or b"").decode("utf-8", "replace").split("\n")
    return [f"{line}\n" for line in lines[:-1]] + [line for line in lines[-1:] if line]


def _with_line_end(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
