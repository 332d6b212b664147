"""Run a command as a child process, and pass on to it the signals that only this process receives."""

import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    # pairs: a descriptor of this process, and the numbers under which the command gets it
    Outputs = Sequence[tuple[int, tuple[int, ...]]]

if sys.platform == "win32":
    import subprocess

    class Foreground:
        """The command as a child process. The console sends Ctrl-C to both processes."""

        def hold(self) -> None:
            """Ignore Ctrl-C in this process, so that the command decides."""
            self._handler = signal.signal(signal.SIGINT, lambda *_: None)

        def release(self) -> None:
            """End the effect of `hold`."""
            signal.signal(signal.SIGINT, self._handler)

        def interrupted(self) -> bool:
            """Return True if a signal asks this process to end. On Windows it never does."""
            return False

        def start(self, words: Sequence[str], outputs: Outputs) -> None:
            """Start the command. OSError if it cannot be started."""
            pipes = {fd: theirs for theirs, fds in outputs for fd in fds}
            self._process = subprocess.Popen(words, stdout=pipes.get(1), stderr=pipes.get(2))  # noqa: S603  the user's

        def wait(self) -> int:
            """Wait for the command's end and return its exit code."""
            return self._process.wait()

    def ignore_endings() -> None:
        """Do nothing: Windows has no such signals."""

else:
    _PASSED_ON = ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCONT", "SIGWINCH")
    _ENDING = {signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP}
    _POLL_S = 0.5
    # Python ignores these signals, but the command expects their default effect
    _PYTHON_IGNORES = {signal.SIGPIPE, signal.SIGXFSZ}

    class Foreground:
        """The command as a child in our process group, so that it gets the terminal's signals too."""

        def hold(self) -> None:
            """Block the signals that the command should get; `wait` passes them on. Ignored signals stay ignored."""
            candidates = {getattr(signal, name) for name in _PASSED_ON}
            self._signals = {number for number in candidates if signal.getsignal(number) != signal.SIG_IGN}
            self._signals.add(signal.SIGCHLD)
            self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, self._signals)
            # Some systems drop a blocked signal if its default effect is nothing, so give each signal a handler.
            self._handlers = {number: signal.signal(number, lambda *_: None) for number in self._signals}

        def release(self) -> None:
            """End the effect of `hold`. Signals that are still pending are dropped."""
            for number in self._signals:
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
            for number, handler in self._handlers.items():
                signal.signal(number, signal.SIG_DFL if handler is None else handler)

        def interrupted(self) -> bool:
            """Return True if a pending signal asks this process to end."""
            return bool(signal.sigpending() & self._signals & _ENDING)

        def start(self, words: "Sequence[str]", outputs: "Outputs") -> None:
            """Start the command. OSError if it cannot be started."""
            # Not with subprocess: importing it takes longer than everything else here.
            # It also closes descriptors that the caller opened for the command, such as `<(…)` in a shell.
            self._pid = os.posix_spawnp(
                words[0],
                list(words),
                os.environ,
                file_actions=[(os.POSIX_SPAWN_DUP2, theirs, fd) for theirs, fds in outputs for fd in fds],
                setsigmask=self._mask,
                setsigdef=_PYTHON_IGNORES,
            )

        def wait(self) -> int:
            """Wait for the command's end, passing signals on; return its exit code, negative if a signal ended it."""
            while True:
                number, from_terminal = _next(self._signals)
                pid, status = os.waitpid(self._pid, os.WNOHANG)
                if pid:
                    return os.waitstatus_to_exitcode(status)
                if number in (0, signal.SIGCHLD):
                    continue
                # The terminal has sent the signal to the whole process group, so the command has got it already.
                # SIGHUP is different: if the terminal closes, only the leader of its processes gets it.
                if not from_terminal or (number == signal.SIGHUP and os.getsid(0) == os.getpid()):
                    os.kill(self._pid, number)

    def ignore_endings() -> None:
        """Ignore all signals that ask this process to end."""
        for number in _ENDING:
            signal.signal(number, signal.SIG_IGN)

    def _next(signals: "set[signal.Signals]") -> tuple[int, bool]:
        """Wait for a signal; return its number, or 0 after half a second, and whether the terminal sent it.

        A terminal sends its signals to the whole process group.
        """
        if sys.platform == "darwin":  # macOS does not report the sender, so guess
            number = signal.sigwait(signals)
            return number, number in (signal.SIGINT, signal.SIGQUIT, signal.SIGWINCH) and _in_foreground()
        # Not without a limit: another thread of this process may get the signal for the command's end.
        info = signal.sigtimedwait(signals, _POLL_S)
        return (info.si_signo, info.si_code > 0) if info else (0, False)

    def _in_foreground() -> bool:
        """Return True if our process group is the one that the terminal sends its signals to."""
        try:
            terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
        except OSError:
            return False
        try:
            return os.tcgetpgrp(terminal) == os.getpgrp()
        except OSError:
            return False
        finally:
            os.close(terminal)
