"""Temporary folders of this program, `workflow-session-*`: where they are, and removal of those left by a crash."""

import os
import stat
import sys
import time

PREFIX = "workflow-session-"
_OLD_S = 3600.0


def folder() -> str:
    """Return the absolute path of the system's temporary folder.

    The standard library's `tempfile.gettempdir` would write a file there as a test, and takes long to import.
    """
    candidates = (os.environ.get(name, "") for name in ("TMPDIR", "TEMP", "TMP"))
    default = "/tmp" if sys.platform != "win32" else os.path.expanduser("~/AppData/Local/Temp")  # noqa: S108
    return next((os.path.abspath(path) for path in candidates if path and os.path.isdir(path)), default)


def sweep() -> list[str]:
    """Remove this user's temporary folders that nothing changed for an hour; return the paths of those removed.

    Links and other users' folders stay.
    """
    parent = folder()
    removed = []
    try:
        names = sorted(name for name in os.listdir(parent) if name.startswith(PREFIX))
    except OSError:
        return []
    for name in names:
        path = os.path.join(parent, name)
        try:
            status = os.lstat(path)
        except OSError:
            continue
        is_ours = sys.platform == "win32" or status.st_uid == os.geteuid()
        if is_ours and stat.S_ISDIR(status.st_mode) and time.time() - status.st_mtime > _OLD_S:
            from shutil import rmtree  # cost: only after a crash

            rmtree(path, ignore_errors=True)
            if not os.path.lexists(path):
                removed.append(path)
    return removed
