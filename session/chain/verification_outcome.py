"""What becomes of a conversation's state when its gate is answered, or its verification was run. Pure."""

from session.chain.reminder import count_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    State = dict[str, Any]
    Change = Callable[[State], State | None]

_OF_VERIFICATION = ("shell_verify_max", "shell_verify_told")


def without_gate(state: "State") -> "State | None":
    """The state with no gate pending; None if nothing is left to be reminded of."""
    if not state.get("pending_gate"):
        return state
    command = text_of(state, "pending_shell_verify")
    left = {**state, "pending_gate": None, "gate_criteria": []}
    if not command:
        left["shell_verify_attempts"] = 0  # they were the review's
    return left if command or count_of(left, "current_step") else None


def passed(command: str) -> "Change":
    """The state after `command` passed: with no verification; None if no gate and no further step is left either."""

    def change(state: "State") -> "State | None":
        if state.get("pending_shell_verify") != command:
            return state  # another one by now
        left = {key: value for key, value in state.items() if key not in _OF_VERIFICATION}
        left.update(pending_shell_verify=None, shell_verify_attempts=0)
        goes_on = 0 < count_of(left, "current_step") < count_of(left, "total_steps")
        return left if goes_on or text_of(left, "pending_gate") else None

    return change


def failed(command: str) -> "Change":
    """The state after `command` failed: one more attempt was made."""

    def change(state: "State") -> "State":
        if state.get("pending_shell_verify") != command:
            return state
        return {**state, "shell_verify_attempts": count_of(state, "shell_verify_attempts") + 1}

    return change


def told(command: str) -> "Change":
    """The state after it was said that `command` is not trusted."""
    return lambda state: {**state, "shell_verify_told": command}
