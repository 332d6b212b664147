"""Changing the state: checked, noted, and what follows from a test that failed (seed: 001)."""

from typing import NamedTuple

from session.entry import states
from session.entry.documents import Document
from session.entry.progress import changing
from session.errors import SessionError
from session.store.files import FileStore


class Done(NamedTuple):
    """A transition that was made, the document after it, what else changed, a line each; whether it was the first."""

    old: str
    new: str
    state: Document
    said: list[str]
    is_first: bool  # the project had no state before


def enter(store: FileStore, new: str, reason: str, *, timeout_s: float) -> Done:
    """Enter the state if it may follow, or if the last entry said that it comes next; SessionError if not."""
    said = []
    with changing(store, timeout_s) as progress:
        old, is_first = states.current(progress.state), progress.is_first
        if old == new == progress.state.get("next_state"):  # entry said so, and there it is
            return Done(old, new, progress.state, [f"{new} it was already: nothing changed"], is_first)
        health = progress.state.get("health_status")
        refusal = states.refusal(old, new, health if isinstance(health, str) else states.UNKNOWN)
        if refusal and progress.state.get("next_state") != new:
            wrong, _, valid = refusal.partition("\n")
            raise SessionError(wrong, valid)
        progress.enter(new, reason)
        if (old, new) == (states.TEST, states.IMPLEMENT):
            from session.entry import feature_status  # cost: for this one transition

            said = [line for line in (feature_status.failed(progress, reason or "its test failed"),) if line]
        state = progress.state
    return Done(old, new, state, said, is_first)
