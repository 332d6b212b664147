"""The original's module of this name, for programs that import from it. The functions are in api.py."""

from session.chain.api import get_cache_dir, get_workspace_root

__all__ = ["get_cache_dir", "get_workspace_root"]
