"""Whose a session is, as far as its record tells (seed: 002)."""

from session.host import clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.workflow.state import State

MINE = "mine"
ELSEWHERE = "possibly active elsewhere"
INTERRUPTED = "interrupted"

ACTIVE_MS = 15 * 60 * 1000  # a conversation that wrote less than this ago may still be at work


def whose(state: "State", owner: str, now_ms: int) -> str:
    """MINE for the conversation `owner`; ELSEWHERE if another one wrote lately and has not ended since; else
    INTERRUPTED. An empty `owner` is nobody's id."""
    known = owner_id(state)
    if not known:
        return INTERRUPTED
    if known == owner:
        return MINE
    updated_ms = clock.parse_ms(state.get("updated_at"))
    # abs: a time to come, by a clock that is wrong, must not keep a session occupied for ever
    lately = updated_ms is not None and abs(now_ms - updated_ms) < ACTIVE_MS
    return ELSEWHERE if lately and not has_ended(state) else INTERRUPTED


def has_ended(state: "State") -> bool:
    """Whether the conversation that wrote last has ended since, as its hook noted."""
    owner = state.get("owner")
    ended_ms = clock.parse_ms(owner.get("ended_at")) if isinstance(owner, dict) else None
    updated_ms = clock.parse_ms(state.get("updated_at"))
    return ended_ms is not None and (updated_ms is None or ended_ms >= updated_ms)


def owner_id(state: "State") -> str:
    """The id of the conversation that wrote last, empty if none is recorded."""
    owner = state.get("owner")
    known = owner.get("id") if isinstance(owner, dict) else None
    return known if isinstance(known, str) else ""
