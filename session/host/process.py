"""The one gate to other programs: no shell, nothing on stdin, a time limit always, and what they say is counted."""

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

_LOOK_S = 0.05  # how often to see whether a program ended whose children keep its output open
_REAP_S = 1.0  # a killed program that hangs in the kernel is not waited for longer


class NotStarted(SessionError):
    """The program, or the folder to run it in, is not there or not to be used."""


class TimedOut(SessionError):
    """The program did not end in time. It was killed, and its children with it."""


class Captured:
    """How a program ended (`code`, negative: by that signal), and what it wrote. `cut`: it was killed as it wrote
    more to stdout than there was room for."""

    def __init__(self, code: int, out: bytes, err: bytes, cut: bool) -> None:
        self.code = code
        self.out = out
        self.err = err
        self.cut = cut


def find(name: str, *, outside: "Sequence[str]" = ()) -> str | None:
    """The absolute path of a program on $PATH, None if there is none.

    What $PATH names relative to the working folder does not count, nor does what lies directly in one of the
    folders `outside`: in a project, it would be anyone's.
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
) -> Captured:
    """Run a program, its absolute path first, in `cwd`, to its end.

    The environment is ours without any GIT_*, and with `env`. `limit` bytes of each output are kept: the
    first, or with `ending` the last; then it may say as much as it likes. Whatever happens, nothing of the program's
    process group is left behind. NotStarted, TimedOut.
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
            start_new_session=True,  # a group of its own, and no terminal to ask for passwords on
        )
    except (OSError, ValueError) as error:  # ValueError: a NUL in a word
        why = os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
        raise NotStarted(
            f"{os.path.basename(words[0])} can't be started: {why}", fault=isinstance(error, OSError)
        ) from error
    done = False
    try:
        out, err, cut, done = _collect(process, deadline, limit, ending)
        if done:
            process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        done = False
        raise TimedOut(f"{os.path.basename(words[0])} did not end within {timeout_s:g} s") from None
    finally:
        _end(process, done)
    return Captured(process.returncode, out, err, cut)


def launch(words: "Sequence[str]", *, cwd: str, log: str) -> "subprocess.Popen[bytes]":
    """Start a program that is meant to outlive us, as a server is, in a group of its own. What it says goes to the
    file `log`, which begins anew; its folder is made where it is missing. NotStarted."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    try:
        os.makedirs(os.path.dirname(log), exist_ok=True)
        fd = os.open(log, flags, 0o600)
        try:
            return subprocess.Popen(  # noqa: S603  as above
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
    except (OSError, ValueError) as error:
        why = os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
        raise NotStarted(
            f"{os.path.basename(words[0])} can't be started: {why}", fault=isinstance(error, OSError)
        ) from error


def _not_started(program: str, error: OSError | ValueError) -> NotStarted:
    is_fault = isinstance(error, OSError)
    why = os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
    return NotStarted(f"{os.path.basename(program)} can't be started: {why}", fault=is_fault)


def _environment() -> dict[str, str]:
    """Ours, without what would have git work elsewhere."""
    return {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}


def leave_running(process: "subprocess.Popen[bytes]") -> None:
    """Have nothing to do with what was launched any more: it goes on, and nobody is warned of that."""
    if process.poll() is None:
        process.returncode = 0


def _collect(
    process: "subprocess.Popen[bytes]", deadline: float, limit: int, ending: bool
) -> tuple[bytes, bytes, bool, bool]:
    """Both outputs, whether stdout was cut, and whether both ended by themselves; TimeoutExpired."""
    assert process.stdout is not None
    assert process.stderr is not None
    if sys.platform == "win32":  # no select() on pipes there
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
            left = deadline - time.monotonic()
            if left <= 0:
                raise subprocess.TimeoutExpired(process.args, 0)
            ended = process.poll() is not None  # asked before looking: then all that it wrote is there
            ready = selector.select(0 if ended else min(left, _LOOK_S))
            if ended and not ready:
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
        ended_both = not selector.get_map()
    return bytes(kept[out_fd][:limit]), bytes(kept[err_fd][:limit]), len(kept[out_fd]) > limit, ended_both


def _end(process: "subprocess.Popen[bytes]", done: bool) -> None:
    """Leave nothing behind: unless it is `done`, the program is killed, and its children."""
    if not done:
        try:
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        except OSError:
            pass  # there is nothing left of it
        try:
            process.wait(_REAP_S)
        except subprocess.TimeoutExpired:
            pass
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
