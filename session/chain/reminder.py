"""What a conversation is reminded of: its chain in a few lines (seed: 003). Pure, and never raises."""

from session.text.untrusted import inline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = 200  # characters of each value
_MOST = 999_999  # steps and attempts; what is beyond was never counted
MOST_ATTEMPTS = 20
_ATTEMPTS = 5
_VERDICT = "GATE_REVIEW: PASS|FAIL - <reason>"


def format_chain_reminder(state: "Mapping[str, object]", mode: str = "full") -> str:
    """The reminder, empty if nothing is active.

    "inline": where it stands, and below that what is next. "full", for a conversation that was compacted: a line for
    the chain, one for the gate, two for the verification. What is missing, or of another type, is as if absent.
    """
    if not isinstance(state, dict):
        return ""
    chain = text_of(state, "chain_id").replace('"', "'")
    step, total = count_of(state, "current_step"), count_of(state, "total_steps")
    gate, command = text_of(state, "pending_gate"), text_of(state, "pending_shell_verify")
    attempts = max(1, count_of(state, "shell_verify_attempts"))
    counted = f"{attempts}/{max(most_attempts(state), attempts)}"
    lines = []
    if mode != "inline":
        if step:
            lines.append(f"[Chain] {chain} - Step {step}/{total}" if chain else f"[Chain] Step {step}/{total}")
        if gate:
            lines.append(f"[Gate] {gate} - Respond: {_VERDICT}")
        if command:
            lines.append(f"[Verify] `{command}` - Attempt {counted}")
            lines.append("Run implementation, then prompt_engine validates with shell command")
        return "\n".join(lines)
    if step:
        lines.append(f"[{chain or 'active'}] {step}/{total}")
    if gate:
        lines.append(f"Gate: {gate}")
    if command:
        lines.append(f"Verify: {counted}")
    if command:
        action = f"\n→ Shell verify: `{command}` will validate"
    elif gate:
        action = f"\n→ {_VERDICT}"
    elif 0 < step < total:
        action = f'\n→ prompt_engine(chain_id:"{chain}") to continue' if chain else "\n→ call prompt_engine to continue"
    else:
        action = ""
    return " | ".join(lines) + action


def text_of(state: "Mapping[str, object]", key: str) -> str:
    """The text at `key`, of a list of gates all of them: on one line, harmless, cut; empty for anything else."""
    value = state.get(key)
    if key == "pending_gate" and isinstance(value, list):
        value = ", ".join(item for item in value if isinstance(item, str))
    return shown(value) if isinstance(value, str) else ""


def shown(text: str, limit: int = _LONGEST) -> str:
    """The text on one line, without backticks, of at most `limit` characters and `…`."""
    said = inline(text[: limit + 1].strip()).replace("`", "'")
    return said if len(said) <= limit else said[:limit] + "…"


def count_of(state: "Mapping[str, object]", key: str) -> int:
    """The number at `key`, 0 for anything else."""
    value = state.get(key)
    return value if type(value) is int and 0 < value <= _MOST else 0


def most_attempts(state: "Mapping[str, object]") -> int:
    """Return how many times the verification may run: what the state says, 5 if it says nothing, 20 at most.

    Somebody waits for the end of each attempt, so a large number from a tool's result does not count.
    """
    return min(count_of(state, "shell_verify_max") or _ATTEMPTS, MOST_ATTEMPTS)
