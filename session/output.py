"""How a command ends: its answer written whole, one line for an error, an exit code.

Answers go to stdout, everything else to stderr. On a terminal, characters that could drive it are shown as
`\\uXXXX`; what is piped stays exact.
"""

import sys

from session._posix import posix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

_LONGEST_LINE = 2000


def answer(data: bytes, *, committed: bool = False, styled: bool = False) -> None:
    """Write `data` to stdout, all of it.

    SessionError where that fails; Unconfirmed if the command had `committed` something before. `styled`
    data is made for a terminal: what drives it is our own.
    """
    try:
        if not styled and posix.isatty(1):
            from session.text.untrusted import visible  # cost: terminals only

            data = visible(data.decode("utf-8", "replace"), keep="\n\t").encode()
        _write(1, data)
    except OSError as error:
        from session.errors import SessionError, Unconfirmed  # cost: when something failed

        why = f"cannot write the answer to stdout: {posix.strerror(error.errno or 0)}"
        if committed:
            raise Unconfirmed(f"done and durable, but {why}", fault=True) from error
        raise SessionError(why, fault=True) from error


def tell(line: str, keep: str = "") -> None:
    """Write one line for people to stderr. Nowhere to write it is no error."""
    if not (line.isascii() and line.isprintable()):
        from session.text.untrusted import visible  # cost: only for what needs a closer look

        line = visible(line, keep)
    if len(line) > _LONGEST_LINE:
        line = f"{line[:_LONGEST_LINE]}… ({len(line) - _LONGEST_LINE} more characters)"
    try:
        _write(2, f"{line}\n".encode("utf-8", "backslashreplace"))
    except OSError:
        pass


def _write(fd: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[posix.write(fd, rest) :]
        except BlockingIOError:  # the other side made its end non-blocking, as Node does
            from time import sleep

            sleep(0.001)


def run(work: "Callable[[list[str]], int]", argv: list[str]) -> int:
    """`work(argv)`'s exit code; an error becomes one line and its exit code. The only place that maps them."""
    try:
        return work(argv)
    except KeyboardInterrupt:
        tell("interrupted (session-get shows whether anything changed)")
        return 130
    except MemoryError:
        tell("out of memory")
        return 1
    except Exception as error:
        said = getattr(error, "keep", None)  # a SessionError; its module may be more than the system has room for
        if isinstance(said, str):
            tell(str(error), said)
            return int(getattr(error, "code", 1))
        if isinstance(error, (OSError, ImportError)):  # no descriptors left, say, to read our own modules with
            tell(f"the system refuses to go on: {error}")
            return 1
        tell(f"bug in workflow-session: {type(error).__name__}: {error} {_place(error)}")
        return 1


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    from os.path import basename  # cost: when something failed

    return f"({basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno})"


def leave(code: int) -> "NoReturn":
    """End the process. Everything is written by now, so the interpreter's own clearing up is left out."""
    if sys.gettrace() is not None or "coverage" in sys.modules:
        sys.exit(code)
    posix._exit(code)
