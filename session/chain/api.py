"""The original module's public names: where states are kept, and one conversation's state (seed: 003).

Functions that end in `_session_state` return what they could not do; state.py raises it instead.
"""

from pathlib import Path
from typing import NotRequired, TypedDict

from session.chain import location
from session.chain import state as chain_state
from session.errors import SessionError
from session.store.paths import check_name


class ChainState(TypedDict):
    """The state of one chain, by the keys of the seed (003). What another program wrote may lack any of them."""

    chain_id: str  # empty where it is not known
    current_step: int  # 0: no step
    total_steps: int
    pending_gate: str | None  # names, separated by commas where there are several
    gate_criteria: list[str]  # at most five
    last_prompt_id: str
    pending_shell_verify: str | None  # the command
    shell_verify_attempts: int  # made so far; of a review without a command, the review's
    shell_verify_max: NotRequired[int]  # where it was said
    shell_verify_told: NotRequired[str]  # the command that was said not to be trusted


def get_workspace_root() -> Path | None:
    """The first existing folder of $MCP_WORKSPACE, $CLAUDE_PLUGIN_ROOT, $GEMINI_EXTENSION_PATH, $extensionPath.

    In our own plugin, $CLAUDE_PLUGIN_DATA stands for $CLAUDE_PLUGIN_ROOT.
    """
    found = location.workspace()
    return Path(found) if found else None


def get_cache_dir(fallback: Path | None = None) -> Path:
    """`server/cache` of the workspace; else `fallback`, else the same in the user's cache folder."""
    if fallback is not None and not location.workspace():
        return fallback
    return Path(location.cache())


def session_state_dir() -> Path:
    """The folder of all states, as the environment names it at this moment."""
    return get_cache_dir() / "sessions"


def get_session_state_path(session_id: str) -> Path:
    """Where the conversation's state is; the folder is made if it can be. ValueError for a bad id."""
    _check(session_id)
    try:
        chain_state.make_states_folder()
    except SessionError:
        pass  # whoever writes there will be told
    return session_state_dir() / f"{session_id}.json"


def load_session_state(session_id: str) -> ChainState | None:
    """The conversation's state, None where there is none, or nothing that can be one. ValueError for a bad id."""
    get_session_state_path(session_id)
    return chain_state.load(session_id)


def save_session_state(session_id: str, state: ChainState) -> bool:
    """Keep the state, durably; whether that was done. If not, what was there is there. ValueError for a bad id."""
    _check(session_id)
    try:
        chain_state.put(session_id, state)
    except SessionError:
        return False
    return True


def clear_session_state(session_id: str) -> bool:
    """Have no state of the conversation; False where that can't be done. ValueError for a bad id."""
    get_session_state_path(session_id)
    try:
        chain_state.drop(session_id)
    except SessionError:
        return False
    return True


def _check(session_id: str) -> None:
    if not isinstance(session_id, str):
        raise ValueError(f"conversation id is not a text: {session_id!r}")
    try:
        check_name(session_id, "conversation id")
    except SessionError as error:
        raise ValueError(error.message) from None
