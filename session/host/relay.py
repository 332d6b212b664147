"""Run a command for the user as a shell would, and keep the end of its output.

The command gets our stdin, environment and terminal. If stdout or stderr is a terminal, the command writes to it
directly, because pagers and editors read keys from it. Otherwise its output passes through this process
(`relay_streams.py`). Signals are passed on to it (`relay_child.py`).
"""

import errno
import os
import sys
import threading
import time

from session.errors import SessionError
from session.host.relay_child import Foreground, ignore_endings
from session.host.relay_streams import Stream, Tail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import NoReturn

NOT_FOUND, NOT_EXECUTABLE = 127, 126  # the exit codes of a shell
_SIGNAL_BASE = 128
# The command may leave processes running that still write. Wait until they were quiet for a while, but not for ever.
_QUIET_S = 0.2
_LONGEST_S = 1.0
_POLL_S = 0.02


class CannotRun(SessionError):
    """The command cannot be started. `code` is the exit code that a shell would use."""

    def __init__(self, word: str, error: OSError | ValueError) -> None:
        is_missing = isinstance(error, FileNotFoundError)
        reason = os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
        reason = f"{reason[:1].lower()}{reason[1:]}"
        super().__init__(f"{word}: not found" if is_missing else f"{word} cannot be run: {reason}")
        self.code = NOT_FOUND if is_missing else NOT_EXECUTABLE


class Relay:
    """A context for one command: `with Relay() as relay: code = relay.run(words)`.

    Signals that would end this process are delayed until the context ends. If the command left processes that can still
    write, a forked process stays and copies their output.
    """

    def __init__(self) -> None:
        self._command = Foreground()
        self._tail = Tail()
        self._streams: list[Stream] = []
        self._threads: list[threading.Thread] = []
        self._stop: list[int] = []  # a pipe: its writing end is closed to stop the threads

    def __enter__(self) -> "Relay":
        self._command.hold()
        return self

    def run(self, words: "Sequence[str]") -> int:
        """Run the command and copy its output to ours; return its exit code, or 128+n if signal n ended it.

        CannotRun if it cannot be started.
        """
        try:
            self._open()
            self._command.start(words, [(stream.theirs, stream.fds) for stream in self._streams])
        except (OSError, ValueError) as error:  # ValueError: a NUL in a word
            raise CannotRun(words[0], error) from error
        finally:
            for stream in self._streams:
                os.close(stream.theirs)
        code = self._command.wait()
        self._drain()
        return code if code >= 0 else _SIGNAL_BASE - code

    def output(self) -> tuple[bytes, bool]:
        """Return the last bytes of stdout and stderr together, and whether they are the whole output."""
        return self._tail.read()

    def errors(self) -> "Iterator[tuple[str, OSError]]":
        """Yield `stdout` or `stderr`, and the error, for each of our outputs that could not be written.

        An output without a reader (EPIPE) is not reported.
        """
        for stream in self._streams:
            if stream.error is not None:
                yield ("stderr" if stream.fds[0] == 2 else "stdout"), stream.error

    def _open(self) -> None:
        open_fds = {fd: identity for fd in (1, 2) if (identity := _identity(fd)) is not None}
        outputs = {fd: identity for fd, identity in open_fds.items() if not os.isatty(fd)}
        # Put the null device where stdin, stdout or stderr is closed, so that no pipe of ours gets that number.
        while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(fd)
        self._stop = list(os.pipe())
        # If both go to the same file, use one stream for them, so that the order of the output stays.
        is_shared = len(outputs) == 2 and outputs[1] == outputs[2]
        for fds in [(1, 2)] if is_shared else [(fd,) for fd in outputs]:
            stream = Stream(fds, self._tail)
            self._streams.append(stream)
            # One thread for each stream: a full stdout must not delay stderr.
            thread = threading.Thread(target=stream.copy, args=self._stop[:1], daemon=True)
            try:
                thread.start()
            except RuntimeError as error:
                raise OSError(errno.EAGAIN, "no more threads") from error
            self._threads.append(thread)

    def _drain(self) -> None:
        """Wait until the command's whole output is copied, and a short time for the processes that it left running."""
        ended_s = time.monotonic()
        totals = [stream.passed + stream.waiting() for stream in self._streams]
        while running := [thread for thread in self._threads if thread.is_alive()]:
            running[0].join(_POLL_S)
            now_s = time.monotonic()
            if now_s - ended_s < _QUIET_S:
                continue
            is_quiet = all(stream.quiet_s(now_s) >= _QUIET_S for stream in self._streams)
            pairs = zip(self._streams, totals, strict=True)
            is_copied = all(stream.ended or stream.passed >= total for stream, total in pairs)
            if is_quiet or (is_copied and now_s - ended_s >= _LONGEST_S) or self._command.interrupted():
                return

    def __exit__(self, *_: object) -> None:
        if self._stop and sys.platform != "win32":
            os.close(self._stop[1])
            for thread in self._threads:  # a thread may still be writing to a reader that does not read
                while thread.is_alive() and not self._command.interrupted():
                    thread.join(_POLL_S)
        # After a signal that asks us to end, threads may still be alive: do not wait for them.
        if not any(thread.is_alive() for thread in self._threads):
            self._leave_behind([stream for stream in self._streams if not stream.ended])
            for fd in self._stop[:1]:
                os.close(fd)
        self._command.release()

    def _leave_behind(self, streams: list[Stream]) -> None:
        """Fork a process that copies the streams to their end."""
        try:
            if streams and os.fork() == 0:
                _copy_to_end(streams)
        except OSError:
            pass  # no more processes: output from now on is lost


def _copy_to_end(streams: list[Stream]) -> "NoReturn":
    """Copy the streams to their end, then end this process. Close all other descriptors first."""
    try:
        ignore_endings()
        needed = {fd for stream in streams for fd in (stream.source, stream.fds[0])}
        null = os.open(os.devnull, os.O_RDWR)
        for fd in {0, 1, 2} - needed:
            os.dup2(null, fd)
        low = 3
        for fd in sorted(fd for fd in needed if fd > 2):
            os.closerange(low, fd)
            low = fd + 1
        os.closerange(low, os.sysconf("SC_OPEN_MAX"))
        others = [threading.Thread(target=stream.copy) for stream in streams[1:]]
        for thread in others:
            thread.start()
        streams[0].copy()
        for thread in others:
            thread.join()
    finally:
        os._exit(0)


def _identity(fd: int) -> tuple[int, ...] | None:
    """Return a value that is equal for two descriptors of one file, pipe or terminal; None if `fd` is closed."""
    try:
        status = os.fstat(fd)
    except OSError:
        return None
    # On Windows, pipes have no inode number.
    return (fd,) if sys.platform == "win32" else (status.st_dev, status.st_ino, status.st_rdev)
