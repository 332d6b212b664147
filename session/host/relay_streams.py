"""An output of a command on its way to one of ours, byte for byte, its end kept."""

import errno
import os
import sys
import threading
import time

if sys.platform != "win32":
    import fcntl
    import select
    import termios

KEPT_BYTES = 8192
_PIECE_BYTES = 1 << 16


class Tail:
    """The last KEPT_BYTES of what several streams pass on, in the order in which it came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept = b""
        self._cut = False

    def add(self, data: bytes) -> None:
        """Take the next piece."""
        with self._lock:
            joined = self._kept + data
            self._kept = joined[-KEPT_BYTES:]
            self._cut = self._cut or len(joined) > KEPT_BYTES

    def read(self) -> tuple[bytes, bool]:
        """What is kept, and whether that is all there was."""
        with self._lock:
            return self._kept, not self._cut


class Stream:
    """What a command writes to the descriptors `fds` (1, 2 or both) goes to our own descriptor `fds[0]`.

    `theirs`, the end of a pipe, is for the command; to be closed here once that is started.
    """

    def __init__(self, fds: tuple[int, ...], tail: Tail) -> None:
        self.fds = fds
        self.ended = False  # nobody is left to write, or to read what we write
        self.error: OSError | None = None  # why we can't write, other than that nobody reads
        self.passed = 0  # bytes
        self.busy = False  # between reading and having written
        self.moved_s = time.monotonic()
        self._tail = tail
        self.source, self.theirs = os.pipe()

    def waiting(self) -> int:
        """How many bytes there are to be read, as far as the system tells."""
        if sys.platform == "win32" or self.ended:
            return 0
        try:
            return int.from_bytes(fcntl.ioctl(self.source, termios.FIONREAD, bytes(4)), sys.byteorder)
        except OSError:
            return 0

    def quiet_s(self, now_s: float) -> float:
        """For how long nothing has come, of `time.monotonic`; for ever, if nothing can come any more."""
        if self.ended:
            return float("inf")
        return 0.0 if self.busy else now_s - self.moved_s

    def copy(self, stop: int | None = None) -> None:
        """Pass everything on to the end; or until, between two pieces, `stop` can be read."""
        while not self.ended and (stop is None or self._wait(stop)):
            try:
                data = os.read(self.source, _PIECE_BYTES)
            except OSError:
                data = b""
            self.busy = True
            self._tail.add(data)
            self.ended = not (data and self._write(data))
            self.passed += len(data)
            self.moved_s = time.monotonic()
            self.busy = False
        if self.ended:
            os.close(self.source)  # a command that nobody reads from any more finds that out when it writes

    def _wait(self, stop: int) -> bool:
        if sys.platform == "win32":  # where pipes can't be waited for
            return True
        poll = select.poll()
        poll.register(stop, select.POLLIN)
        poll.register(self.source, select.POLLIN)
        return all(fd != stop for fd, _ in poll.poll())

    def _write(self, data: bytes) -> bool:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self.fds[0], rest) :]
            except BlockingIOError:  # the other side made its end non-blocking, as Node does
                time.sleep(0.001)
            except OSError as error:
                if error.errno != errno.EPIPE:
                    self.error = error
                return False
        return True
