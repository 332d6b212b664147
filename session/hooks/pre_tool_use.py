"""PreToolUse: no call of `prompt_engine` that passes a gate by (seed: 003), no edit of sources while the project is
broken (seed: 001)."""

from session.hooks.payload import calls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TOOL = "prompt_engine"
_WAYS_OUT = ("gate_action", "cancel")  # by which the server has a gate, or a chain, left behind


def answer(payload: "dict[str, Any]", owner: str) -> "dict[str, Any] | None":
    """The denial, None where there is nothing against the call. `owner` is empty for a subagent: no gate is its own,
    but what is broken is broken for all."""
    given = payload.get("tool_input")
    if not isinstance(given, dict):
        return None
    if calls(payload, TOOL):
        reason = _denial(given, owner) if owner else ""
    else:
        from session.entry import guard  # cost: not for chains

        reason = guard.REFUSAL if guard.refuses(payload) else ""
    if not reason:
        return None
    denied = {"permissionDecision": "deny", "permissionDecisionReason": reason}
    return {"hookSpecificOutput": {"hookEventName": "PreToolUse", **denied}}


def _denial(given: "dict[str, Any]", owner: str) -> str:
    verdict = given.get("gate_verdict")
    failure = _failure(verdict)
    if failure:
        return (
            f"Gate failed: {failure}. Review the gate criteria and retry with improvements. "
            "Resubmit with GATE_REVIEW: PASS once criteria are met."
        )
    chain = given.get("chain_id")
    if not isinstance(chain, str) or not chain or any(given.get(way) for way in _WAYS_OUT):
        return ""
    gate = "" if verdict else _pending_gate(owner)
    if gate:
        return (
            f"Chain resume requires gate verdict. Pending gate: {gate}. "
            "Include gate_verdict: GATE_REVIEW: PASS|FAIL - <reason>"
        )
    if not given.get("user_response"):
        return (
            "Chain resume requires user_response with your output from the previous step. "
            "Include user_response parameter with the work completed."
        )
    return ""


def _failure(verdict: object) -> str:
    """Why the verdict is that the gate failed, empty if it is not: a text, or what later servers take besides,
    `{"overall": "PASS" | "FAIL", "rationale": text}`."""
    if not isinstance(verdict, str | dict):
        return ""
    import re  # cost: for verdicts only

    from session.chain.reminder import shown, text_of

    if isinstance(verdict, dict):
        failed = text_of(verdict, "overall").upper() == "FAIL"
        return (text_of(verdict, "rationale") or "unspecified") if failed else ""
    if not re.search(r"GATE_REVIEW:\s*+FAIL", verdict, re.IGNORECASE):
        return ""
    reason = re.search(r"FAIL\s*+[-:]\s*+(.+)", verdict, re.IGNORECASE)
    return (shown(reason[1]) if reason else "") or "unspecified"


def _pending_gate(owner: str) -> str:
    from session.chain.location import has_state  # cost: as above

    if not has_state(owner):
        return ""
    from session.chain.reminder import text_of
    from session.chain.state import load

    return text_of(load(owner) or {}, "pending_gate")
