"""Enter another state: check that it may follow, record it, and count a failed test."""

from typing import NamedTuple

from session.entry import states
from session.entry.documents import Document
from session.entry.progress import changing
from session.errors import SessionError
from session.store.files import FileStore


class Transition(NamedTuple):
    """A transition that was made: both states, the document after it, and lines for the user about other changes."""

    old: str
    new: str
    state: Document
    messages: list[str]
    is_first: bool  # the project had no state before


def enter(store: FileStore, new: str, reason: str, *, timeout_s: float) -> Transition:
    """Enter the state if it may follow, or if `session enter` recommended it; else raise SessionError.

    From TEST back to IMPLEMENT counts as a failed test of the current feature.
    """
    messages = []
    with changing(store, timeout_s) as progress:
        old, is_first = states.current(progress.state), progress.is_first
        if old == new == progress.state.get("next_state"):  # `session enter` recommended to stay in this state
            return Transition(old, new, progress.state, [f"{new} is the state already: nothing changed"], is_first)
        refusal = states.refusal(old, new, states.health_of(progress.state))
        if refusal and progress.state.get("next_state") != new:
            wrong, _, valid = refusal.partition("\n")
            raise SessionError(wrong, valid)
        progress.enter(new, reason)
        if (old, new) == (states.TEST, states.IMPLEMENT):
            from session.entry import feature_status  # cost: only for this transition

            messages = [line for line in (feature_status.fail_current(progress, reason or "its test failed"),) if line]
        state = progress.state
    return Transition(old, new, state, messages, is_first)
