"""The lock of a store: one file that is never removed or replaced. The system frees it when its holder dies.

The file has a mark: the holder's process id, or 0 after the holder has released the lock properly. So the next holder
knows if the last one died.
"""

import sys
import time

from session._posix import posix, stat, variable
from session.errors import SessionError
from session.store.disk import Folder
from session.store.paths import LOCK

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

DEFAULT_TIMEOUT_S = 10.0
_FREE = b"%10d\n" % 0
_FIRST_PAUSE_S = 0.0005
_LONGEST_PAUSE_S = 0.01


def timeout_s() -> float:
    """Return the time to wait for a lock, in seconds: $WORKFLOW_SESSION_LOCK_TIMEOUT_S, or 10 if it is not set.

    UsageError if the variable is no number of seconds.
    """
    text = variable("WORKFLOW_SESSION_LOCK_TIMEOUT_S")
    if not text:
        return DEFAULT_TIMEOUT_S
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= sys.maxsize:
        from session.errors import UsageError  # cost: only for a refusal

        raise UsageError(f"WORKFLOW_SESSION_LOCK_TIMEOUT_S is not a number of seconds: {text}")
    return value


class Lock:
    """A held lock. `clean` is False if the last holder died with it, or nobody has held it before."""

    __slots__ = ("clean", "fd")

    def __init__(self, folder: Folder, timeout_s: float) -> None:
        """Wait for the lock in `folder` for at most `timeout_s` seconds, then raise Busy."""
        deadline = time.monotonic() + timeout_s
        while True:
            self.fd = _open(folder)
            try:
                _wait(self.fd, deadline, folder.path)
                if _still_there(self.fd, folder):
                    # the mark tells waiting processes who holds the lock, and stays if the holder dies
                    self.clean = _mark(self.fd) == _FREE
                    _set_mark(self.fd, b"%10d\n" % posix.getpid())
                    return
            except BaseException:
                posix.close(self.fd)
                raise
            posix.close(self.fd)  # somebody deleted the lock file meanwhile: a lock on it would exclude nobody

    def release(self, *, clean: bool) -> None:
        """Release the lock. Unless `clean`, leave the mark, so that the next holder repairs the folders."""
        try:
            if clean:
                _set_mark(self.fd, _FREE)
        except OSError:
            pass  # the next holder then repairs folders that need no repair, which does no harm
        _unlock(self.fd)
        posix.close(self.fd)


def _open(folder: Folder) -> int:
    """Return a descriptor of the lock file; make the file if it is missing. SessionError if it is no regular file."""
    try:
        fd = folder.open_lock(LOCK)
    except OSError as error:
        import errno  # cost: only after an error

        if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
            raise _refusal(folder) from None
        raise
    status = posix.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        posix.close(fd)
        raise _refusal(folder)
    if not status.st_size:  # a new file: opening it applied the umask
        folder.set_mode(fd, 0o600)
    return fd


def _refusal(folder: Folder) -> SessionError:
    return SessionError(f"{folder.path}{LOCK} is not a regular file: refused", "move it away")


def _wait(fd: int, deadline: float, path: str) -> None:
    """Take the lock; raise Busy if another process holds it until the deadline."""
    pause_s = _FIRST_PAUSE_S
    while not _try_lock(fd):
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            pid = _mark(fd).strip().decode("ascii", "replace")
            holder = f"process {pid}" if pid.isdecimal() and pid != "0" else "another process"
            from session.errors import Busy  # cost: only for a refusal

            raise Busy(f"{holder} holds the lock {path}{LOCK}; nothing changed", "try again")
        time.sleep(min(pause_s, left_s))
        pause_s = min(pause_s * 1.5, _LONGEST_PAUSE_S)


def _mark(fd: int) -> bytes:
    posix.lseek(fd, 0, 0)
    return posix.read(fd, len(_FREE))


def _set_mark(fd: int, mark: bytes) -> None:
    posix.lseek(fd, 0, 0)
    posix.write(fd, mark)


def _still_there(fd: int, folder: Folder) -> bool:
    """Return True if the open file is still the lock file of the folder."""
    own = posix.fstat(fd)
    current = folder.status(LOCK)
    return current is not None and (current.st_dev, current.st_ino) == (own.st_dev, own.st_ino)


if sys.platform == "win32":
    _FAR = 1 << 30  # lock a byte beyond the content, so that waiting processes can read the mark

    def _try_lock(fd: int) -> bool:
        posix.lseek(fd, _FAR, 0)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno not in (13, 36):  # EACCES, EDEADLOCK: another process has it
                raise
            return False
        return True

    def _unlock(fd: int) -> None:
        posix.lseek(fd, _FAR, 0)
        msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)

else:

    def _try_lock(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(fd: int) -> None:
        pass  # closing the last descriptor frees the lock
