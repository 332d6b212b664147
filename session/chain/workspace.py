"""Where the server's workspace is, by the names of the original's module (seed: 003)."""

from pathlib import Path

from session.chain import place


def get_workspace_root() -> Path | None:
    """The first existing folder of $MCP_WORKSPACE, $CLAUDE_PLUGIN_ROOT, $GEMINI_EXTENSION_PATH, $extensionPath.

    In our own plugin, $CLAUDE_PLUGIN_DATA stands for $CLAUDE_PLUGIN_ROOT.
    """
    found = place.workspace()
    return Path(found) if found else None


def get_cache_dir(fallback: Path | None = None) -> Path:
    """`server/cache` of the workspace; else `fallback`, else the same in the user's cache folder."""
    if fallback is not None and not place.workspace():
        return fallback
    return Path(place.cache())


def session_state_dir() -> Path:
    """The folder of all states, as the environment names it at this moment."""
    return get_cache_dir() / "sessions"
