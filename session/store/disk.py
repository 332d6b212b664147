"""Files of one folder, read and replaced so that a crash leaves the old or the new bytes.

POSIX: everything is relative to an open folder, links are never followed. Errors are OSError, or
SessionError where what is in the way is not ours to read or replace.
"""

import sys

from session._posix import posix, stat
from session.errors import SessionError, Unconfirmed
from session.store.paths import TEMPORARY

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

MAX_BYTES = 16 * 1024 * 1024
_FOLDER = getattr(posix, "O_DIRECTORY", 0) | getattr(posix, "O_CLOEXEC", 0)
_NO_LINK = getattr(posix, "O_NOFOLLOW", 0) | getattr(posix, "O_NONBLOCK", 0) | getattr(posix, "O_CLOEXEC", 0)


if sys.platform == "darwin":  # there, fsync alone stops at the drive's cache
    import errno
    import fcntl

    def sync(fd: int) -> None:
        """Return when what was written to `fd` (a file or a folder) survives a power cut."""
        try:
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
        except OSError as error:
            if error.errno not in (errno.ENOTSUP, errno.EINVAL, errno.ENOTTY):
                raise
            posix.fsync(fd)  # a file system, of a network or another maker, that does not know it

else:
    sync = posix.fsync


def read_all(fd: int, path: str, limit: int = MAX_BYTES) -> bytes:
    """What `fd` holds, counted while reading: SessionError past `limit` bytes."""
    pieces: list[bytes] = []
    room = limit + 1
    while room > 0:
        piece = posix.read(fd, min(room, 1 << 16))
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
        room -= len(piece)
    raise too_large(path)


def too_large(path: str) -> SessionError:
    """More than what a document, or a text on stdin, may have."""
    return SessionError(f"{path} is too large: more than {MAX_BYTES >> 20} MiB", "move it away, or make it smaller")


def write_all(fd: int, data: bytes) -> None:
    """All of `data` to `fd`, on after short writes."""
    rest = memoryview(data)
    while rest:
        rest = rest[posix.write(fd, rest) :]


