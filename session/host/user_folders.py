"""Where what belongs to the user is kept, rather than to a project: as platformdirs says.

On Linux and macOS that is computed here: platformdirs takes as long to load as three commands, a hook may ask, and a
plugin runs on a Python that may not have it. `tests/host/test_user_folders.py` holds the two equal.
"""

import sys

from session._posix import join, posix, variable
from session.errors import SessionError

NAME = "workflow-session"


def config() -> str:
    """The absolute path of the user's configuration for this program. SessionError where the user has no home."""
    return _folder("XDG_CONFIG_HOME", (".config",), ("Library", "Application Support"), "user_config_dir")


def cache() -> str:
    """The same of the user's cache."""
    return _folder("XDG_CACHE_HOME", (".cache",), ("Library", "Caches"), "user_cache_dir")


def data() -> str:
    """The same of what this program keeps for the user."""
    return _folder("XDG_DATA_HOME", (".local", "share"), ("Library", "Application Support"), "user_data_dir")


def _folder(named: str, below_home: tuple[str, ...], below_home_on_macos: tuple[str, ...], asked: str) -> str:
    if sys.platform == "win32" or hasattr(sys, "getandroidapilevel") or variable("ANDROID_DATA"):
        import platformdirs  # what those say takes a registry, or Java

        return str(getattr(platformdirs, asked)(NAME, appauthor=False))
    base = variable(named)
    if base[:1] != "/":
        base = join(_home(), *(below_home_on_macos if sys.platform == "darwin" else below_home))
    return join(base, NAME)


def _home() -> str:
    home = variable("HOME")
    if home[:1] == "/":
        return home
    import pwd  # cost: only where the environment does not say it

    try:
        return pwd.getpwuid(posix.getuid()).pw_dir
    except KeyError:
        raise SessionError("there is no home folder to keep anything in", "set HOME") from None
