"""Stop: finish what a killed process left, and run the shell verification that is pending, if there is one."""

from session.chain.location import has_state
from session.errors import SessionError
from session.hooks import unfinished
from session.output import tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def answer(payload: "dict[str, Any]", owner: str) -> "dict[str, Any] | None":
    """The block, None where the agent may stop: always, if it goes on only since it was blocked before."""
    try:
        unfinished.finish("Stop", owner)
    except SessionError as error:  # of the project's store, which the chain is not in
        tell(str(error))
    if payload.get("stop_hook_active") or not has_state(owner):
        return None
    from session.hooks import verification  # cost: only within a chain

    return verification.answer(owner)
