"""From facts to the next state: one pure function (seed: 001)."""

from typing import NamedTuple

from session.entry import machine

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
    if health == machine.BROKEN:
        return Decision(machine.FIX_BROKEN, "health check failed", status)
    if counts is None or not counts.total:
        return Decision(machine.INIT, "no features", status)
    if counts.pending or counts.in_progress:
        return Decision(machine.IMPLEMENT, "pending features", status)
    if counts.implemented:
        return Decision(machine.TEST, "implemented, not tested", status)
    if counts.blocked:
        return Decision(machine.IMPLEMENT, "only blocked features left", status)
    return Decision(machine.COMPLETE, "all done", status)


def feature_status(counts: Counts | None) -> str:
    """What the list says as a whole, whatever the health is."""
    if counts is None or not counts.total:
        return NO_FEATURE_LIST
    return ALL_COMPLETE if counts.done == counts.total else HAS_PENDING_FEATURES
