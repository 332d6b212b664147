"""The chain, gate and verification that each conversation is at. Described in docs/formats.md.

The names are those of the original scripts. Each is loaded on first use, because hooks import this package on every
prompt, and mostly need none of them.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from session.chain.api import (
        ChainState,
        clear_session_state,
        get_cache_dir,
        get_session_state_path,
        load_session_state,
        save_session_state,
    )
    from session.chain.parse import parse_prompt_engine_response
    from session.chain.reminder import format_chain_reminder

    SESSION_STATE_DIR: Path

__all__ = [
    "SESSION_STATE_DIR",
    "ChainState",
    "clear_session_state",
    "format_chain_reminder",
    "get_cache_dir",
    "get_session_state_path",
    "load_session_state",
    "parse_prompt_engine_response",
    "save_session_state",
]

_MODULE_OF = {
    "ChainState": "api",
    "clear_session_state": "api",
    "format_chain_reminder": "reminder",
    "get_cache_dir": "api",
    "get_session_state_path": "api",
    "load_session_state": "api",
    "parse_prompt_engine_response": "parse",
    "save_session_state": "api",
}


def __getattr__(name: str) -> object:
    if name == "SESSION_STATE_DIR":  # computed at each read, because environment variables decide it
        from session.chain.api import session_state_dir  # cost: pathlib, only for callers that read the name

        return session_state_dir()
    if name == "workspace":  # the original scripts have a module of this name
        return __import__("session.chain.workspace", fromlist=[name])  # cost: pathlib, only for callers that use it
    if name in _MODULE_OF:
        # cost: loads only the module that defines the name
        module = __import__(f"session.chain.{_MODULE_OF[name]}", fromlist=[name])
        return getattr(module, name)
    raise AttributeError(f"module 'session.chain' has no attribute {name!r}")
