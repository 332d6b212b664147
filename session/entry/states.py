"""The states of the entry protocol, the transitions between them, and the choice of the next state. No files."""

from typing import NamedTuple

from session.entry.documents import Document
from session.text.typed import as_list, text_at

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
# the skill to load for a state; OTHER_SKILL for any state without one
SKILLS = {
    INIT: "initialization/",
    IMPLEMENT: "implementation/",
    TEST: "testing/",
    FIX_BROKEN: "enforcement/ (fix broken app first)",
    COMPLETE: "context-graph/",
}
OTHER_SKILL = "orchestrator/"

# words for the condition of the whole feature list
NO_FEATURE_LIST = "NO_FEATURE_LIST"
HAS_PENDING_FEATURES = "HAS_PENDING_FEATURES"
ALL_COMPLETE = "ALL_COMPLETE"


class Counts(NamedTuple):
    """The number of features by status. `pending` and `in_progress` features are work to do."""

    pending: int = 0
    implemented: int = 0
    blocked: int = 0
    done: int = 0
    in_progress: int = 0

    @property
    def total(self) -> int:
        """Return the number of all features."""
        return sum(self)


class Decision(NamedTuple):
    """The next state, the reason for it, and a word for the condition of the feature list."""

    next_state: str
    why: str
    feature_status: str


def decide(health: str, counts: Counts | None) -> Decision:
    """Return the next state for a project's health and features.

    `counts` is None if there is no feature list, or if it is unreadable.
    """
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
    """Return NO_FEATURE_LIST, HAS_PENDING_FEATURES or ALL_COMPLETE. The project's health does not matter."""
    if counts is None or not counts.total:
        return NO_FEATURE_LIST
    return ALL_COMPLETE if counts.done == counts.total else HAS_PENDING_FEATURES


def followers(state: str, health: str = UNKNOWN) -> tuple[str, ...]:
    """Return the states that may follow `state`; none for an unknown name.

    FIX_BROKEN may follow every other state while the project is BROKEN.
    """
    names = FOLLOWERS.get(state, ())
    return (*names, FIX_BROKEN) if health == BROKEN and names and FIX_BROKEN not in (*names, state) else names


def refusal(old: str, new: str, health: str = UNKNOWN) -> str:
    """Return "" for an allowed transition. For any other, return two lines: the refusal, and the valid states."""
    valid = followers(old, health)
    if new in valid:
        return ""
    return f"Invalid transition: {old} → {new}\nValid from {old}: {', '.join(valid)}"


def current(state: Document) -> str:
    """Return the name of the state in the document, or START if there is none."""
    return text_at(state, "state") or START


def health_of(state: Document) -> str:
    """Return the health that the document records, or UNKNOWN if there is none."""
    health = state.get("health_status")
    return health if isinstance(health, str) else UNKNOWN


def last_step(state: Document) -> Document | None:
    """Return the last transition in the document's history, or None."""
    step = next(reversed(as_list(state.get("history"))), None)
    return step if isinstance(step, dict) else None


def step_text(step: Document) -> str:
    """Return a transition in one line, such as `INIT → IMPLEMENT (F-2 comes next)`."""
    reason = text_at(step, "reason")
    return f"{step.get('from')} → {step.get('to')}" + (f" ({reason})" if reason else "")


def new_document(now: str, health: str) -> Document:
    """Return the document of a project that has no state yet."""
    return {"state": START, "entered_at": now, "health_status": health, "history": []}


def enter_state(state: Document, new: str, reason: str, now: str) -> Document:
    """Return the document after the transition to `new`, which is added to its history.

    The recommended next state is removed. A malformed history is replaced, because nothing can be appended to it.
    """
    step = {"from": current(state), "to": new, "at": now, "reason": reason}
    changed = {**state, "state": new, "entered_at": now, "history": [*as_list(state.get("history")), step]}
    changed.pop("next_state", None)
    return changed
