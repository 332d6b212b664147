"""Write the compiled form of `_preload` that holds the code of the hot-path modules."""

import marshal
import os
import time
from importlib.util import MAGIC_NUMBER
from types import CodeType

from session import _preload

_EMPTY = "MODULES: dict[str, tuple[int, int, bytes]] = {}\n"
_SETTLED_S = 2  # the bundle records whole seconds: a younger source could change again within the recorded second


class _NotNowError(Exception):
    """A reason not to write the bundle now. The next command tries again."""


def write(folder: str, cached: str) -> None:
    """Write the bundle of the modules below `folder` to the file `cached`; if that fails, leave the file as it is."""
    try:
        _check_kind(cached)
        own = _Source(f"{folder}/_preload.py")
        modules = {}
        for name in sorted({name for command, names in _preload.COMMANDS.items() for name in (command, *names)}):
            source = _Source(f"{folder}/{name}.py")
            modules[name] = (source.changed_s, source.size, marshal.dumps(source.compile(source.text)))
        filled = own.compile(own.text.replace(_EMPTY, f"MODULES = {modules}\n"))
        _replace(cached, own.head() + marshal.dumps(filled), own.mode)
    except (_NotNowError, OSError, ValueError, SyntaxError, MemoryError):
        pass  # every command works without the bundle, only slower


class _Source:
    """The source of a module: its text, its time of change and its size."""

    def __init__(self, path: str) -> None:
        with open(path, encoding="utf-8", newline="") as file:
            status = os.fstat(file.fileno())
            self.text = file.read()
        if status.st_mtime > time.time() - _SETTLED_S:
            raise _NotNowError
        self.path = path
        self.mode = status.st_mode & 0o666 | 0o200
        self.changed_s, self.size = int(status.st_mtime), status.st_size

    def compile(self, text: str) -> CodeType:
        """Return the code of `text` as if this source held it."""
        return compile(text, self.path, "exec", dont_inherit=True)

    def head(self) -> bytes:
        """Return the head of a bytecode file (PEP 552): magic number, time stamp and size of the source."""
        return MAGIC_NUMBER + b"".join((n & 0xFFFFFFFF).to_bytes(4, "little") for n in (0, self.changed_s, self.size))


def _check_kind(cached: str) -> None:
    """Raise _NotNowError if the bytecode file is a hash-based one: its user does not trust the sources' times."""
    try:
        with open(cached, "rb") as file:
            if any(file.read(8)[4:]):
                raise _NotNowError
    except FileNotFoundError:
        pass


def _replace(path: str, data: bytes, mode: int) -> None:
    temporary = f"{path}.{os.getpid()}"
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with open(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(fd)  # Python has no checksum for this file: a torn one would be loaded
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
