"""Read and change the user's own files outside every project, under one lock for each folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from session.store import lock
from session.store.files import NOTHING_CHANGED, Folder
from session.store.problem import explain


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
        return above.make_child(name)
    finally:
        above.close()


def read(path: str, name: str) -> bytes | None:
    """Return the bytes of the file `name` in the folder at `path`, or None if there is no file.

    SessionError if it cannot be read.
    """
    shown = os.path.join(path, "")
    try:
        folder = Folder.at(path, shown)
        try:
            return folder.read(name)
        finally:
            folder.close()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise explain("read", name, path, shown, error, "") from error


@contextmanager
def locked(path: str, name: str) -> Iterator[Folder]:
    """Make the folder at `path` if it is missing, and yield it open while this process holds its lock.

    `name` is the file that the caller changes; errors name it. After a holder died, the folder is synced and its
    temporary files are removed. Busy if the lock is not free in time; SessionError if the system refuses.
    """
    timeout_s = lock.timeout_s()
    try:
        folder = make_folder(path)
        try:
            holder = lock.Lock(folder, timeout_s)
            is_clean = False
            try:
                if not holder.clean:
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
