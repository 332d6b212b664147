"""What a failed system call means to the user."""

import errno
import os

from session.errors import SessionError


def explain(doing: str, path: str, root: str, shown: str, error: OSError, note: str) -> SessionError:
    """One line: what could not be done to `path` (below the root) and why; whose it is, if not ours."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    message = f"cannot {doing} {shown}{path}: {reason[:1].lower()}{reason[1:]}{note}"
    return SessionError(message, _owner(path, root, error), fault=True)


def _owner(path: str, root: str, error: OSError) -> str:
    if error.errno not in (errno.EACCES, errno.EPERM) or not hasattr(os, "geteuid"):
        return ""
    # the nearest thing there is, from the file up to the root
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
