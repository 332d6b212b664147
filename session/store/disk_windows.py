"""`disk.Folder` for Windows, with paths instead of folder descriptors.

Experimental. Data survives the crash of a process. It may not survive a power cut, because Windows cannot sync a
folder. Windows also cannot replace a file that a reader has open, so a replacement is tried again for half a second.
"""

import os
import stat
import time

from session.store import disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_TRIES = 50
_PAUSE_S = 0.01


class Folder(disk.Folder):
    """A folder by its path `where`; `fd` is not used. Methods and errors are those of `disk.Folder`."""

    __slots__ = ("where",)

    def __init__(self, where: str, path: str) -> None:
        super().__init__(-1, path)
        self.where = where

    @classmethod
    def at(cls, path: str, shown: str) -> "Folder":
        """Return the folder at an absolute path. Messages show the path as `shown`."""
        if not stat.S_ISDIR(os.stat(path).st_mode):
            raise NotADirectoryError(20, os.strerror(20))
        return cls(path, shown)

    def close(self) -> None:
        """Do nothing: there is no descriptor to close."""

    def duplicate(self) -> "Folder":
        """Return a second object for this folder."""
        return Folder(self.where, self.path)

    def child(self, name: str, *, link: bool = False) -> "Folder | None":
        """Return the folder `name` in this one, or None if there is none. Follow a link only if `link`."""
        status = os.stat(self._at(name)) if link and os.path.exists(self._at(name)) else self.status(name)
        if status is None:
            return None
        if stat.S_ISLNK(status.st_mode):
            raise disk.refusal(self.path + name, status)
        if not stat.S_ISDIR(status.st_mode):
            raise NotADirectoryError(20, os.strerror(20))
        return Folder(self._at(name), self.path + name + "/")

    def make_child(self, name: str) -> "Folder":
        """Make the folder `name` if there is none, and return it."""
        os.makedirs(self._at(name), 0o700, exist_ok=True)
        return Folder(self._at(name), self.path + name + "/")

    def status(self, name: str) -> os.stat_result | None:
        """Return the status of what is at `name`, or None if nothing is there. Do not follow a link."""
        try:
            return os.lstat(self._at(name))
        except FileNotFoundError:
            return None

    def foreign_owner(self, name: str) -> int | None:
        """Return None: files there have no owner that could be compared."""
        return None

    def sync(self) -> None:
        """Do nothing: Windows cannot open a folder, so it cannot sync one."""

    def names(self) -> list[str]:
        """Return the names of all entries, in no particular order."""
        return os.listdir(self.where)

    def _open(self, name: str, flags: int) -> int:
        # Windows has no O_NOFOLLOW, so check before opening; on Windows only privileged users can make links
        status = self.status(name)
        if status is not None and flags & os.O_EXCL:
            raise FileExistsError(17, os.strerror(17))
        if status is not None and not stat.S_ISREG(status.st_mode):
            raise IsADirectoryError(21, os.strerror(21))
        return os.open(self._at(name), flags | getattr(os, "O_BINARY", 0), 0o600)

    def set_mode(self, fd: int, mode: int) -> None:
        """Do nothing: on Windows, a file takes its access rights from its folder."""

    def _rename(self, old: str, new: str) -> None:
        _retry(lambda: os.replace(self._at(old), self._at(new)))

    def _unlink(self, name: str) -> None:
        _retry(lambda: os.unlink(self._at(name)))

    def _rmdir(self, name: str) -> None:
        os.rmdir(self._at(name))

    def _at(self, name: str) -> str:
        return os.path.join(self.where, name)


def _retry(call: "Callable[[], None]") -> None:
    """Make the call again, up to _TRIES times, while a reader has the file open."""
    for left in range(_TRIES, -1, -1):
        try:
            return call()
        except PermissionError:
            if not left:
                raise
            time.sleep(_PAUSE_S)
