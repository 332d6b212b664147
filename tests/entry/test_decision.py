"""The choice of the next state: a table of cases, and every health with every feature list gives one state."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.entry import feature_list, states
from session.entry.states import Counts, decide

TABLE = [
    ("BROKEN", None, "FIX_BROKEN", "NO_FEATURE_LIST"),
    ("BROKEN", (1, 0, 0, 0), "FIX_BROKEN", "HAS_PENDING_FEATURES"),
    ("BROKEN", (0, 0, 0, 2), "FIX_BROKEN", "ALL_COMPLETE"),
    ("HEALTHY", None, "INIT", "NO_FEATURE_LIST"),
    ("HEALTHY", (0, 0, 0, 0), "INIT", "NO_FEATURE_LIST"),
    ("HEALTHY", (1, 0, 0, 0), "IMPLEMENT", "HAS_PENDING_FEATURES"),
    ("HEALTHY", (1, 1, 1, 1), "IMPLEMENT", "HAS_PENDING_FEATURES"),
    ("HEALTHY", (0, 1, 0, 3), "TEST", "HAS_PENDING_FEATURES"),
    ("HEALTHY", (0, 1, 1, 0), "TEST", "HAS_PENDING_FEATURES"),
    ("HEALTHY", (0, 0, 1, 3), "IMPLEMENT", "HAS_PENDING_FEATURES"),
    ("HEALTHY", (0, 0, 0, 3), "COMPLETE", "ALL_COMPLETE"),
    ("UNKNOWN", (0, 0, 0, 3), "COMPLETE", "ALL_COMPLETE"),
    ("UNKNOWN", (2, 0, 0, 0), "IMPLEMENT", "HAS_PENDING_FEATURES"),
]


@pytest.mark.parametrize(("health", "counts", "state", "status"), TABLE)
def test_the_table(health: str, counts: tuple[int, int, int, int] | None, state: str, status: str) -> None:
    decision = decide(health, None if counts is None else Counts(*counts))
    assert (decision.next_state, decision.feature_status) == (state, status)


@given(
    health=st.sampled_from(["HEALTHY", "BROKEN", "UNKNOWN", "odd", ""]),
    statuses=st.none() | st.lists(st.sampled_from([*feature_list.STATUSES, "odd", None])),
)
def test_every_combination_gives_one_state(health: str, statuses: list[str | None] | None) -> None:
    listed = None if statuses is None else [{"id": str(at), "status": each} for at, each in enumerate(statuses)]
    counts = None if listed is None else feature_list.counts(listed)
    decision = decide(health, counts)
    assert decision == decide(health, counts)
    assert decision.next_state in states.STATES
    assert decision.why
    known = [feature_list.status_of(each) for each in listed or []]
    unfinished = [each for each in known if each not in feature_list.DONE]
    assert (decision.feature_status == "HAS_PENDING_FEATURES") is bool(unfinished)
    assert (decision.next_state == "FIX_BROKEN") is (health == "BROKEN")
    if health != "BROKEN":
        assert (decision.next_state == "COMPLETE") is (bool(known) and not unfinished)
        assert (decision.next_state == "INIT") is (not known)
        wanted = not any(each in ("pending", "in_progress") for each in known) and "implemented" in known
        assert (decision.next_state == "TEST") is wanted
