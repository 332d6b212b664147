"""Read, replace and remove the files of one folder; after a crash, a file has its old or its new bytes.

Everything is relative to an open folder, and no link is followed. This is the version for POSIX systems; that for
Windows is disk_windows.py. Errors are OSError, or SessionError if something other than a regular file is in the way.
"""

import sys

from session._posix import posix, stat
from session.errors import SessionError, Unconfirmed
from session.store.paths import TEMPORARY, is_temporary

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

MAX_BYTES = 16 * 1024 * 1024
_FOLDER = getattr(posix, "O_DIRECTORY", 0) | getattr(posix, "O_CLOEXEC", 0)
_NO_LINK = getattr(posix, "O_NOFOLLOW", 0) | getattr(posix, "O_NONBLOCK", 0) | getattr(posix, "O_CLOEXEC", 0)


if sys.platform == "darwin":  # on macOS, fsync alone leaves the data in the drive's cache
    import errno
    import fcntl

    def sync(fd: int) -> None:
        """Make everything that was written to `fd`, a file or a folder, survive a power cut."""
        try:
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
        except OSError as error:
            if error.errno not in (errno.ENOTSUP, errno.EINVAL, errno.ENOTTY):
                raise
            posix.fsync(fd)  # network file systems and others may not support F_FULLFSYNC

else:
    sync = posix.fsync


def read_all(fd: int, path: str, limit: int = MAX_BYTES) -> bytes:
    """Return the bytes of `fd` up to its end; SessionError, which names `path`, if there are more than `limit`."""
    pieces: list[bytes] = []
    room = limit + 1
    while room > 0:
        piece = posix.read(fd, min(room, 1 << 16))
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
        room -= len(piece)
    raise too_large(path, limit)


def too_large(path: str, limit: int = MAX_BYTES) -> SessionError:
    """Return the error for a document, or a text on stdin, with more than `limit` bytes."""
    return SessionError(f"{path} is too large: more than {limit >> 20} MiB", "move it away, or make it smaller")


def write_all(fd: int, data: bytes) -> None:
    """Write all of `data` to `fd`, also if the system takes it in pieces."""
    rest = memoryview(data)
    while rest:
        rest = rest[posix.write(fd, rest) :]


