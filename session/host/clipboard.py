"""The desktop's clipboard, through pyperclip: the extra `clipboard`, imported here only."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from time import sleep
from types import ModuleType

from session.errors import SessionError

_TIMEOUT_S = 5.0
_LOOKS = 5
_PAUSE_S = 0.05
_LIBRARY = "pip install 'workflow-session[clipboard]'"
_PROGRAM = "apt-get install xclip, for Wayland wl-clipboard" if sys.platform == "linux" else ""


def copy(text: str) -> None:
    """Have the clipboard hold the text. SessionError, with the words that install what is missing, where it can't."""
    try:
        import pyperclip
    except ImportError:
        raise SessionError("no clipboard without pyperclip, which is not installed", _LIBRARY) from None
    wrong: list[str] = []
    # in a thread, as what it calls has no time limit, and waits for ever for a display that does not answer
    at_work = Thread(target=_copy, args=(pyperclip, text, wrong), daemon=True)
    with _silence():
        at_work.start()
        at_work.join(_TIMEOUT_S)
    if at_work.is_alive():
        wrong = [f"it did not answer within {_TIMEOUT_S:g} s"]
    if wrong:
        raise SessionError(f"no clipboard: {wrong[0]}", _PROGRAM)


def _copy(pyperclip: ModuleType, text: str, wrong: list[str]) -> None:
    try:
        pyperclip.copy(text)
        # where the display that $DISPLAY names is gone, xclip fails, and pyperclip does not notice; where a text is
        # long, what xclip hands out is now and then not all of it
        for _ in range(_LOOKS):
            if pyperclip.paste().split() == text.split():
                return
            sleep(_PAUSE_S)
        wrong.append("what was copied can't be found there")
    except pyperclip.PyperclipException:
        wrong.append("this system has none, or no program that reaches it")
    except OSError as error:
        wrong.append(str(error))


@contextmanager
def _silence() -> Iterator[None]:
    """Nothing that is started meanwhile has our output: who holds an X11 clipboard stays behind, and whoever reads our
    output to its end would wait for that, too."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    ours: list[tuple[int, int]] = []
    try:
        for fd in (1, 2):
            with suppress(OSError):  # it is closed
                ours.append((fd, os.dup(fd)))
                os.dup2(nothing, fd)
        yield
    finally:
        os.close(nothing)
        for fd, kept in ours:
            os.dup2(kept, fd)
            os.close(kept)
