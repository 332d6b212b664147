"""The states of the entry protocol, and which may follow which; without files (seed: 001)."""

from session.entry.documents import Document

START = "START"
FIX_BROKEN = "FIX_BROKEN"
INIT = "INIT"
IMPLEMENT = "IMPLEMENT"
TEST = "TEST"
COMPLETE = "COMPLETE"
STATES = (START, FIX_BROKEN, INIT, IMPLEMENT, TEST, COMPLETE)

HEALTHY = "HEALTHY"
BROKEN = "BROKEN"
UNKNOWN = "UNKNOWN"

FOLLOWERS = {
    START: (INIT, IMPLEMENT, FIX_BROKEN),
    FIX_BROKEN: (INIT, IMPLEMENT, TEST),
    INIT: (IMPLEMENT,),
    IMPLEMENT: (TEST,),
    TEST: (IMPLEMENT, COMPLETE),
    COMPLETE: (IMPLEMENT, INIT),
}
# what to load to work in a state; any other state is the orchestrator's
SKILLS = {
    INIT: "initialization/",
    IMPLEMENT: "implementation/",
    TEST: "testing/",
    FIX_BROKEN: "enforcement/ (fix broken app first)",
    COMPLETE: "context-graph/",
}
OTHER_SKILL = "orchestrator/"


def followers(state: str, health: str = UNKNOWN) -> tuple[str, ...]:
    """The states that may follow; none for a name that is no state. From anywhere to FIX_BROKEN when it is."""
    known = FOLLOWERS.get(state, ())
    return (*known, FIX_BROKEN) if health == BROKEN and known and FIX_BROKEN not in (*known, state) else known


def refusal(old: str, new: str, health: str = UNKNOWN) -> str:
    """What is said of a transition that may not be, in two lines; empty for one that may."""
    valid = followers(old, health)
    if new in valid:
        return ""
    return f"Invalid transition: {old} → {new}\nValid from {old}: {', '.join(valid)}"


def current(state: Document) -> str:
    """The state that the document names, START where it names none."""
    name = state.get("state")
    return name if isinstance(name, str) and name else START


def beginning(now: str, health: str) -> Document:
    """The state that a project begins with."""
    return {"state": START, "entered_at": now, "health_status": health, "history": []}


def entered(state: Document, new: str, reason: str, now: str) -> Document:
    """The document once the state is `new`; its history grows, the rest is kept. What entry recommended is done with.

    A history that is no list begins anew with this transition: nobody could append to it.
    """
    history = state.get("history")
    step = {"from": current(state), "to": new, "at": now, "reason": reason}
    changed = {
        **state,
        "state": new,
        "entered_at": now,
        "history": [*(history if isinstance(history, list) else ()), step],
    }
    changed.pop("next_state", None)
    return changed
