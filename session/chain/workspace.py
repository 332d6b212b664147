"""The functions of the original scripts' module `workspace`, for programs that import them from there."""

from session.chain.api import get_cache_dir, get_workspace_root

__all__ = ["get_cache_dir", "get_workspace_root"]
