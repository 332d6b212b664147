"""Copy a child's output to ours unchanged, and keep its last 8 kB."""

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
    """The last KEPT_BYTES bytes that several streams copied, in the order of arrival."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept = b""
        self._cut = False

    def add(self, data: bytes) -> None:
        """Append a piece of output."""
        with self._lock:
            joined = self._kept + data
            self._kept = joined[-KEPT_BYTES:]
            self._cut = self._cut or len(joined) > KEPT_BYTES

    def read(self) -> tuple[bytes, bool]:
        """Return the kept bytes, and whether they are the whole output."""
        with self._lock:
            return self._kept, not self._cut


class Stream:
    """A pipe from the command's descriptors `fds` (1, 2 or both) to our own descriptor `fds[0]`.

    `theirs` is the writing end, for the command. Close it in this process once the command is started.
    """

    def __init__(self, fds: tuple[int, ...], tail: Tail) -> None:
        self.fds = fds
        self.ended = False  # all writers have closed the pipe, or our output cannot be written any more
        self.error: OSError | None = None  # why our output cannot be written, except EPIPE: its reader has closed it
        self.passed = 0  # the number of bytes copied so far
        self.busy = False  # True between reading a piece and having written it
        self.moved_s = time.monotonic()
        self._tail = tail
        self.source, self.theirs = os.pipe()

    def waiting(self) -> int:
        """Return how many bytes are in the pipe, or 0 if the system does not report it."""
        if sys.platform == "win32" or self.ended:
            return 0
        try:
            return int.from_bytes(fcntl.ioctl(self.source, termios.FIONREAD, bytes(4)), sys.byteorder)
        except OSError:
            return 0

    def quiet_s(self, now_s: float) -> float:
        """Return the seconds since the last output; infinity after the end. `now_s` is from `time.monotonic`."""
        if self.ended:
            return float("inf")
        return 0.0 if self.busy else now_s - self.moved_s

    def copy(self, stop: int | None = None) -> None:
        """Copy the output to its end, or until the descriptor `stop` is readable between two pieces."""
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
            os.close(self.source)  # so that the command's next write fails if our own reader is gone

    def _wait(self, stop: int) -> bool:
        """Wait for output; return False if `stop` is readable first."""
        if sys.platform == "win32":  # poll() does not work on its pipes
            return True
        poll = select.poll()
        poll.register(stop, select.POLLIN)
        poll.register(self.source, select.POLLIN)
        return all(fd != stop for fd, _ in poll.poll())

    def _write(self, data: bytes) -> bool:
        """Write all of the data to our output; return False if that fails."""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self.fds[0], rest) :]
            except BlockingIOError:  # the reader set the shared pipe to non-blocking, as Node does
                time.sleep(0.001)
            except OSError as error:
                if error.errno != errno.EPIPE:
                    self.error = error
                return False
        return True
