"""Which project is meant: root discovery. On the hottest path of all, so in a small file of its own."""

from session._posix import exists, join, parent, posix, stat, variable

STATE = ("ia", "state")  # what makes a folder a root; holds the lock and the journal
PROJECT_FILES = ("pyproject.toml", "package.json", "Cargo.toml", "go.mod")


def find_root() -> tuple[str, bool]:
    """The absolute path of the folder whose `ia/state` is meant, and whether it is the working folder.

    $WORKFLOW_SESSION_ROOT; else the nearest folder upwards with `ia/state`, not beyond a `.git`;
    else the nearest with a `.git`, else with a project file; else the working folder itself.
    The home folder and `/` count only when they are the working folder. SessionError where there is none.
    """
    try:
        cwd = posix.getcwd()
    except OSError:
        from session.errors import SessionError  # cost: when something failed

        raise SessionError("the working folder no longer exists", "change to another folder") from None
    named = variable("WORKFLOW_SESSION_ROOT")
    if named:
        return _named_root(cwd, named)
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


def _named_root(cwd: str, named: str) -> tuple[str, bool]:
    from os import path  # cost: only where that variable is set

    root = path.normpath(path.join(cwd, named))
    if not _is_folder(root):
        from session.errors import SessionError  # cost: when something failed

        raise SessionError(f"WORKFLOW_SESSION_ROOT is not a folder: {named}")
    return root, _identity(root) == _identity(cwd)


def is_home(folder: str) -> bool:
    """Whether the folder is the user's home."""
    return _identity(folder) == _identity(variable("HOME") or variable("USERPROFILE"))


def _has_state(folder: str) -> bool:
    try:
        return stat.S_ISDIR(posix.stat(join(folder, *STATE)).st_mode)
    except PermissionError:  # it may well be there, another user's: to be said, not to be passed by
        return _is_folder(join(folder, STATE[0]))
    except (OSError, ValueError):
        return False


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(posix.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = posix.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino
