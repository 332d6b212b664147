"""Read and change the user's own files outside every project; make folders durably; one lock for each folder.

What root writes for another user, with `sudo`, belongs to that user: the owner of the folder above, or of the old file.
"""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from session.store import lock
from session.store.files import NOTHING_CHANGED, Folder
from session.store.paths import LOCK
from session.store.problem import explain
from session.store.repair import sync_above


def make_folder(path: str) -> Folder:
    """Return the folder at an absolute path, open. Make it and missing folders above it, for their owner alone.

    OSError if that fails.
    """
    try:
        return Folder.at(path, os.path.join(path, ""))
    except FileNotFoundError:
        parent, name = os.path.split(path)
    above = make_folder(parent)
    try:
        folder = above.make_child(name)
        if sys.platform != "win32" and os.geteuid() == 0:
            _give(folder.fd, os.fstat(above.fd))
        return folder
    finally:
        above.close()


def replace(folder: Folder, name: str, data: bytes) -> None:
    """Write the file durably, as `folder.replace` does. If this process is root's, the file keeps its owner."""
    old = folder.status(name)
    folder.replace(name, data)
    _give_file(folder, name, old)


@contextmanager
def reading(path: str, name: str) -> Iterator[Folder | None]:
    """Yield the folder at `path` open, to read the file `name` in it, or None if there is no folder.

    SessionError if the system refuses.
    """
    shown = os.path.join(path, "")
    try:
        try:
            folder = Folder.at(path, shown)
        except FileNotFoundError:
            yield None
            return
        try:
            yield folder
        finally:
            folder.close()
    except OSError as error:
        raise explain("read", name, path, shown, error, "") from error


@contextmanager
def locked(path: str, name: str) -> Iterator[Folder]:
    """Make the folder at `path` if it is missing, and yield it open while this process holds its lock.

    `name` is the file that the caller changes; errors name it. After a holder died, the folder and the one above
    are synced, and its temporary files are removed. Busy if the lock is not free in time; SessionError if the system
    refuses.
    """
    timeout_s = lock.timeout_s()
    try:
        folder = make_folder(path)
        try:
            holder = lock.Lock(folder, timeout_s)
            _give_file(folder, LOCK, None)
            is_clean = False
            try:
                if not holder.clean:
                    sync_above(path)
                    folder.sync()
                    folder.discard_temporary()
                yield folder
                is_clean = True
            finally:
                holder.release(clean=is_clean)
        finally:
            folder.close()
    except OSError as error:
        raise explain("write", name, path, os.path.join(path, ""), error, NOTHING_CHANGED) from error


def _give_file(folder: Folder, name: str, old: os.stat_result | None) -> None:
    """Give a file that root has written to the owner of the file that it replaced, or else of the folder."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return
    owner = os.fstat(folder.fd) if old is None else old
    if owner.st_uid == 0 and owner.st_gid == 0:
        return
    try:
        fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder.fd)
        try:
            status = os.fstat(fd)
            # the folder's owner could have put another name of a file of root's here meanwhile
            if stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
                _give(fd, owner)
        finally:
            os.close(fd)
    except OSError:
        pass  # the file is written: an error would say that it is not


def _give(fd: int, owner: os.stat_result) -> None:
    """Make this owner and group those of an open file or folder that belongs to root."""
    status = os.fstat(fd)
    if status.st_uid == 0 and (status.st_uid, status.st_gid) != (owner.st_uid, owner.st_gid):
        os.fchown(fd, owner.st_uid, owner.st_gid)
