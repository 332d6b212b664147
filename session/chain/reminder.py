"""Short texts that remind a conversation of its chain, gate and verification. No I/O; never raises."""

from session.text.untrusted import inline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

VERDICT = "GATE_REVIEW: PASS|FAIL - <reason>"
MOST_ATTEMPTS = 20
_DEFAULT_ATTEMPTS = 5
_LONGEST = 200  # the most characters of a value
_LARGEST = 999_999  # the largest number of steps or attempts; a larger number is no real count


def format_chain_reminder(state: "Mapping[str, object]", mode: str = "full") -> str:
    """Return the reminder of the state, or "" if no chain, gate or verification is active.

    Mode "inline" has one line for the position and one for the next action. Mode "full", for a conversation after its
    compaction, has a line for the chain, one for the gate and two for the verification. A value of a wrong type counts
    as missing.
    """
    if not isinstance(state, dict):
        return ""
    chain = text_of(state, "chain_id").replace('"', "'")
    step, total = count_of(state, "current_step"), count_of(state, "total_steps")
    gate, command = text_of(state, "pending_gate"), text_of(state, "pending_shell_verify")
    attempt = max(1, count_of(state, "shell_verify_attempts"))
    attempts = f"{attempt}/{max(most_attempts(state), attempt)}"
    lines = []
    if mode != "inline":
        if step:
            lines.append(f"[Chain] {chain} - Step {step}/{total}" if chain else f"[Chain] Step {step}/{total}")
        if gate:
            lines.append(f"[Gate] {gate} - Respond: {VERDICT}")
        if command:
            lines.append(f"[Verify] `{command}` - Attempt {attempts}")
            lines.append("Run implementation, then prompt_engine validates with shell command")
        return "\n".join(lines)
    if step:
        lines.append(f"[{chain or 'active'}] {step}/{total}")
    if gate:
        lines.append(f"Gate: {gate}")
    if command:
        lines.append(f"Verify: {attempts}")
    if command:
        action = f"\n→ Shell verify: `{command}` will validate"
    elif gate:
        action = f"\n→ {VERDICT}"
    elif 0 < step < total:
        action = f'\n→ prompt_engine(chain_id:"{chain}") to continue' if chain else "\n→ call prompt_engine to continue"
    else:
        action = ""
    return " | ".join(lines) + action


def text_of(state: "Mapping[str, object]", key: str) -> str:
    """Return the text at `key` on one line, shortened and without control characters, or "" if it is no text.

    A list of gates becomes one text, separated by commas.
    """
    value = state.get(key)
    if key == "pending_gate" and isinstance(value, list):
        value = ", ".join(item for item in value if isinstance(item, str))
    return shown(value) if isinstance(value, str) else ""


def shown(text: str, limit: int = _LONGEST) -> str:
    """Return the text on one line, without backticks, cut after `limit` characters with `…`."""
    line = inline(text[: limit + 1].strip()).replace("`", "'")
    return line if len(line) <= limit else line[:limit] + "…"


def count_of(state: "Mapping[str, object]", key: str) -> int:
    """Return the whole number at `key`, or 0 if it is missing, negative or beyond 999,999."""
    value = state.get(key)
    return value if type(value) is int and 0 < value <= _LARGEST else 0


def most_attempts(state: "Mapping[str, object]") -> int:
    """Return how many times the verification may run: the state's maximum, 5 without one, and never more than 20.

    The maximum comes from a tool's result, and the user waits for each attempt. So a large number must not count.
    """
    return min(count_of(state, "shell_verify_max") or _DEFAULT_ATTEMPTS, MOST_ATTEMPTS)
