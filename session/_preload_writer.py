"""Writes the compiled form of `_preload` that holds the hot modules."""

import marshal
import os
import time
from importlib.util import MAGIC_NUMBER
from types import CodeType

from session import _preload

_EMPTY = "MODULES: dict[str, tuple[int, int, bytes]] = {}\n"
_SETTLED_S = 2  # times count in seconds here: a source as young as this may change again and look the same


class _NotNow(Exception):
    """Something speaks against it; the next command sees again."""


def write(folder: str, cached: str) -> None:
    """Write it to `cached`, with the code of the modules below `folder`, or leave what is there."""
    try:
        _check_kind(cached)
        own = _Source(f"{folder}/_preload.py")
        modules = {}
        for name in sorted({name for door, names in _preload.DOORS.items() for name in (door, *names)}):
            source = _Source(f"{folder}/{name}.py")
            modules[name] = (source.changed_s, source.size, marshal.dumps(source.compiled(source.text)))
        filled = own.compiled(own.text.replace(_EMPTY, f"MODULES = {modules}\n"))
        _replace(cached, own.head() + marshal.dumps(filled), own.mode)
    except (_NotNow, OSError, ValueError, SyntaxError, MemoryError):
        pass  # all works without, only slower


class _Source:
    """A module's source as it is now."""

    def __init__(self, path: str) -> None:
        with open(path, encoding="utf-8", newline="") as file:
            found = os.fstat(file.fileno())
            self.text = file.read()
        if found.st_mtime > time.time() - _SETTLED_S:
            raise _NotNow
        self.path = path
        self.mode = found.st_mode & 0o666 | 0o200
        self.changed_s, self.size = int(found.st_mtime), found.st_size

    def compiled(self, text: str) -> CodeType:
        return compile(text, self.path, "exec", dont_inherit=True)

    def head(self) -> bytes:
        """What stands before the code: PEP 552, with a time stamp."""
        return MAGIC_NUMBER + b"".join((n & 0xFFFFFFFF).to_bytes(4, "little") for n in (0, self.changed_s, self.size))


def _check_kind(cached: str) -> None:
    """Who had the compiled forms checked by a hash does not trust the sources' times."""
    try:
        with open(cached, "rb") as file:
            if any(file.read(8)[4:]):
                raise _NotNow
    except FileNotFoundError:
        pass


def _replace(path: str, data: bytes, mode: int) -> None:
    temporary = f"{path}.{os.getpid()}"
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with open(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(fd)  # Python reads what it finds there without a checksum
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
