"""`disk.Folder` for Windows: by path, as there are no folder descriptors there.

Experimental. A process crash is survived; a power cut is not promised, as folders can't be synced. A file
can't be replaced while a reader has it open, so that is tried again for a bounded time.
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
    """A folder by its path; `fd` is not used. The same methods and errors as `disk.Folder`."""

    __slots__ = ("where",)

    def __init__(self, where: str, path: str) -> None:
        super().__init__(-1, path)
        self.where = where

    @classmethod
    def at(cls, path: str, shown: str) -> "Folder":
        if not stat.S_ISDIR(os.stat(path).st_mode):
            raise NotADirectoryError(20, os.strerror(20))
        return cls(path, shown)

    def close(self) -> None:
        pass

    def again(self) -> "Folder":
        return Folder(self.where, self.path)

    def child(self, name: str, *, link: bool = False) -> "Folder | None":
        found = os.stat(self._at(name)) if link and os.path.exists(self._at(name)) else self.status(name)
        if found is None:
            return None
        if stat.S_ISLNK(found.st_mode):
            raise disk.refusal(self.path + name, found)
        if not stat.S_ISDIR(found.st_mode):
            raise NotADirectoryError(20, os.strerror(20))
        return Folder(self._at(name), self.path + name + "/")

    def make_child(self, name: str) -> "Folder":
        os.makedirs(self._at(name), 0o700, exist_ok=True)
        return Folder(self._at(name), self.path + name + "/")

    def status(self, name: str) -> os.stat_result | None:
        try:
            return os.lstat(self._at(name))
        except FileNotFoundError:
            return None

    def sync(self) -> None:
        pass  # folders can't be opened there, let alone synced

    def names(self) -> list[str]:
        return os.listdir(self.where)

    def _open(self, name: str, flags: int) -> int:
        # without O_NOFOLLOW the check comes first; links need a privilege there
        found = self.status(name)
        if found is not None and flags & os.O_EXCL:
            raise FileExistsError(17, os.strerror(17))
        if found is not None and not stat.S_ISREG(found.st_mode):
            raise IsADirectoryError(21, os.strerror(21))
        return os.open(self._at(name), flags | getattr(os, "O_BINARY", 0), 0o600)

    def set_mode(self, fd: int, mode: int) -> None:
        pass  # access there comes from the folder above

    def _rename(self, old: str, new: str) -> None:
        _retry(lambda: os.replace(self._at(old), self._at(new)))

    def _unlink(self, name: str) -> None:
        _retry(lambda: os.unlink(self._at(name)))

    def _rmdir(self, name: str) -> None:
        os.rmdir(self._at(name))

    def _at(self, name: str) -> str:
        return os.path.join(self.where, name)


def _retry(call: "Callable[[], None]") -> None:
    # while a reader has the file open
    for left in range(_TRIES, -1, -1):
        try:
            return call()
        except PermissionError:
            if not left:
                raise
            time.sleep(_PAUSE_S)
