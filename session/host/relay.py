"""A command run as if it had been started without us, but for a look at the end of what it writes.

Its stdin, its environment and its terminal are ours. Where stdout or stderr is a terminal, the command has that
very one, as pagers and editors read keys from it; else it passes through us (streams.py). So do signals
(foreground.py).
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
_SIGNALLED = 128
_QUIET_S = 0.2  # what the command left running is not waited for once it has been quiet for so long,
_LONGEST_S = 1.0  # or was never quiet for so long
_LOOK_S = 0.02


class CannotRun(SessionError):
    """The command can't be started. `code` is what a shell's exit code would be."""

    def __init__(self, word: str, error: OSError | ValueError) -> None:
        missing = isinstance(error, FileNotFoundError)
        why = os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
        super().__init__(f"{word}: not found" if missing else f"{word} cannot be run: {why[:1].lower()}{why[1:]}")
        self.code = NOT_FOUND if missing else NOT_EXECUTABLE


class Relay:
    """`with Relay() as relay: code = relay.run(words)`.

    Signals that would end us wait until the end of that. If something that the command left running can still write
    then, a process stays behind that passes it on.
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
        """Run the command, and pass on what it writes, to the end. Its exit code; 128+n if signal n ended it.
        CannotRun."""
        try:
            self._open()
            self._command.start(words, [(stream.theirs, stream.fds) for stream in self._streams])
        except (OSError, ValueError) as error:  # ValueError: no word for the system
            raise CannotRun(words[0], error) from error
        finally:
            for stream in self._streams:
                os.close(stream.theirs)
        code = self._command.wait()
        self._drain()
        return code if code >= 0 else _SIGNALLED - code

    def output(self) -> tuple[bytes, bool]:
        """The last bytes of stdout and stderr together, and whether that is all there was."""
        return self._tail.read()

    def errors(self) -> "Iterator[tuple[str, OSError]]":
        """Which of our outputs took no more, though there was a reader, and why."""
        for stream in self._streams:
            if stream.error is not None:
                yield ("stderr" if stream.fds[0] == 2 else "stdout"), stream.error

    def _open(self) -> None:
        known = {fd: identity for fd in (1, 2) if (identity := _identity(fd)) is not None}
        outputs = {fd: identity for fd, identity in known.items() if not os.isatty(fd)}
        while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass  # it stands where stdin, stdout or stderr is closed, so that nothing of ours gets there
        os.close(fd)
        self._stop = list(os.pipe())
        together = len(outputs) == 2 and outputs[1] == outputs[2]  # then one stream, so that the order stays
        for fds in [(1, 2)] if together else [(fd,) for fd in outputs]:
            stream = Stream(fds, self._tail)
            self._streams.append(stream)
            # one each: who does not read from one of them does not hold up the other
            thread = threading.Thread(target=stream.copy, args=self._stop[:1], daemon=True)
            try:
                thread.start()
            except RuntimeError as error:
                raise OSError(errno.EAGAIN, "no more threads") from error
            self._threads.append(thread)

    def _drain(self) -> None:
        """Wait until all is passed on that the command wrote, and what it left running has been heard for a while."""
        ended_s = time.monotonic()
        owed = [stream.passed + stream.waiting() for stream in self._streams]
        while running := [thread for thread in self._threads if thread.is_alive()]:
            running[0].join(_LOOK_S)
            now_s = time.monotonic()
            if now_s - ended_s < _QUIET_S:
                continue
            quiet = all(stream.quiet_s(now_s) >= _QUIET_S for stream in self._streams)
            paid = all(stream.ended or stream.passed >= due for stream, due in zip(self._streams, owed, strict=True))
            if quiet or (paid and now_s - ended_s >= _LONGEST_S) or self._command.interrupted():
                return

    def __exit__(self, *_: object) -> None:
        if self._stop and sys.platform != "win32":
            os.close(self._stop[1])
            for thread in self._threads:  # which may still be writing to one who does not read
                while thread.is_alive() and not self._command.interrupted():
                    thread.join(_LOOK_S)
        # somebody who wants us to end does not want us to wait for those threads
        if not any(thread.is_alive() for thread in self._threads):
            self._leave_behind([stream for stream in self._streams if not stream.ended])
            for fd in self._stop[:1]:
                os.close(fd)
        self._command.release()

    def _leave_behind(self, streams: list[Stream]) -> None:
        try:
            if streams and os.fork() == 0:
                _stay(streams)
        except OSError:
            pass  # no more processes: what was left running is on its own


def _stay(streams: list[Stream]) -> "NoReturn":
    """Pass on what still comes, to the end, holding on to nothing else."""
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
    """What two descriptors of one file, pipe or terminal have in common; None where it is closed."""
    try:
        found = os.fstat(fd)
    except OSError:
        return None
    # Windows does not number pipes
    return (fd,) if sys.platform == "win32" else (found.st_dev, found.st_ino, found.st_rdev)
