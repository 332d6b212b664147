"""UserPromptSubmit: where the conversation's chain stands, in two lines, as long as it has one (seed: 003)."""

from session.chain.location import has_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def answer(owner: str) -> "dict[str, Any] | None":
    """The context to be added, None if there is none."""
    if not has_state(owner):
        return None
    from session.chain.reminder import format_chain_reminder  # cost: only within a chain
    from session.chain.state import load

    said = format_chain_reminder(load(owner) or {}, "inline")
    if not said:
        return None
    return {"hookSpecificOutput": {"hookEventName": "UserPromptSubmit", "additionalContext": said}}
