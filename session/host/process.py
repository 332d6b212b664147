"""Run other programs: without a shell, with nothing on stdin, with a time limit and with limited output."""

import os
import selectors
import signal
import subprocess
import sys
import time

from session.errors import SessionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_POLL_S = 0.05  # how often to check if the program has ended: its children can keep its output open
_REAP_S = 1.0  # the longest wait for a killed program, which can hang in the kernel


class NotStarted(SessionError):
    """The program could not be started: it is missing or not executable, or its working folder cannot be used."""


class TimedOut(SessionError):
    """The program did not end in time. The program and its children were killed."""


class Captured:
    """A program's exit code and output.

    `code` is negative if a signal ended the program. `out` and `err` are stdout and stderr. `cut` is True if the
    program was killed because it wrote more to stdout than the limit.
    """

    def __init__(self, code: int, out: bytes, err: bytes, cut: bool) -> None:
        self.code = code
        self.out = out
        self.err = err
        self.cut = cut


def find(name: str, *, outside: "Sequence[str]" = ()) -> str | None:
    """Return the absolute path of a program on $PATH, or None if there is none.

    Relative folders on $PATH are skipped, and so are the folders in `outside`: a project could place its own program
    there.
    """
    file = f"{name}.exe" if sys.platform == "win32" else name
    excluded = {os.path.realpath(folder) for folder in outside}
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, file)
        usable = os.path.isabs(folder) and os.path.isfile(path) and os.access(path, os.X_OK)
        if usable and os.path.realpath(folder) not in excluded:
            return path
    return None


def capture(
    words: "Sequence[str]",
    *,
    cwd: str,
    timeout_s: float,
    env: "Mapping[str, str] | None" = None,
    limit: int = 1 << 20,
    ending: bool = False,
    quiet_limits: bool = False,
) -> Captured:
    """Run a program in the folder `cwd` until it ends; return its exit code and output.

    `words` starts with the program's absolute path. The environment is ours without GIT_* variables, plus `env`. The
    first `limit` bytes of each output are kept, and a program that writes more to stdout is killed. With `ending`, the
    last `limit` bytes are kept, and the program may write any amount. If the program has to be stopped, or leaves a
    child that keeps its output open, its whole process group is killed. With `quiet_limits`, a limit on
    the size of files, or a closed pipe, is an error for the program instead of its sudden end. NotStarted if it cannot
    be started, TimedOut after `timeout_s` seconds.
    """
    deadline = time.monotonic() + timeout_s
    try:
        process = subprocess.Popen(  # noqa: S603  no shell, and callers name the program by its absolute path
            words,
            cwd=cwd,
            env={**_environment(), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            restore_signals=not quiet_limits,  # Python ignores SIGXFSZ and SIGPIPE
            # the program gets its own process group, and no terminal on which it could ask for passwords
            start_new_session=True,
        )
    except (OSError, ValueError) as error:  # ValueError: a NUL in a word
        raise _not_started(words[0], error) from error
    has_ended = False
    try:
        out, err, cut, has_ended = _collect(process, deadline, limit, ending)
        if has_ended:
            process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        has_ended = False
        raise TimedOut(f"{os.path.basename(words[0])} did not end within {timeout_s:g} s") from None
    finally:
        _finish(process, has_ended)
    return Captured(process.returncode, out, err, cut)


def launch(words: "Sequence[str]", *, cwd: str, log: str) -> "subprocess.Popen[bytes]":
    """Start a program that goes on after this process ends, such as a server; return its process.

    The program has its own process group. Its output goes to the file `log`, which is emptied first. A missing folder
    for it is made. NotStarted if the program cannot be started.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    try:
        os.makedirs(os.path.dirname(log), exist_ok=True)
        fd = os.open(log, flags, 0o600)
        try:
            return subprocess.Popen(  # noqa: S603  no shell, and callers name the program by its absolute path
                words,
                cwd=cwd,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=fd,
                stderr=fd,
                start_new_session=True,
            )
        finally:
            os.close(fd)
    except (OSError, ValueError) as error:  # ValueError: a NUL in a word
        raise _not_started(words[0], error) from error


def leave_running(process: "subprocess.Popen[bytes]") -> None:
    """Let a launched program go on when this process ends, without Python's warning about a running child."""
    if process.poll() is None:
        process.returncode = 0


def _not_started(program: str, error: OSError | ValueError) -> NotStarted:
    """Return the error for a program that could not be started."""
    is_fault = isinstance(error, OSError)
    reason = os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
    return NotStarted(f"{os.path.basename(program)} can't be started: {reason}", fault=is_fault)


def _environment() -> dict[str, str]:
    """Return our environment without GIT_* variables, which can point git at another repository."""
    return {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}


def _collect(
    process: "subprocess.Popen[bytes]", deadline: float, limit: int, ending: bool
) -> tuple[bytes, bytes, bool, bool]:
    """Read both outputs; return them, whether stdout exceeded the limit, and whether the program closed both.

    TimeoutExpired if the program has to be waited for longer than the deadline.
    """
    assert process.stdout is not None
    assert process.stderr is not None
    if sys.platform == "win32":  # select() does not work on its pipes
        out, err = process.communicate(timeout=max(0.0, deadline - time.monotonic()))
        if ending:
            return out[-limit:], err[-limit:], False, True
        return out[:limit], err[:limit], len(out) > limit, True
    kept = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
    out_fd, err_fd = kept
    with selectors.DefaultSelector() as selector:
        for fd in kept:
            selector.register(fd, selectors.EVENT_READ)
        while selector.get_map() and len(kept[out_fd]) <= limit:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise subprocess.TimeoutExpired(process.args, 0)
            # ask before select(): the output of a program that has ended is complete
            has_ended = process.poll() is not None
            ready = selector.select(0 if has_ended else min(left_s, _POLL_S))
            if has_ended and not ready:
                break
            for key, _ in ready:
                data = os.read(key.fd, 1 << 16)
                if data and ending:
                    kept[key.fd] += data
                    del kept[key.fd][:-limit]
                elif data:
                    kept[key.fd] += data[: limit + 1 - len(kept[key.fd])]
                else:
                    selector.unregister(key.fd)
        both_closed = not selector.get_map()
    return bytes(kept[out_fd][:limit]), bytes(kept[err_fd][:limit]), len(kept[out_fd]) > limit, both_closed


def _finish(process: "subprocess.Popen[bytes]", has_ended: bool) -> None:
    """Close the pipes. If the program has not ended, kill it and its process group first."""
    if not has_ended:
        try:
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        except OSError:
            pass  # the process group has ended
        try:
            process.wait(_REAP_S)
        except subprocess.TimeoutExpired:
            pass
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
