"""Which folder holds the conversations' states, and whether there is one of a conversation. Hooks ask this first."""

from session._posix import exists, join, posix, stat, variable
from session.errors import SessionError

_NAMED = ("MCP_WORKSPACE", "CLAUDE_PLUGIN_ROOT", "GEMINI_EXTENSION_PATH", "extensionPath")
_OURS = ("session", "plugin", "hooks", "hooks.json")  # what only our own plugin has
_CACHE = ("server", "cache")
_SESSIONS = "sessions"


def workspace() -> str:
    """The first of the folders that the environment names and that exists, as it is named; empty if there is none.

    Our own plugin's folder changes with each update: there, the one that it may keep data in counts instead.
    """
    for name in _NAMED:
        folder = variable(name)
        if name == "CLAUDE_PLUGIN_ROOT" and folder and exists(join(folder, *_OURS)):
            folder = variable("CLAUDE_PLUGIN_DATA")
        if folder and _is_folder(folder):
            return folder
    return ""


def cache() -> str:
    """The folder of caches: the workspace's, else the user's. Relative if that is how the workspace is named.

    SessionError where the user has no home.
    """
    return join(workspace() or user_cache(), *_CACHE)


def folder() -> str:
    """The absolute path of the folder of all states. SessionError where there can be none."""
    found = cache()
    if found[:1] != "/":  # an absolute path of Windows stays one when it is joined
        try:
            found = join(posix.getcwd(), found)
        except OSError:
            raise SessionError("the working folder no longer exists", "change to another folder") from None
    return join(found, _SESSIONS)


def has_state(conversation: str) -> bool:
    """Whether there is a file for the conversation. False for what can't be one."""
    if not conversation or conversation[0] in ".-" or "/" in conversation or "\\" in conversation:
        return False
    try:
        return exists(join(folder(), conversation + ".json"))
    except SessionError:
        return False  # to be said when something is to be kept


def user_cache() -> str:
    """The user's cache folder for us. SessionError where the user has no home."""
    from session.host.user_folders import cache as users  # cost: not where a workspace is named

    return users()


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(posix.stat(path).st_mode)
    except (OSError, ValueError):
        return False
