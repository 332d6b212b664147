"""System calls and the environment for the hot path, without importing `os`.

Importing `os` takes a tenth of Python's start-up, because it also imports paths and abstract classes. The built-in
module `posix` holds the same system calls. `tests/test_posix.py` checks that hot modules use only what `posix` has.
If `os` is already imported, on Windows, and on other interpreters, `posix` is `os` itself.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    import stat

    from session._posix_calls import SystemCalls

    posix: SystemCalls = os
elif "os" in sys.modules or sys.platform == "win32" or sys.implementation.name != "cpython":
    import os as posix
    import stat
else:
    import _stat as stat
    import posix

__all__ = ["exists", "join", "parent", "posix", "stat", "unset_variable", "variable"]

_IS_OS = posix.__name__ == "os"


def variable(name: str) -> str:
    """Return the environment variable's value, or "" if it is not set."""
    if _IS_OS:
        value: str = posix.environ.get(name, "")
        return value
    environ: dict[bytes, bytes] = posix.environ
    return environ.get(name.encode(), b"").decode(sys.getfilesystemencoding(), "surrogateescape")


def unset_variable(name: str) -> None:
    """Remove the environment variable from this process, if it is set."""
    posix.environ.pop(name if _IS_OS else name.encode(), None)


def join(folder: str, *names: str) -> str:
    """Return the path of `names` below `folder`. If the last name is empty, the path ends in a slash."""
    if _IS_OS:
        path: str = posix.path.join(folder, *names)
        return path
    return "/".join((folder.rstrip("/"), *names))


def parent(folder: str) -> str:
    """Return the folder above an absolute path. The parent of the root folder is the root folder."""
    if _IS_OS:
        above: str = posix.path.dirname(folder)
        return above
    return folder.rpartition("/")[0] or "/"


def exists(path: str) -> bool:
    """Return True if something is at `path`, even a broken link."""
    try:
        posix.lstat(path)
    except (OSError, ValueError):
        return False
    return True
