"""Answer Stop: finish the commit of a killed process, then run the pending shell verification, if there is one."""

from session.chain.location import has_state
from session.errors import SessionError
from session.hooks import unfinished
from session.output import tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def answer(payload: "dict[str, Any]", owner: str) -> "dict[str, Any] | None":
    """Return the answer that blocks the stop, or None if the agent may stop.

    An agent that continues only because of an earlier block may always stop.
    """
    try:
        unfinished.finish("Stop", owner)
    except SessionError as error:  # the project's store failed; the chain has its own store
        tell(str(error))
    if payload.get("stop_hook_active") or not has_state(owner):
        return None
    from session.hooks import verification  # cost: only if the conversation has a chain

    return verification.answer(owner)
