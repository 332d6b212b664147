"""Answer UserPromptSubmit: remind the conversation of its chain in two lines, as long as it has one."""

from session.chain.location import has_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def answer(owner: str) -> "dict[str, Any] | None":
    """Return the answer that adds the reminder to the conversation's context, or None if there is no chain."""
    if not has_state(owner):
        return None
    from session.chain.reminder import format_chain_reminder  # cost: only if the conversation has a chain
    from session.chain.state import load

    text = format_chain_reminder(load(owner) or {}, "inline")
    if not text:
        return None
    return {"hookSpecificOutput": {"hookEventName": "UserPromptSubmit", "additionalContext": text}}
