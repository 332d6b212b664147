"""The lock of a store: one file, never removed or replaced; the system frees it when its holder dies."""

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
    """How long to wait for a lock: $WORKFLOW_SESSION_LOCK_TIMEOUT_S seconds, else 10. UsageError for no number."""
    text = variable("WORKFLOW_SESSION_LOCK_TIMEOUT_S")
    if not text:
        return DEFAULT_TIMEOUT_S
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= sys.maxsize:
        from session.errors import UsageError  # cost: when something is refused

        raise UsageError(f"WORKFLOW_SESSION_LOCK_TIMEOUT_S is not a number of seconds: {text}")
    return value


class Lock:
    """The lock, held. `clean` is False when the last holder died holding it, or nobody ever held it."""

    __slots__ = ("clean", "fd")

    def __init__(self, folder: Folder, timeout_s: float) -> None:
        """Wait for the lock in `folder` for at most `timeout_s` seconds, then raise Busy."""
        deadline = time.monotonic() + timeout_s
        while True:
            self.fd = _open(folder)
            try:
                _wait(self.fd, deadline, folder.path)
                if _still_there(self.fd, folder):
                    # the holder's pid, for those who wait, and as a trace if it dies
                    self.clean = _mark(self.fd) == _FREE
                    _set_mark(self.fd, b"%10d\n" % posix.getpid())
                    return
            except BaseException:
                posix.close(self.fd)
                raise
            posix.close(self.fd)  # someone swept the folder meanwhile: that file locks nothing any more

    def release(self, *, clean: bool) -> None:
        """Give the lock back; unless `clean`, the next holder finds what a dead one would leave."""
        try:
            if clean:
                _set_mark(self.fd, _FREE)
        except OSError:
            pass  # then the next holder makes good what is good already
        _unlock(self.fd)
        posix.close(self.fd)


def _open(folder: Folder) -> int:
    try:
        fd = folder.open_lock(LOCK)
    except OSError as error:
        import errno  # cost: when something failed

        if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
            raise _refusal(folder) from None
        raise
    found = posix.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        posix.close(fd)
        raise _refusal(folder)
    if not found.st_size:  # just made: for its owner, whatever the umask
        folder.set_mode(fd, 0o600)
    return fd


def _refusal(folder: Folder) -> SessionError:
    return SessionError(f"{folder.path}{LOCK} is not a regular file: refused", "move it away")


def _wait(fd: int, deadline: float, path: str) -> None:
    pause_s = _FIRST_PAUSE_S
    while not _try_lock(fd):
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            pid = _mark(fd).strip().decode("ascii", "replace")
            holder = f"process {pid}" if pid.isdecimal() and pid != "0" else "another process"
            from session.errors import Busy  # cost: when something is refused

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
    mine = posix.fstat(fd)
    now = folder.status(LOCK)
    return now is not None and (now.st_dev, now.st_ino) == (mine.st_dev, mine.st_ino)


if sys.platform == "win32":
    _FAR = 1 << 30  # a byte beyond the content, so that those who wait can read the pid

    def _try_lock(fd: int) -> bool:
        posix.lseek(fd, _FAR, 0)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno not in (13, 36):  # EACCES, EDEADLOCK: somebody else has it
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
        pass  # closing the last descriptor frees it
