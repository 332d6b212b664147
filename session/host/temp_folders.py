"""Temporary folders of ours, `workflow-session-*`: swept where those who made them died."""

import os
import stat
import sys
import time

PREFIX = "workflow-session-"
_OLD_S = 3600.0


def folder() -> str:
    """Where `tempfile` would put things. It would try that out by writing there, and take long to load."""
    named = (os.environ.get(name, "") for name in ("TMPDIR", "TEMP", "TMP"))
    usual = "/tmp" if sys.platform != "win32" else os.path.expanduser("~/AppData/Local/Temp")  # noqa: S108
    return next((os.path.abspath(path) for path in named if path and os.path.isdir(path)), usual)


def sweep() -> list[str]:
    """Remove those of this user that nobody touched for an hour; their paths. Links, and what others own, stay."""
    above = folder()
    removed = []
    try:
        names = sorted(name for name in os.listdir(above) if name.startswith(PREFIX))
    except OSError:
        return []
    for name in names:
        path = os.path.join(above, name)
        try:
            found = os.lstat(path)
        except OSError:
            continue
        is_ours = sys.platform == "win32" or found.st_uid == os.geteuid()
        if is_ours and stat.S_ISDIR(found.st_mode) and time.time() - found.st_mtime > _OLD_S:
            from shutil import rmtree  # cost: hardly ever needed

            rmtree(path, ignore_errors=True)
            if not os.path.lexists(path):
                removed.append(path)
    return removed
