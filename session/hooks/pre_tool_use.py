"""Answer PreToolUse: deny calls of `prompt_engine` that skip a gate, and edits of a broken project's sources."""

from session.hooks.payload import calls_prompt_engine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_EXITS = ("gate_action", "cancel")  # arguments that tell the server to skip the gate or to end the chain


def answer(payload: "dict[str, Any]", owner: str) -> "dict[str, Any] | None":
    """Return the answer that denies the call, or None if the call may go on.

    `owner` is "" for a subagent: no gate concerns it, but a broken project does.
    """
    arguments = payload.get("tool_input")
    if not isinstance(arguments, dict):
        return None
    if calls_prompt_engine(payload):
        reason = _denial(arguments, owner) if owner else ""
    else:
        from session.entry import guard  # cost: not for calls of prompt_engine

        reason = guard.DENIAL if guard.refuses(payload) else ""
    if not reason:
        return None
    decision = {"permissionDecision": "deny", "permissionDecisionReason": reason}
    return {"hookSpecificOutput": {"hookEventName": "PreToolUse", **decision}}


def _denial(arguments: "dict[str, Any]", owner: str) -> str:
    """Return the reason to deny a call of `prompt_engine` with these arguments, or "" if there is none."""
    verdict = arguments.get("gate_verdict")
    failure = _failure(verdict)
    if failure:
        return (
            f"Gate failed: {failure}. Review the gate criteria and retry with improvements. "
            "Resubmit with GATE_REVIEW: PASS once criteria are met."
        )
    chain = arguments.get("chain_id")
    if not isinstance(chain, str) or not chain or any(arguments.get(name) for name in _EXITS):
        return ""
    gate = "" if verdict else _pending_gate(owner)
    if gate:
        from session.chain.reminder import VERDICT  # cost: only for a pending gate

        return f"Chain resume requires gate verdict. Pending gate: {gate}. Include gate_verdict: {VERDICT}"
    if not arguments.get("user_response"):
        return (
            "Chain resume requires user_response with your output from the previous step. "
            "Include user_response parameter with the work completed."
        )
    return ""


def _failure(verdict: object) -> str:
    """Return the reason in a verdict that says FAIL, or "" if the verdict does not say that.

    A verdict is a text, or for newer servers an object `{"overall": "PASS" | "FAIL", "rationale": text}`.
    """
    if not isinstance(verdict, str | dict):
        return ""
    import re  # cost: only for verdicts

    from session.chain.reminder import shown, text_of

    if isinstance(verdict, dict):
        is_failure = text_of(verdict, "overall").upper() == "FAIL"
        return (text_of(verdict, "rationale") or "unspecified") if is_failure else ""
    if not re.search(r"GATE_REVIEW:\s*+FAIL", verdict, re.IGNORECASE):
        return ""
    reason = re.search(r"FAIL\s*+[-:]\s*+(.+)", verdict, re.IGNORECASE)
    return (shown(reason[1]) if reason else "") or "unspecified"


def _pending_gate(owner: str) -> str:
    """Return the gate that the conversation must give a verdict on, or "" if there is none."""
    from session.chain.location import has_state  # cost: only for calls that continue a chain

    if not has_state(owner):
        return ""
    from session.chain.reminder import text_of
    from session.chain.state import load

    return text_of(load(owner) or {}, "pending_gate")
