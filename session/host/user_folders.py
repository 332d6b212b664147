"""The folders where this program keeps what belongs to the user instead of a project.

platformdirs defines them. On Linux and macOS this module computes the folders that hooks need: importing platformdirs
takes as long as a whole command, and a plugin runs on a Python that may not have it.
`tests/host/test_user_folders.py` holds the computed paths equal to those of platformdirs.
"""

import sys

from session._posix import join, posix, variable
from session.errors import SessionError

NAME = "workflow-session"


def config() -> str:
    """Return the absolute path of this program's folder for the user's settings. SessionError without a home folder.

    Hooks need it, to read which commands the user trusts. So this module computes the path, without platformdirs.
    """
    return _compute_or_ask("user_config_dir", "XDG_CONFIG_HOME", (".config",), ("Library", "Application Support"))


def cache() -> str:
    """Return the absolute path of this program's folder in the user's cache. SessionError without a home folder.

    Hooks need it, to look for a conversation's state. So this module computes the path, without platformdirs.
    """
    return _compute_or_ask("user_cache_dir", "XDG_CACHE_HOME", (".cache",), ("Library", "Caches"))


def data() -> str:
    """Return the absolute path of this program's folder for the user's data. SessionError without a home folder.

    The path comes from platformdirs, because only `session install` and `session uninstall` need this folder.
    """
    try:
        path = _ask("user_data_dir")
    except (ImportError, RuntimeError):
        path = ""  # a plugin on a Python without platformdirs, or a user without a home folder
    if path[:1] == "/" or (path and sys.platform == "win32"):
        return path
    # Some versions of platformdirs return a path that depends on the working folder if a variable is relative.
    return _compute("XDG_DATA_HOME", (".local", "share"), ("Library", "Application Support"))


def _compute_or_ask(method: str, named: str, below_home: tuple[str, ...], below_home_on_macos: tuple[str, ...]) -> str:
    """Return a folder's path: computed on Linux and macOS, asked from platformdirs on Windows and Android."""
    if sys.platform == "win32" or hasattr(sys, "getandroidapilevel") or variable("ANDROID_DATA"):
        return _ask(method)
    return _compute(named, below_home, below_home_on_macos)


def _ask(method: str) -> str:
    """Return the path that the named function of platformdirs gives. ImportError if it is not installed."""
    import platformdirs  # cost: the import takes 9 ms on a machine where `python -c pass` takes 8.5 ms

    return str(getattr(platformdirs, method)(NAME, appauthor=False))


def _compute(named: str, below_home: tuple[str, ...], below_home_on_macos: tuple[str, ...]) -> str:
    """Return a folder's path: below the variable `named` if it holds an absolute path, else below the home folder."""
    base = variable(named)
    if base[:1] != "/":
        base = join(_home(), *(below_home_on_macos if sys.platform == "darwin" else below_home))
    return join(base, NAME)


def _home() -> str:
    home = variable("HOME")
    if home[:1] == "/":
        return home
    import pwd  # cost: only if $HOME is not an absolute path

    try:
        return pwd.getpwuid(posix.getuid()).pw_dir
    except KeyError:
        raise SessionError("there is no home folder", "set HOME") from None
