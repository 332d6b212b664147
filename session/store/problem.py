"""Explain a failed system call to the user."""

import errno
import os

from session.errors import SessionError


def explain(doing: str, path: str, root: str, shown: str, error: OSError, note: str) -> SessionError:
    """Return the SessionError for a failed system call on `path`, which is below the root.

    The message says that the program cannot do `doing` (a verb) to the path, and the reason; `note` is appended. If
    access was denied because another user owns the file or folder, the hint names that user.
    """
    reason = os.strerror(error.errno) if error.errno else str(error)
    message = f"cannot {doing} {shown}{path}: {reason[:1].lower()}{reason[1:]}{note}"
    return SessionError(message, _owner(path, root, error), fault=True)


def _owner(path: str, root: str, error: OSError) -> str:
    """Return a hint about the other user to whom the path belongs, or ""."""
    if error.errno not in (errno.EACCES, errno.EPERM) or not hasattr(os, "geteuid"):
        return ""
    # the file itself, or the nearest folder above it that exists
    at = os.path.join(root, *path.split("/"))
    while not os.path.lexists(at) and at != root:
        at = os.path.dirname(at)
    try:
        owner = os.lstat(at).st_uid
    except OSError:
        return ""
    if owner == os.geteuid():
        return ""
    return f"{root if at == root else os.path.relpath(at, root)} belongs to another user (uid {owner})"
