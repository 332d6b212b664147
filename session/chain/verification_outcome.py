"""Changes of a conversation's chain state after a gate's verdict or a run of its verification. No I/O.

A change takes a state and returns the new one, or None if no gate, step or verification is left to remember.
"""

from session.chain.reminder import count_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    State = dict[str, Any]
    Change = Callable[[State], State | None]

_VERIFICATION_KEYS = ("shell_verify_max", "shell_verify_told")


def drop_gate(state: "State") -> "State | None":
    """Return the state without its pending gate, or None if no step or verification is left."""
    if not state.get("pending_gate"):
        return state
    command = text_of(state, "pending_shell_verify")
    rest = {**state, "pending_gate": None, "gate_criteria": []}
    if not command:
        # if there is no command, these are attempts to pass the gate, which is dropped
        rest["shell_verify_attempts"] = 0
    return rest if command or count_of(rest, "current_step") else None


def record_pass(command: str) -> "Change":
    """Return the change that removes the verification `command` from a state, because the command passed."""

    def change(state: "State") -> "State | None":
        if state.get("pending_shell_verify") != command:
            return state  # while the command ran, another one took its place
        rest = {key: value for key, value in state.items() if key not in _VERIFICATION_KEYS}
        rest.update(pending_shell_verify=None, shell_verify_attempts=0)
        has_next_step = 0 < count_of(rest, "current_step") < count_of(rest, "total_steps")
        return rest if has_next_step or text_of(rest, "pending_gate") else None

    return change


def record_failure(command: str) -> "Change":
    """Return the change that counts one more attempt of the verification `command`, because the command failed."""

    def change(state: "State") -> "State":
        if state.get("pending_shell_verify") != command:
            return state  # while the command ran, another one took its place
        return {**state, "shell_verify_attempts": count_of(state, "shell_verify_attempts") + 1}

    return change


def record_notice(command: str) -> "Change":
    """Return the change that records the notice to the agent: the user does not trust `command`."""
    return lambda state: {**state, "shell_verify_told": command}
