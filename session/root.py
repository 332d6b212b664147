"""Find the root of the project. A small file of its own, because every command loads it."""

import sys

from session._posix import exists, join, parent, posix, stat, variable

STATE = ("ia", "state")  # a folder that has this one is a root; it holds the lock and the journal
PROJECT_FILES = ("pyproject.toml", "package.json", "Cargo.toml", "go.mod")


def find_root() -> tuple[str, bool]:
    """Return the root's absolute path, and True if the root is the working folder.

    The root is $WORKFLOW_SESSION_ROOT if that is set. Otherwise the search goes from the working folder upwards. It
    stops at the first folder with `ia/state` or `.git`. If there is none, the root is the nearest folder with a
    project file, and without one the working folder. The home folder and `/` count only if they are the working
    folder. SessionError if the working folder no longer exists, or if the variable names no folder.
    """
    try:
        cwd = posix.getcwd()
    except OSError:
        from session.errors import SessionError  # cost: only after an error

        raise SessionError("the working folder no longer exists", "change to another folder") from None
    name = variable("WORKFLOW_SESSION_ROOT")
    if name:
        return _named_root(cwd, name)
    marked = ""  # the nearest folder with a project file
    folder = cwd
    while True:
        above = parent(folder)
        if folder == cwd or (above != folder and not is_home(folder)):
            if _has_state(folder) or exists(join(folder, ".git")):
                return folder, folder == cwd
            if not marked and any(exists(join(folder, file)) for file in PROJECT_FILES):
                marked = folder
        if above == folder:
            return marked or cwd, marked in ("", cwd)
        folder = above


def _named_root(cwd: str, name: str) -> tuple[str, bool]:
    """Return the root that the variable names, and True if it is the working folder."""
    from os import path  # cost: only if the variable is set

    root = path.normpath(path.join(cwd, name))
    if not _is_folder(root):
        from session.errors import SessionError  # cost: only after an error

        raise SessionError(
            f"WORKFLOW_SESSION_ROOT is not a folder: {name}", "create it, or unset WORKFLOW_SESSION_ROOT"
        )
    return root, _identity(root) == _identity(cwd)


def is_home(folder: str) -> bool:
    """Return True if the folder is the user's home."""
    return _identity(folder) == _identity(variable("HOME") or variable("USERPROFILE"))


def _has_state(folder: str) -> bool:
    try:
        status = posix.stat(join(folder, *STATE))
        return stat.S_ISDIR(status.st_mode) and (status.st_uid == _user_id() or _is_of_owner(folder, status.st_uid))
    except PermissionError:  # the state may exist and be another user's: report that instead of searching on
        return _is_folder(join(folder, STATE[0]))
    except (OSError, ValueError):
        return False


def _user_id() -> int:
    return posix.geteuid() if sys.platform != "win32" else 0  # on Windows every file has the user id 0


def _is_of_owner(folder: str, user_id: int) -> bool:
    """Return True if `user_id` owns the folder, and not everybody may make folders in it.

    So root and a team mate may work in a user's project, but nobody can plant state in /tmp for all projects below.
    """
    status = posix.stat(folder)
    return status.st_uid == user_id and not status.st_mode & stat.S_ISVTX


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(posix.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def _identity(path: str) -> tuple[int, int] | None:
    """Return device and inode of what is at `path`, or None if there is nothing."""
    try:
        status = posix.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino
