"""The allowed transitions between states, and the document after a transition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.entry import states

FOLLOWS = {
    "START": ["INIT", "IMPLEMENT", "FIX_BROKEN"],
    "FIX_BROKEN": ["INIT", "IMPLEMENT", "TEST"],
    "INIT": ["IMPLEMENT"],
    "IMPLEMENT": ["TEST"],
    "TEST": ["IMPLEMENT", "COMPLETE"],
    "COMPLETE": ["IMPLEMENT", "INIT"],
}
NAMES = [*FOLLOWS, "FOO", "start", ""]


@pytest.mark.parametrize("old", NAMES)
@pytest.mark.parametrize("new", NAMES)
def test_every_pair(old: str, new: str) -> None:
    allowed = new in FOLLOWS.get(old, [])
    assert (states.refusal(old, new) == "") is allowed
    broken = allowed or (old in FOLLOWS and new == "FIX_BROKEN" != old)
    assert (states.refusal(old, new, "BROKEN") == "") is broken


def test_what_is_said_of_a_refusal() -> None:
    assert states.refusal("TEST", "START") == "Invalid transition: TEST → START\nValid from TEST: IMPLEMENT, COMPLETE"
    assert states.refusal("FOO", "INIT") == "Invalid transition: FOO → INIT\nValid from FOO: "
    broken = states.refusal("TEST", "INIT", "BROKEN")
    assert broken.endswith("Valid from TEST: IMPLEMENT, COMPLETE, FIX_BROKEN")


@given(
    state=st.dictionaries(st.sampled_from(["state", "history", "next_state", "mine", "dirty"]), st.none() | st.text()),
    new=st.sampled_from(states.STATES),
)
def test_a_transition_keeps_the_rest(state: dict[str, object], new: str) -> None:
    before = dict(state)
    after = states.enter_state(state, new, "why", "NOW")
    assert state == before
    assert (after["state"], after["entered_at"]) == (new, "NOW")
    assert after["history"][-1] == {"from": states.current(state), "to": new, "at": "NOW", "reason": "why"}
    assert "next_state" not in after
    assert {key: after[key] for key in ("mine", "dirty") if key in state} == {
        key: state[key] for key in ("mine", "dirty") if key in state
    }


def test_history_grows() -> None:
    state = states.new_document("T0", "HEALTHY")
    for at, new in enumerate(["INIT", "IMPLEMENT", "TEST"]):
        state = states.enter_state(state, new, "", f"T{at + 1}")
    assert [(step["from"], step["to"]) for step in state["history"]] == [
        ("START", "INIT"),
        ("INIT", "IMPLEMENT"),
        ("IMPLEMENT", "TEST"),
    ]
