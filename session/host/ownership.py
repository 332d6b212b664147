"""Whose a file or folder is, and whether other users could have written it."""

import os
import shlex
import stat
import sys

from session.errors import SessionError
from session.store.files import Folder


def require_private(folder: Folder, path: str, name: str) -> None:
    """Raise SessionError if another user could have written the file `name` in the open folder, whose path is `path`.

    A missing file is fine. Root may do anything, so what root owns is fine as well. If this process is root's, so is
    what the owner of the home folder owns, because with `sudo` that is whom root acts for.
    """
    if sys.platform == "win32":
        return
    _require(os.fstat(folder.fd), path)
    status = folder.status(name)
    if status is not None and not stat.S_ISLNK(status.st_mode):  # reading a link is refused anyway
        _require(status, os.path.join(path, name))


def is_private(status: os.stat_result) -> bool:
    """Return True if no other user owns, or can write, what has this status."""
    return sys.platform == "win32" or (status.st_uid in _trusted_owners() and not status.st_mode & 0o022)


def _require(status: os.stat_result, path: str) -> None:
    if is_private(status):
        return
    quoted = shlex.quote(path)
    if status.st_uid not in _trusted_owners():
        message = f"{path} belongs to {_user(status.st_uid)}: not believed"
        raise SessionError(message, f"look at it, then: sudo chown {os.geteuid()} {quoted}")
    who = "everybody" if status.st_mode & 0o002 else "its group"
    message = f"{path} belongs to {_user(status.st_uid)} and can be written by {who}: not believed"
    raise SessionError(message, f"look at it, then: chmod go-w {quoted}")


def _trusted_owners() -> set[int]:
    owners = {0, os.geteuid()}
    home = os.environ.get("HOME", "")
    if os.geteuid() == 0 and os.path.isabs(home):
        try:
            owners.add(os.stat(home).st_uid)
        except OSError:
            pass
    return owners


def _user(number: int) -> str:
    import pwd  # cost: only for a refusal

    try:
        return f"{pwd.getpwuid(number).pw_name} (uid {number})"
    except KeyError:
        return f"uid {number}"
