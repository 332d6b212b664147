r"""Print a command's answer or its error, and end with an exit code.

Answers go to stdout, everything else to stderr. A character that is invisible or could control a terminal is written as
`\uXXXX`: whoever reads an answer, a person or a model, sees all of it. In JSON that is the same value. Only the answers
that must have the bytes of a document stay exact, and only in a pipe or a file.
"""

import sys

from session._posix import posix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

_LONGEST_LINE = 2000
_PLAIN = bytes((*range(0x20, 0x7F), 0x09, 0x0A))  # printable ASCII, tab and line feed


def answer(data: bytes, *, committed: bool = False, styled: bool = False, exact: bool = False) -> None:
    """Write all of `data` to stdout; raise SessionError if that fails.

    `committed` says that the command has already changed something: the error is then Unconfirmed. `styled` data is
    made for a terminal, so its control sequences are ours and stay. A pipe gets the bytes of `exact` data unchanged.
    """
    try:
        if not styled and not (exact and not posix.isatty(1)):
            data = _visible(data)
        _write(1, data)
    except OSError as error:
        from session.errors import SessionError, Unconfirmed  # cost: only after an error

        why = f"cannot write the answer to stdout: {posix.strerror(error.errno or 0)}"
        if committed:
            raise Unconfirmed(f"done and durable, but {why}", fault=True) from error
        raise SessionError(why, fault=True) from error


def _visible(data: bytes) -> bytes:
    """Return the text with invisible characters escaped, except tabs and line feeds."""
    if data.isascii() and not data.translate(None, _PLAIN):
        return data
    from session.text.untrusted import visible  # cost: only for unusual characters

    # a terminal shows bytes that are no UTF-8 as every other program does; elsewhere they are named
    text = data.decode("utf-8", "replace" if posix.isatty(1) else "surrogateescape")
    return visible(text, keep="\n\t").encode()


def tell(line: str, keep: str = "") -> None:
    """Write one line for people to stderr. If stderr is closed or full, do nothing.

    `keep` holds control characters to print unchanged.
    """
    if not (line.isascii() and line.isprintable()):
        from session.text.untrusted import visible  # cost: only for unusual characters

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
        except BlockingIOError:  # the reader set the pipe to non-blocking, as Node does
            from time import sleep

            sleep(0.001)


def run(work: "Callable[[list[str]], int]", argv: list[str]) -> int:
    """Return the exit code of `work(argv)`; turn an error into one line on stderr and its exit code.

    This is the only place that maps errors to exit codes.
    """
    try:
        return work(argv)
    except KeyboardInterrupt:
        tell("interrupted (session-get --all shows what is recorded)")
        return 130
    except MemoryError:
        tell("out of memory")
        return 1
    except Exception as error:
        # Only a SessionError has `keep`. Do not import it to ask: without descriptors or memory, that fails.
        keep = getattr(error, "keep", None)
        if isinstance(keep, str):
            tell(str(error), keep)
            return int(getattr(error, "code", 1))
        if isinstance(error, (OSError, ImportError)):  # for example if no descriptor is left to open our own modules
            tell(f"the system refuses to go on: {error}")
            return 1
        tell(f"bug in workflow-session: {type(error).__name__}: {error} {_place(error)}")
        return 1


def _place(error: BaseException) -> str:
    """Return the file and the line that raised the error, in brackets."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    from os.path import basename  # cost: only after an error

    return f"({basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno})"


def leave(code: int) -> "NoReturn":
    """End the process with this exit code, without the interpreter's cleanup: everything is already written."""
    if sys.gettrace() is not None or "coverage" in sys.modules:
        sys.exit(code)
    posix._exit(code)
