"""Where what belongs to the user is kept, rather than to a project: as platformdirs says.

On Linux and macOS that is computed here: platformdirs takes as long to load as three commands, and a plugin runs on a
Python that may not have it. `tests/host/test_user_folders.py` holds the two equal.
"""

import sys

from session.system import variable

NAME = "workflow-session"


def config() -> str:
    """The absolute path of the user's configuration for this program."""
    return _folder("XDG_CONFIG_HOME", ".config", "Library/Application Support", "user_config_dir")


def cache() -> str:
    """The absolute path of the user's cache for this program."""
    return _folder("XDG_CACHE_HOME", ".cache", "Library/Caches", "user_cache_dir")


def data() -> str:
    """The absolute path of what this program keeps for the user."""
    return _folder("XDG_DATA_HOME", ".local/share", "Library/Application Support", "user_data_dir")


def _folder(named: str, below_home: str, below_home_on_macos: str, asked: str) -> str:
    from os import path  # cost: only where there is something to keep

    if sys.platform == "win32":
        import platformdirs  # what Windows says takes its registry

        return path.abspath(getattr(platformdirs, asked)(NAME, appauthor=False))
    base = variable(named)
    if not base.strip():
        base = path.join(path.expanduser("~"), below_home_on_macos if sys.platform == "darwin" else below_home)
    return path.abspath(path.join(base, NAME))
