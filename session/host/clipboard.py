"""Copy text to the desktop's clipboard with pyperclip. Only this module imports pyperclip (the extra `clipboard`)."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from time import sleep
from types import ModuleType

from session.errors import SessionError

_TIMEOUT_S = 5.0
_ATTEMPTS = 5
_PAUSE_S = 0.05
_LIBRARY = "pip install pyperclip"
_PROGRAM = "apt-get install xclip, for Wayland wl-clipboard" if sys.platform == "linux" else ""


def copy(text: str) -> None:
    """Copy the text to the clipboard.

    SessionError if that fails; its hint is a command that installs what is missing.
    """
    try:
        import pyperclip
    except ImportError:
        raise SessionError("no clipboard without pyperclip, which is not installed", _LIBRARY) from None
    problems: list[str] = []
    # Copy in a thread: pyperclip has no time limit, and waits for ever for a display that does not answer.
    thread = Thread(target=_copy, args=(pyperclip, text, problems), daemon=True)
    with _silence():
        thread.start()
        thread.join(_TIMEOUT_S)
    if thread.is_alive():
        problems = [f"it did not answer within {_TIMEOUT_S:g} s"]
    if problems:
        raise SessionError(f"no clipboard: {problems[0]}", _PROGRAM)


def _copy(pyperclip: ModuleType, text: str, problems: list[str]) -> None:
    """Copy the text and read it back; append the reason to `problems` if the clipboard does not hold it."""
    try:
        pyperclip.copy(text)
        # Read the text back, because pyperclip does not notice that xclip fails if the display in $DISPLAY is gone.
        # Try several times, because xclip sometimes returns only a part of a long text.
        for _ in range(_ATTEMPTS):
            if pyperclip.paste().split() == text.split():
                return
            sleep(_PAUSE_S)
        problems.append("the copied text is not there")
    except pyperclip.PyperclipException:
        problems.append("this system has none, or no program that reaches it")
    except OSError as error:
        problems.append(str(error))


@contextmanager
def _silence() -> Iterator[None]:
    """Send stdout and stderr to the null device, so that programs started meanwhile do not keep ours open.

    The program that holds an X11 clipboard goes on running. With our stdout open, it would keep a reader waiting.
    """
    null = os.open(os.devnull, os.O_WRONLY)
    copies: list[tuple[int, int]] = []
    try:
        for fd in (1, 2):
            with suppress(OSError):  # the descriptor is closed
                copies.append((fd, os.dup(fd)))
                os.dup2(null, fd)
        yield
    finally:
        os.close(null)
        for fd, copied in copies:
            os.dup2(copied, fd)
            os.close(copied)
