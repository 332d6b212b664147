"""Chain and gate state per conversation, by the names of the original's module (seed: 003).

Each name is loaded when it is first asked for: hooks come through here on every prompt, and mostly need none.
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

_WHERE = {
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
    if name == "SESSION_STATE_DIR":  # computed whenever it is read: the environment says where
        from session.chain.api import session_state_dir  # cost: as below

        return session_state_dir()
    if name == "workspace":  # as a module of the original was named
        return __import__("session.chain.workspace", fromlist=[name])  # cost: as below
    if name in _WHERE:
        module = __import__(f"session.chain.{_WHERE[name]}", fromlist=[name])  # cost: only what is asked for
        return getattr(module, name)
    raise AttributeError(f"module 'session.chain' has no attribute {name!r}")