class Folder:
    """An open folder. `path` stands before names in messages: it is empty, or ends in a slash."""

    __slots__ = ("fd", "path")

    def __init__(self, fd: int, path: str) -> None:
        self.fd = fd
        self.path = path

    @classmethod
    def at(cls, path: str, shown: str) -> "Folder":
        """Return the open folder at an absolute path, which may be a link. Messages show the path as `shown`."""
        return cls(posix.open(path, posix.O_RDONLY | _FOLDER), shown)

    def close(self) -> None:
        """Close the folder's descriptor."""
        posix.close(self.fd)

    def duplicate(self) -> "Folder":
        """Return this folder with a second descriptor, which the caller closes separately."""
        return Folder(posix.dup(self.fd), self.path)

    def child(self, name: str, *, link: bool = False) -> "Folder | None":
        """Return the folder `name` in this one, open, or None if there is none. Follow a link only if `link`."""
        path = self.path + name
        try:
            fd = posix.open(name, posix.O_RDONLY | _FOLDER | (0 if link else _NO_LINK), dir_fd=self.fd)
        except FileNotFoundError:
            return None
        except OSError:  # for a link, some systems answer ENOTDIR and others ELOOP
            status = self.status(name)
            if status is not None and stat.S_ISLNK(status.st_mode) and not link:
                raise refusal(path, status) from None
            raise
        return Folder(fd, path + "/")

    def make_child(self, name: str) -> "Folder":
        """Make the folder `name` durably, with mode 0700, and return it open. Return an existing one as it is."""
        try:
            posix.mkdir(name, 0o700, dir_fd=self.fd)
        except FileExistsError:  # another process made the folder first
            is_new = False
        else:
            is_new = True
        folder = self.child(name)
        if folder is None:
            raise FileNotFoundError(2, posix.strerror(2))
        if is_new:
            posix.fchmod(folder.fd, 0o700)  # again, because mkdir applies the umask
            sync(folder.fd)
        sync(self.fd)
        return folder

    def status(self, name: str) -> "os.stat_result | None":
        """Return the status of what is at `name`, or None if nothing is there. Do not follow a link."""
        try:
            return posix.lstat(name, dir_fd=self.fd)
        except FileNotFoundError:
            return None

    def foreign_owner(self, name: str) -> int | None:
        """Return the user id of who owns the file `name`, if everybody may write to this folder and it is not ours."""
        status = self.status(name)
        if status is None or not posix.fstat(self.fd).st_mode & stat.S_ISVTX or status.st_uid == posix.geteuid():
            return None
        return status.st_uid

    def read(self, name: str, *, limit: int = MAX_BYTES, listed: bool = False) -> bytes | None:
        """Return the bytes of the regular file `name`, or None if there is none or a folder is there.

        SessionError if the file has more than `limit` bytes. `listed` says that `name` comes from the folder's list,
        so its spelling needs no check.
        """
        try:
            fd = self._open(name, posix.O_RDONLY)
        except FileNotFoundError:
            return None
        except OSError:
            status = self.status(name)
            if status is None or stat.S_ISREG(status.st_mode):
                raise
            if stat.S_ISDIR(status.st_mode):
                return None
            raise refusal(self.path + name, status) from None
        try:
            status = posix.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                if stat.S_ISDIR(status.st_mode):
                    return None
                raise refusal(self.path + name, status)
            if not listed:
                self._check_spelling(name, status)
            size = status.st_size
            if size > limit:
                raise too_large(self.path + name, limit)
            body = posix.read(fd, size + 1)
            if len(body) == size:
                return body
            # the first read did not return the whole file, or the file has grown since
            return body + read_all(fd, self.path + name, limit - len(body))
        finally:
            posix.close(fd)

    def below(self, own: str, *, listed: bool = False) -> "Folder | None":
        """Return the open folder `own` in this one, which holds one document's files, or None if there is none."""
        try:
            folder = self.child(own)
        except NotADirectoryError:
            return None
        if folder is not None and not listed:
            status = self.status(own)
            try:
                if status is not None:
                    self._check_spelling(own, status)
            except BaseException:
                folder.close()
                raise
        return folder

    def read_below(self, own: str, name: str, *, listed: bool = False) -> bytes | None:
        """Return the bytes of the file `name` in the folder `own` below this one, or None if there is none.

        If `own` is "", read the file in this folder itself.
        """
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
        """Write the file `name` durably: after the return it survives a power cut; after an error nothing changed.

        Unconfirmed is the exception: the file is in place, but the folder could not be synced. A file that is replaced
        keeps its mode; a new one has mode 0600.
        """
        self.prepare(TEMPORARY, name, data)
        self.put(TEMPORARY, name)

    def prepare(self, temporary: str, name: str, data: bytes) -> None:
        """Write `data` to the file `temporary` and sync it, so that one rename puts it in the place of `name`.

        After an error the temporary file is gone. SessionError if something else than a regular file is at `name`.
        """
        status = self.status(name)
        if status is not None:
            if not stat.S_ISREG(status.st_mode):
                raise refusal(self.path + name, status)
            self._check_spelling(name, status)
        fd = self._temporary(temporary)
        try:
            try:
                self.set_mode(fd, 0o600 if status is None else stat.S_IMODE(status.st_mode))
                write_all(fd, data)
                sync(fd)
                if posix.fstat(fd).st_size != len(data):
                    raise OSError(5, "the file is shorter than what was written")
            finally:
                posix.close(fd)
        except BaseException:
            self.discard_temporary(temporary)
            raise

    def put(self, temporary: str, name: str) -> None:
        """Rename a prepared file to `name`, durably. If the rename fails, remove the prepared file."""
        try:
            self._rename(temporary, name)
        except BaseException:
            self.discard_temporary(temporary)
            raise
        self.confirm(name)

    def check_changeable(self, name: str) -> None:
        """Raise OSError if the folder takes no new entries, or if the file `name` can be neither replaced nor removed.

        A commit of several changes asks first, because half of it could not be taken back.
        """
        posix.close(self._temporary(TEMPORARY))
        self._unlink(TEMPORARY)
        if self.foreign_owner(name) is not None and posix.geteuid() not in (0, posix.fstat(self.fd).st_uid):
            raise PermissionError(1, posix.strerror(1))  # in such a folder, only the owner may rename or remove it
        try:
            posix.close(self._open(name, posix.O_WRONLY))
        except OSError as error:
            # EPERM is an immutable file. Other codes do not matter: rename and unlink need no access to the file.
            if error.errno == 1:
                raise

    def sync(self) -> None:
        """Make all entries of the folder survive a power cut."""
        sync(self.fd)

    def confirm(self, name: str) -> None:
        """Make the change of the entry `name` survive a power cut; raise Unconfirmed if the folder cannot be synced."""
        try:
            self.sync()
        except OSError as error:
            raise Unconfirmed(
                f"{self.path}{name}: changed, but not confirmed durable: {(error.strerror or '').lower()}",
                "check the disk; the change is visible but may not survive a power cut",
                fault=True,
            ) from error

    def _temporary(self, name: str) -> int:
        """Make the temporary file `name` and return its descriptor."""
        # a fixed name is enough: only the holder of the lock writes, so a file there is left from a dead writer
        flags = posix.O_WRONLY | posix.O_CREAT | posix.O_EXCL
        try:
            return self._open(name, flags)
        except FileExistsError:
            status = self.status(name)
            if status is not None and not stat.S_ISREG(status.st_mode):
                raise refusal(self.path + name, status) from None
            self.discard_temporary(name)
            return self._open(name, flags)

    def discard_temporary(self, name: str = TEMPORARY) -> None:
        """Remove a temporary file that a failed or dead writer left, if there is one."""
        try:
            self._unlink(name)
        except OSError:
            pass  # it does no harm: it is hidden, and the next writer removes it

    def discard_temporaries(self) -> None:
        """Remove all temporary files that dead writers left in this folder."""
        for name in self.names():
            if is_temporary(name):
                self.discard_temporary(name)

    def has(self, name: str) -> bool:
        """Return True if a regular file is at `name`, False for a folder or nothing. SessionError for anything else."""
        status = self.status(name)
        if status is None or stat.S_ISDIR(status.st_mode):
            return False
        if not stat.S_ISREG(status.st_mode):
            raise refusal(self.path + name, status)
        self._check_spelling(name, status)
        return True

    def remove(self, name: str) -> None:
        """Delete the file `name` durably; Unconfirmed if it is deleted, but the folder cannot be synced."""
        try:
            self._unlink(name)
        except FileNotFoundError:
            pass
        self.confirm(name)

    def remove_child(self, name: str) -> None:
        """Delete the folder `name` durably if it is empty."""
        try:
            self._rmdir(name)
        except OSError:
            return  # it is not empty, or it no longer exists
        self.confirm(name)

    def names(self) -> list[str]:
        """Return the names of all entries, in no particular order."""
        return posix.listdir(self.fd)

    def open_lock(self, name: str) -> int:
        """Return a descriptor of the lock file `name`; make the file if there is none. OSError if it is no file."""
        return self._open(name, posix.O_RDWR | posix.O_CREAT)

    def _open(self, name: str, flags: int) -> int:
        return posix.open(name, flags | _NO_LINK, 0o600, dir_fd=self.fd)

    def set_mode(self, fd: int, mode: int) -> None:
        """Set the mode of an open file."""
        posix.fchmod(fd, mode)  # not when opening it, because that applies the umask

    def _rename(self, old: str, new: str) -> None:
        posix.rename(old, new, src_dir_fd=self.fd, dst_dir_fd=self.fd)

    def _unlink(self, name: str) -> None:
        posix.unlink(name, dir_fd=self.fd)

    def _rmdir(self, name: str) -> None:
        posix.rmdir(name, dir_fd=self.fd)

    def _check_spelling(self, name: str, status: "os.stat_result") -> None:
        """Raise SessionError if the entry with this status has `name` only because the file system ignores case.

        Without this, `A` would read or replace the document `a`.
        """
        # letter by letter: swapcase turns `ß` into two letters, and no file system does
        other = "".join(char.swapcase() if len(char.swapcase()) == 1 else char for char in name)
        if other == name:
            return
        twin = self.status(other)
        if twin is None or (twin.st_dev, twin.st_ino) != (status.st_dev, status.st_ino):
            return
        names = self.names()
        if name not in names:
            actual = next((entry for entry in names if entry.casefold() == name.casefold()), other)
            raise SessionError(f"{self.path}{name} differs from {actual} only by case", "use that spelling")


def refusal(path: str, status: "os.stat_result") -> SessionError:
    """Return the error for something at `path` that the store does not read, replace or remove."""
    kind = "a symbolic link" if stat.S_ISLNK(status.st_mode) else "not a regular file"
    if stat.S_ISDIR(status.st_mode):
        kind = "a folder"
    return SessionError(f"{path} is {kind}: refused", "move it away")
