"""The public functions of `session.chain`: find, read, save and delete the chain state of a conversation.

These functions report failure by their return value. The functions in state.py raise SessionError instead.
"""

from pathlib import Path
from typing import NotRequired, TypedDict

from session.chain import location
from session.chain import state as chain_state
from session.errors import SessionError
from session.store.paths import check_name


class ChainState(TypedDict):
    """The state of one conversation's chain, as its file holds it. A state from another program may lack any key."""

    chain_id: str  # "" if the id is not known
    current_step: int  # 0 if there is no step
    total_steps: int
    pending_gate: str | None  # gate names, separated by commas
    gate_criteria: list[str]  # at most five criteria
    last_prompt_id: str
    pending_shell_verify: str | None  # the command that must pass before the agent stops
    # attempts to pass the command so far; if there is no command, attempts to pass the gate
    shell_verify_attempts: int
    shell_verify_max: NotRequired[int]  # the most attempts; missing if the server gave no maximum
    shell_verify_told: NotRequired[str]  # the command that the agent already knows to be untrusted


def get_workspace_root() -> Path | None:
    """Return the workspace folder that environment variables name, or None if no such folder exists.

    The first that exists counts: $MCP_WORKSPACE, $CLAUDE_PLUGIN_ROOT, $GEMINI_EXTENSION_PATH, $extensionPath. If
    $CLAUDE_PLUGIN_ROOT is our own plugin, $CLAUDE_PLUGIN_DATA replaces it.
    """
    folder = location.workspace()
    return Path(folder) if folder else None


def get_cache_dir(fallback: Path | None = None) -> Path:
    """Return `server/cache` of the workspace; without a workspace, `fallback` or a folder in the user's cache."""
    if fallback is not None and not location.workspace():
        return fallback
    return Path(location.cache())


def session_state_dir() -> Path:
    """Return the folder of all chain states, which the present environment variables decide."""
    return get_cache_dir() / location.STATES


def get_session_state_path(session_id: str) -> Path:
    """Return the path of the conversation's state file, and try to make its folder. ValueError for an invalid id."""
    _check(session_id)
    try:
        chain_state.make_states_folder()
    except SessionError:
        pass  # a later write to the folder reports the error
    return session_state_dir() / f"{session_id}.json"


def load_session_state(session_id: str) -> ChainState | None:
    """Return the conversation's state, or None if there is no valid one. ValueError for an invalid id."""
    get_session_state_path(session_id)
    return chain_state.load(session_id)


def save_session_state(session_id: str, state: ChainState) -> bool:
    """Save the state durably; return False if that fails. ValueError for an invalid id.

    After a failure, the old state is unchanged.
    """
    _check(session_id)
    try:
        chain_state.put(session_id, state)
    except SessionError:
        return False
    return True


def clear_session_state(session_id: str) -> bool:
    """Delete the conversation's state, if there is one; return False if that fails. ValueError for an invalid id."""
    get_session_state_path(session_id)
    try:
        chain_state.drop(session_id)
    except SessionError:
        return False
    return True


def _check(session_id: str) -> None:
    """Raise ValueError unless the text can be a conversation's id."""
    if not isinstance(session_id, str):
        raise ValueError(f"conversation id must be a string: {session_id!r}")
    try:
        check_name(session_id, "conversation id")
    except SessionError as error:
        raise ValueError(error.message) from None
