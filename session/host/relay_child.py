"""A command as a child process in our place: what signals we alone get are handed on to it."""

import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Outputs = Sequence[tuple[int, tuple[int, ...]]]  # what the command is to have as its descriptors 1, 2 or both

if sys.platform == "win32":
    import subprocess

    class Foreground:
        """The command; the console sends Ctrl-C to it and to us alike."""

        def hold(self) -> None:
            """Leave Ctrl-C to the command."""
            self._handler = signal.signal(signal.SIGINT, lambda *_: None)

        def release(self) -> None:
            """Undo `hold`."""
            signal.signal(signal.SIGINT, self._handler)

        def interrupted(self) -> bool:
            """Whether somebody wants us to end."""
            return False

        def start(self, words: Sequence[str], outputs: Outputs) -> None:
            """Start it; OSError."""
            told = {fd: theirs for theirs, fds in outputs for fd in fds}
            self._process = subprocess.Popen(words, stdout=told.get(1), stderr=told.get(2))  # noqa: S603  as asked for

        def wait(self) -> int:
            """Its exit code."""
            return self._process.wait()

    def ignore_endings() -> None:
        """Nothing to do here."""

else:
    _HANDED_ON = ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCONT", "SIGWINCH")
    _ENDING = {signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP}
    _LOOK_S = 0.5
    _PYTHON_IGNORES = {signal.SIGPIPE, signal.SIGXFSZ}  # which nobody else does

    class Foreground:
        """The command, in our process group: what the terminal sends, it gets as we do."""

        def hold(self) -> None:
            """Keep signals waiting until the command can have them. What is ignored stays so."""
            known = {getattr(signal, name) for name in _HANDED_ON}
            self._signals = {number for number in known if signal.getsignal(number) != signal.SIG_IGN}
            self._signals.add(signal.SIGCHLD)
            self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, self._signals)
            # a signal that does nothing by itself does not wait, either, on some systems
            self._handlers = {number: signal.signal(number, lambda *_: None) for number in self._signals}

        def release(self) -> None:
            """Undo `hold`. What waits is dropped."""
            for number in self._signals:
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
            for number, handler in self._handlers.items():
                signal.signal(number, signal.SIG_DFL if handler is None else handler)

        def interrupted(self) -> bool:
            """Whether somebody wants us to end."""
            return bool(signal.sigpending() & self._signals & _ENDING)

        def start(self, words: "Sequence[str]", outputs: "Outputs") -> None:
            """Start it; OSError."""
            # not by subprocess, which costs more to load than all else here, and closes what others may have opened for
            # the command: `<(…)`, the descriptors of make
            self._pid = os.posix_spawnp(
                words[0],
                list(words),
                os.environ,
                file_actions=[(os.POSIX_SPAWN_DUP2, theirs, fd) for theirs, fds in outputs for fd in fds],
                setsigmask=self._mask,
                setsigdef=_PYTHON_IGNORES,
            )

        def wait(self) -> int:
            """Its exit code, negative for a signal."""
            while True:
                number, from_terminal = _next(self._signals)
                pid, status = os.waitpid(self._pid, os.WNOHANG)
                if pid:
                    return os.waitstatus_to_exitcode(status)
                if number in (0, signal.SIGCHLD):
                    continue
                if not from_terminal or (number == signal.SIGHUP and os.getsid(0) == os.getpid()):
                    os.kill(self._pid, number)  # of a terminal that goes away, only the session's leader is told

    def ignore_endings() -> None:
        """Have this process end by itself only."""
        for number in _ENDING:
            signal.signal(number, signal.SIG_IGN)

    def _next(signals: "set[signal.Signals]") -> tuple[int, bool]:
        """The next signal, 0 if none has come for a while; and whether it comes from a terminal, so to all of our
        process group."""
        if sys.platform == "darwin":  # which does not tell where it comes from
            number = signal.sigwait(signals)
            return number, number in (signal.SIGINT, signal.SIGQUIT, signal.SIGWINCH) and _in_foreground()
        # not for ever: a thread that was there before us may be told of the command's end instead
        told = signal.sigtimedwait(signals, _LOOK_S)
        return (told.si_signo, told.si_code > 0) if told else (0, False)

    def _in_foreground() -> bool:
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
