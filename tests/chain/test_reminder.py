"""The reminder has few lines for any state, and no value breaks a line."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.chain import format_chain_reminder as remind
from session.chain.reminder import most_attempts

KEYS = [
    *("chain_id", "current_step", "total_steps", "pending_gate", "gate_criteria", "last_prompt_id"),
    *("pending_shell_verify", "shell_verify_attempts", "shell_verify_max", "other"),
]
VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.lists(st.text(max_size=5) | st.integers(), max_size=3)
    | st.sampled_from(["a\nb", "`x`", "\x1b[2J", "\u202e", "\u2028", "\x85", " ", "x" * 1000, 10**5000])
)
STATES = st.dictionaries(st.sampled_from(KEYS), VALUES)
LINES = {"full": 4, "inline": 2}


@given(state=STATES, mode=st.sampled_from([*LINES, "other", ""]))
def test_at_most_the_promised_lines(state: dict[str, Any], mode: str) -> None:
    said = remind(state, mode)  # type: ignore[arg-type]
    lines = said.splitlines()
    assert "\n".join(lines) == said
    assert len(lines) <= LINES.get(mode, 4)
    assert all(lines)
    assert not {unicodedata.category(char) for char in "".join(lines)} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert 'chain_id:""' not in said
    assert all(line.count("`") in (0, 2) for line in lines)
    assert len(said) < 1000


@pytest.mark.parametrize(
    "state",
    [
        *(None, [], "x", 7, {}, {"current_step": True}, {"current_step": -1, "total_steps": 3}),
        *({"pending_shell_verify": ["npm", "test"]}, {"pending_gate": [1]}, {"pending_gate": {"a": "b"}}),
    ],
)
def test_nothing_active_says_nothing(state: Any) -> None:
    assert remind(state) == remind(state, "inline") == ""


@pytest.mark.parametrize(
    ("attempts", "most", "shown"),
    [
        (2, 10, "2/10"),
        (None, None, "1/5"),
        (0, 0, "1/5"),
        ("2", "3", "1/5"),
        (7, None, "7/7"),
        (7, 3, "7/7"),
        (4, 3, "4/4"),
        (True, 2, "1/2"),
        (2, -1, "2/5"),
        (3, 50, "3/20"),
        (3, 20, "3/20"),
        (3, 19, "3/19"),
    ],
)
def test_attempts(attempts: Any, most: Any, shown: str) -> None:
    state = {"pending_shell_verify": "make", "shell_verify_attempts": attempts, "shell_verify_max": most}
    assert remind(state, "inline").startswith(f"Verify: {shown}\n")  # type: ignore[arg-type]
    assert f"Attempt {shown}\n" in remind(state)  # type: ignore[arg-type]


@pytest.mark.parametrize(("maximum", "most"), [(50, 20), (21, 20), (20, 20), (7, 7), (None, 5), (0, 5), (10**9, 5)])
def test_no_server_makes_it_run_more_than_twenty_times(maximum: Any, most: int) -> None:
    assert most_attempts({"shell_verify_max": maximum}) == most


def test_values_stay_values() -> None:
    state: Any = {"chain_id": 'x")\n`y', "current_step": 1, "total_steps": 2, "pending_gate": " \n"}
    assert remind(state, "inline") == "[x')\\n'y] 1/2\n→ prompt_engine(chain_id:\"x')\\n'y\") to continue"
    state = {"pending_shell_verify": "echo `date`\n\x1b[2J"}
    assert remind(state) == (
        "[Verify] `echo 'date'\\n\\u001b[2J` - Attempt 1/5\n"
        "Run implementation, then prompt_engine validates with shell command"
    )
