"""Files that belong to others, changed whole or not at all: read, shown as a diff, compared again, replaced."""

import os
import stat
from typing import NamedTuple

from session.errors import Conflict, SessionError
from session.store.disk import refusal
from session.store.files import Folder


class Change(NamedTuple):
    """What the file at an absolute path holds before and after; None where there is no file."""

    path: str
    old: bytes | None
    new: bytes | None


def resolve(path: str) -> str:
    """The path without links, so that a file is replaced where it is, and links to it stay. SessionError for a link
    that leads nowhere."""
    at = path
    while at != os.path.dirname(at):
        if os.path.islink(at) and not os.path.exists(at):
            raise SessionError(f"{at} is a link that leads nowhere: refused", "mend it, or remove it")
        at = os.path.dirname(at)
    return os.path.realpath(path)


def read(path: str) -> bytes | None:
    """The bytes of the regular file, None where nothing is. SessionError for anything else, and past 16 MiB."""
    try:
        folder = _open(os.path.dirname(path))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise failed("read", path, error) from error
    try:
        return _read(folder, os.path.basename(path))
    except OSError as error:
        raise failed("read", path, error) from error
    finally:
        folder.close()


def apply(change: Change) -> None:
    """Make the change durably. Conflict where the file is no longer what it was."""
    doing = "remove" if change.new is None else "write"
    parent, name = os.path.split(change.path)
    try:
        for path in reversed(missing_folders(parent)):
            make_folder(path)
        folder = _open(parent)
        try:
            if _read(folder, name) != change.old:
                raise Conflict(f"{change.path} was changed meanwhile, and is left as it is", "try again")
            if change.new is None:
                folder.remove(name)
            else:
                folder.replace(name, change.new)
        finally:
            folder.close()
    except OSError as error:
        raise failed(doing, change.path, error) from error


def missing_folders(path: str) -> list[str]:
    """`path` and the folders above it that are not there, the deepest first."""
    found = []
    while not os.path.isdir(path) and path != os.path.dirname(path):
        found.append(path)
        path = os.path.dirname(path)
    return found


def make_folder(path: str) -> None:
    """Make the folder, for its owner alone, durably. OSError."""
    parent = _open(os.path.dirname(path))
    try:
        parent.make_child(os.path.basename(path)).close()
    finally:
        parent.close()


def remove_empty_folder(path: str) -> None:
    """Remove the folder, unless something is in it."""
    try:
        os.rmdir(path)
    except OSError:
        pass


def failed(doing: str, path: str, error: OSError, note: str = "") -> SessionError:
    """What is said where the system does not let us."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    return SessionError(f"cannot {doing} {path}: {reason[:1].lower()}{reason[1:]}{note}")


def diff(changes: list[Change]) -> str:
    """The changes as `git apply` takes them."""
    from difflib import unified_diff  # cost: for --dry-run only

    said: list[str] = []
    for path, old, new in changes:
        before, after = _lines(old), _lines(new)
        here = "/dev/null" if old is None else f"a{path}"
        there = "/dev/null" if new is None else f"b{path}"
        said += [_whole(line) for line in unified_diff(before, after, here, there)]
    return "".join(said)


def _open(path: str) -> Folder:
    return Folder.at(path, os.path.join(path, ""))


def _read(folder: Folder, name: str) -> bytes | None:
    body = folder.read(name)
    found = folder.status(name) if body is None else None
    if found is not None and stat.S_ISDIR(found.st_mode):
        raise refusal(folder.path + name, found)
    return body


def _lines(body: bytes | None) -> list[str]:
    lines = (body or b"").decode("utf-8", "replace").split("\n")
    return [f"{line}\n" for line in lines[:-1]] + [line for line in lines[-1:] if line]


def _whole(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