class Folder:
    """An open folder. `path` is how messages name what is in it: empty, or ending in a slash."""

    __slots__ = ("fd", "path")

    def __init__(self, fd: int, path: str) -> None:
        self.fd = fd
        self.path = path

    @classmethod
    def at(cls, path: str, shown: str) -> "Folder":
        """The folder at an absolute path, which may be a link; `shown` becomes its `path`."""
        return cls(posix.open(path, posix.O_RDONLY | _FOLDER), shown)

    def close(self) -> None:
        """Give the descriptor back."""
        posix.close(self.fd)

    def again(self) -> "Folder":
        """The same folder, to be closed by itself."""
        return Folder(posix.dup(self.fd), self.path)

    def child(self, name: str, *, link: bool = False) -> "Folder | None":
        """The folder `name` in this one, None where there is none; only `link` follows a link."""
        path = self.path + name
        try:
            fd = posix.open(name, posix.O_RDONLY | _FOLDER | (0 if link else _NO_LINK), dir_fd=self.fd)
        except FileNotFoundError:
            return None
        except OSError:  # ENOTDIR or ELOOP, by system, for a link
            found = self.status(name)
            if found is not None and stat.S_ISLNK(found.st_mode) and not link:
                raise refusal(path, found) from None
            raise
        return Folder(fd, path + "/")

    def make_child(self, name: str) -> "Folder":
        """The folder `name`, made for its owner alone and made durable."""
        try:
            posix.mkdir(name, 0o700, dir_fd=self.fd)
        except FileExistsError:  # someone else was first
            made = False
        else:
            made = True
        folder = self.child(name)
        if folder is None:
            raise FileNotFoundError(2, posix.strerror(2))
        if made:
            posix.fchmod(folder.fd, 0o700)  # whatever the umask
            sync(folder.fd)
        sync(self.fd)
        return folder

    def status(self, name: str) -> "os.stat_result | None":
        """What is at `name`, links not followed; None where nothing is."""
        try:
            return posix.lstat(name, dir_fd=self.fd)
        except FileNotFoundError:
            return None

    def read(self, name: str, *, limit: int = MAX_BYTES, listed: bool = False) -> bytes | None:
        """The bytes of the regular file `name`, None where there is none, or a folder.

        At most `limit` bytes, else SessionError; `listed` says that `name` is known to be spelt like this.
        """
        try:
            fd = self._open(name, posix.O_RDONLY)
        except FileNotFoundError:
            return None
        except OSError:
            found = self.status(name)
            if found is None or stat.S_ISREG(found.st_mode):
                raise
            if stat.S_ISDIR(found.st_mode):
                return None
            raise refusal(self.path + name, found) from None
        try:
            found = posix.fstat(fd)
            if not stat.S_ISREG(found.st_mode):
                if stat.S_ISDIR(found.st_mode):
                    return None
                raise refusal(self.path + name, found)
            if not listed:
                self._check_spelling(name, found)
            expected = found.st_size
            if expected > limit:
                raise too_large(self.path + name)
            body = posix.read(fd, expected + 1)
            if len(body) == expected:
                return body
            return body + read_all(fd, self.path + name, limit - len(body))  # it grew, or came in pieces
        finally:
            posix.close(fd)

    def below(self, own: str, *, listed: bool = False) -> "Folder | None":
        """The folder of a document's own in this one, None where there is none."""
        try:
            folder = self.child(own)
        except NotADirectoryError:
            return None
        if folder is not None and not listed:
            found = self.status(own)
            try:
                if found is not None:
                    self._check_spelling(own, found)
            except BaseException:
                folder.close()
                raise
        return folder

    def read_below(self, own: str, name: str, *, listed: bool = False) -> bytes | None:
        """`read` in the folder of a document's own, None where there is none."""
        if not own:
            return self.read(name, listed=listed)
        folder = self.below(own, listed=listed)
        if folder is None:
            return None
        try:
            return folder.read(name, listed=listed)
        finally:
            folder.close()

    def replace(self, name: str, data: bytes) -> None:
        """Put `data` at `name`, durably: on return it survives a power cut, on an error nothing changed.

        Unconfirmed: it is in place, but the folder could not be synced.
        """
        found = self.status(name)
        if found is not None:
            if not stat.S_ISREG(found.st_mode):
                raise refusal(self.path + name, found)
            self._check_spelling(name, found)
        fd = self._temporary()
        try:
            try:
                self.set_mode(fd, 0o600 if found is None else stat.S_IMODE(found.st_mode))
                write_all(fd, data)
                sync(fd)
                if posix.fstat(fd).st_size != len(data):
                    raise OSError(5, "the file is shorter than what was written")
            finally:
                posix.close(fd)
            self._rename(TEMPORARY, name)
        except BaseException:
            self.discard_temporary()
            raise
        self.confirm(name)

    def sync(self) -> None:
        """Make the folder's entries survive a power cut."""
        sync(self.fd)

    def confirm(self, name: str) -> None:
        """Make the folder's entries durable, `name` the one that was changed."""
        try:
            self.sync()
        except OSError as error:
            raise Unconfirmed(
                f"{self.path}{name}: changed, but not confirmed durable: {(error.strerror or '').lower()}",
                "check the disk; the change is visible but may not survive a power cut",
                fault=True,
            ) from error

    def _temporary(self) -> int:
        # one name is enough: only the holder of the lock writes, so a file there is a dead writer's
        flags = posix.O_WRONLY | posix.O_CREAT | posix.O_EXCL
        try:
            return self._open(TEMPORARY, flags)
        except FileExistsError:
            found = self.status(TEMPORARY)
            if found is not None and not stat.S_ISREG(found.st_mode):
                raise refusal(self.path + TEMPORARY, found) from None
            self.discard_temporary()
            return self._open(TEMPORARY, flags)

    def discard_temporary(self) -> None:
        """Remove what a writer that failed or died left."""
        try:
            self._unlink(TEMPORARY)
        except OSError:
            pass  # it stays out of the way: it is hidden, and the next writer removes it

    def has(self, name: str) -> bool:
        """Whether a file to read or remove is at `name`; SessionError for one that is neither."""
        found = self.status(name)
        if found is None or stat.S_ISDIR(found.st_mode):
            return False
        if not stat.S_ISREG(found.st_mode):
            raise refusal(self.path + name, found)
        self._check_spelling(name, found)
        return True

    def remove(self, name: str) -> None:
        """Delete the file `name`, durably. Unconfirmed as for `replace`."""
        try:
            self._unlink(name)
        except FileNotFoundError:
            pass
        self.confirm(name)

    def remove_child(self, name: str) -> None:
        """Delete the folder `name` if nothing is in it."""
        try:
            self._rmdir(name)
        except OSError:
            return  # something else is in it, or it is gone
        self.confirm(name)

    def names(self) -> list[str]:
        """The names of all entries, in no order."""
        return posix.listdir(self.fd)

    def open_lock(self, name: str) -> int:
        """A descriptor of the lock file `name`, made where there is none. OSError for anything but a file."""
        return self._open(name, posix.O_RDWR | posix.O_CREAT)

    def _open(self, name: str, flags: int) -> int:
        return posix.open(name, flags | _NO_LINK, 0o600, dir_fd=self.fd)

    def set_mode(self, fd: int, mode: int) -> None:
        """Give the open file that mode."""
        posix.fchmod(fd, mode)  # whatever the umask made of it

    def _rename(self, old: str, new: str) -> None:
        posix.rename(old, new, src_dir_fd=self.fd, dst_dir_fd=self.fd)

    def _unlink(self, name: str) -> None:
        posix.unlink(name, dir_fd=self.fd)

    def _rmdir(self, name: str) -> None:
        posix.rmdir(name, dir_fd=self.fd)

    def _check_spelling(self, name: str, found: "os.stat_result") -> None:
        # where the file system folds case, another session's file answers to this name
        # letter by letter: `ß` would become two, which no file system folds
        other = "".join(char.swapcase() if len(char.swapcase()) == 1 else char for char in name)
        if other == name:
            return
        twin = self.status(other)
        if twin is None or (twin.st_dev, twin.st_ino) != (found.st_dev, found.st_ino):
            return
        names = self.names()
        if name not in names:
            spelt = next((entry for entry in names if entry.casefold() == name.casefold()), other)
            raise SessionError(f"{self.path}{name} differs from {spelt} only by case", "use that spelling")


def refusal(path: str, found: "os.stat_result") -> SessionError:
    """What is at `path` is not ours to read, replace or remove."""
    kind = "a symbolic link" if stat.S_ISLNK(found.st_mode) else "not a regular file"
    if stat.S_ISDIR(found.st_mode):
        kind = "a folder"
    return SessionError(f"{path} is {kind}: refused", "move it away")
