"""The states of the entry protocol, and which may follow which; without files (seed: 001)."""

from typing import NamedTuple

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

# what the list says as a whole
NO_FEATURE_LIST = "NO_FEATURE_LIST"
HAS_PENDING_FEATURES = "HAS_PENDING_FEATURES"
ALL_COMPLETE = "ALL_COMPLETE"


class Counts(NamedTuple):
    """How many features there are in each condition; work is to be done on those `pending` and `in_progress`."""

    pending: int = 0
    implemented: int = 0
    blocked: int = 0
    done: int = 0
    in_progress: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self)


class Decision(NamedTuple):
    """The next state, why, and what the list of features says as a whole."""

    next_state: str
    why: str
    feature_status: str


def decide(health: str, counts: Counts | None) -> Decision:
    """The one next state. `counts` is None where there is no list of features, or none that can be read."""
    status = feature_status(counts)
    if health == BROKEN:
        return Decision(FIX_BROKEN, "health check failed", status)
    if counts is None or not counts.total:
        return Decision(INIT, "no features", status)
    if counts.pending or counts.in_progress:
        return Decision(IMPLEMENT, "pending features", status)
    if counts.implemented:
        return Decision(TEST, "implemented, not tested", status)
    if counts.blocked:
        return Decision(IMPLEMENT, "only blocked features left", status)
    return Decision(COMPLETE, "all done", status)


def feature_status(counts: Counts | None) -> str:
    """What the list says as a whole, whatever the health is."""
    if counts is None or not counts.total:
        return NO_FEATURE_LIST
    return ALL_COMPLETE if counts.done == counts.total else HAS_PENDING_FEATURES


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
