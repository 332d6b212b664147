"""What the hot floor needs of `os` and `stat`: where nothing has imported `os` yet, what the two are made of.

To import `os` takes a tenth of Python's start, as it brings paths and abstract classes along. The system calls are the
very same; what `posix` lacks is below, or imported where it is needed. `tests/test_system.py` holds the hot modules
to that.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING or "os" in sys.modules or sys.platform == "win32" or sys.implementation.name != "cpython":
    import os
    import stat
else:
    import _stat as stat
    import posix as os

__all__ = ["exists", "forget", "join", "os", "parent", "stat", "variable"]


def variable(name: str) -> str:
    """The environment variable's value, empty where there is none."""
    if os.__name__ == "os":
        return os.environ.get(name, "")
    known: dict[bytes, bytes] = os.environ  # type: ignore[assignment]
    return known.get(name.encode(), b"").decode(sys.getfilesystemencoding(), "surrogateescape")


def forget(name: str) -> None:
    """Go on as if the environment variable were not set."""
    known: dict[str | bytes, object] = os.environ  # type: ignore[assignment]
    known.pop(name if os.__name__ == "os" else name.encode(), None)


def join(folder: str, *names: str) -> str:
    """The path of what is below `folder`; with an empty name it ends in a slash."""
    if os.__name__ == "os":
        return os.path.join(folder, *names)
    return "/".join((folder.rstrip("/"), *names))


def parent(folder: str) -> str:
    """The folder above that of an absolute path, of the highest one itself."""
    if os.__name__ == "os":
        return os.path.dirname(folder)
    return folder.rpartition("/")[0] or "/"


def exists(path: str) -> bool:
    """Whether anything is there, be it a broken link."""
    try:
        os.lstat(path)
    except (OSError, ValueError):
        return False
    return True
