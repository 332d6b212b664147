"""The folder of chain states, and a quick check whether a conversation has one. On the hot path: hooks ask this first.

Some constants are copies, so that hooks import less. tests/chain/test_location.py holds them equal to the originals.
"""

from session._posix import exists, join, posix, stat, variable
from session.errors import SessionError

STATES = "sessions"
_WORKSPACE_VARIABLES = ("MCP_WORKSPACE", "CLAUDE_PLUGIN_ROOT", "GEMINI_EXTENSION_PATH", "extensionPath")
_PLUGIN_FILE = ("session", "plugin", "hooks", "hooks.json")  # only our own plugin has this file
_CACHE = ("server", "cache")
_ENDING = ".json"


def workspace() -> str:
    """Return the workspace folder that environment variables name, maybe a relative path; "" if none exists.

    Each update of our own plugin changes its folder. So if $CLAUDE_PLUGIN_ROOT is our own plugin, the folder in
    $CLAUDE_PLUGIN_DATA replaces it.
    """
    for name in _WORKSPACE_VARIABLES:
        folder = variable(name)
        if name == "CLAUDE_PLUGIN_ROOT" and folder and exists(join(folder, *_PLUGIN_FILE)):
            folder = variable("CLAUDE_PLUGIN_DATA")
        if folder and _is_folder(folder):
            return folder
    return ""


def cache() -> str:
    """Return the cache folder in the workspace, or in the user's cache without a workspace.

    The path is relative if the variable holds a relative path. SessionError if the user has no home folder.
    """
    return join(workspace() or user_cache(), *_CACHE)


def folder() -> str:
    """Return the absolute path of the folder of all chain states; raise SessionError if no such path exists."""
    path = cache()
    if path[:1] != "/":  # an absolute path of Windows begins with a drive, but `join` returns it unchanged
        try:
            path = join(posix.getcwd(), path)
        except OSError:
            raise SessionError("the working folder no longer exists", "change to another folder") from None
    return join(path, STATES)


def has_state(conversation: str) -> bool:
    """Return True if the conversation has a state file. An invalid id has none."""
    if not conversation or conversation[0] in ".-" or "/" in conversation or "\\" in conversation:
        return False
    try:
        return exists(join(folder(), conversation + _ENDING))
    except SessionError:
        return False  # the code that writes a state reports the error


def user_cache() -> str:
    """Return this program's folder in the user's cache; raise SessionError if the user has no home folder."""
    from session.host.user_folders import cache as cache_of_user  # cost: only without a workspace

    return cache_of_user()


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(posix.stat(path).st_mode)
    except (OSError, ValueError):
        return False
