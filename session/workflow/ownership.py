"""Tell whether a workflow session belongs to this conversation, to an active one, or was interrupted."""

from session.host import clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.workflow.state import State

MINE = "mine"
ELSEWHERE = "possibly active elsewhere"
INTERRUPTED = "interrupted"
UNKNOWN = "unknown origin"  # git could not tell whether the session came with the repository

ACTIVE_MS = 15 * 60 * 1000  # a conversation whose last write is younger than this may still be active


def whose(state: "State", owner: str, now_ms: int) -> str:
    """Return MINE, ELSEWHERE or INTERRUPTED for the conversation `owner`.

    MINE: it wrote the session last. ELSEWHERE: another conversation did, recently, and has not ended since.
    INTERRUPTED: all other sessions. If `owner` is "", no session is MINE.
    """
    writer = owner_id(state)
    if not writer:
        return INTERRUPTED
    if writer == owner:
        return MINE
    updated_ms = clock.parse_ms(state.get("updated_at"))
    # abs: after a wrong clock wrote a future time, the session must not stay occupied until that time
    is_recent = updated_ms is not None and abs(now_ms - updated_ms) < ACTIVE_MS
    return ELSEWHERE if is_recent and not has_ended(state) else INTERRUPTED


def has_ended(state: "State") -> bool:
    """Return True if the conversation that wrote the session last has ended since then, according to a hook."""
    owner = state.get("owner")
    ended_ms = clock.parse_ms(owner.get("ended_at")) if isinstance(owner, dict) else None
    updated_ms = clock.parse_ms(state.get("updated_at"))
    return ended_ms is not None and (updated_ms is None or ended_ms >= updated_ms)


def owner_id(state: "State") -> str:
    """Return the id of the conversation that wrote the session last, or "" if none is recorded."""
    owner = state.get("owner")
    writer = owner.get("id") if isinstance(owner, dict) else None
    return writer if isinstance(writer, str) else ""
