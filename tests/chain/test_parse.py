"""Results of prompt_engine: those that servers print, text that only looks like them, and arbitrary values."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.chain import parse_prompt_engine_response as parse
from session.chain.parse import read


def stepped(text: str) -> tuple[int, int] | None:
    state = parse(text)
    return None if state is None or not state["current_step"] else (state["current_step"], state["total_steps"])


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("Step 1 of 3", (1, 3)),
        ("step 2/4", (2, 4)),
        ("Progress 1/2", (1, 2)),
        ("progress\t1\n/\n2", (1, 2)),
        ("Chain complete (2/2)", (2, 2)),
        ("→ Continue with next step (1/3)", (1, 3)),
        ("Complete 2/2", (2, 2)),
        ("Step (1/3)", (1, 3)),
        ("Step 1of3", (1, 3)),
        ("Step 1/3.", (1, 3)),
        ("**Step 1 of 3**", (1, 3)),
        ("_Step 1 of 3_", (1, 3)),
        ("Step ١ of ٣", (1, 3)),
        ("Step 999999 of 999999", (999999, 999999)),
        ("Step\r\n1 of 2", (1, 2)),
        ("Step\u00a01 of 2", (1, 2)),
        # what is none
        ("substep 1 of 3", None),
        ("sub_step 1 of 3", None),
        ("Éstep 1 of 3", None),
        ("incomplete (1/3)", None),
        ("completed 1/3", None),
        ("Progress 1/2/2026", None),
        ("Progress 2026/01/02", None),
        ("Step 0 of 3", None),
        ("Step 0 of 0", None),
        ("Step 4 of 3", None),
        ("Step 1000000 of 1000000", None),
        ("Step 1 of 1000000", None),
        ("Step " + "9" * 5000 + " of 3", None),
        ("Step one of three", None),
        ("sTep 1 of 3", None),
        ("Step 1 Of 3", None),
        ("Step1 of 3", None),
        # which of them
        ("Step 5 of 3, Step 1 of 2", (1, 2)),
        ("Step 1 of 3, step 2 of 3", (1, 3)),
        ("Step 1 of 9\n\nChain: chain-x#1\n→ Progress 2/3\nNext: …", (2, 3)),
        ("Step 1 of 9\n  ✓ Chain complete (3/3)", (3, 3)),
        ("Step 1 of 9\nChain: chain-x#1\n\nStep 2 of 3", (2, 3)),
        ("→ see Step 1 of 9\n→ Progress 2/3", (2, 3)),
        ("Step 1 of 9\n→ next: look", (1, 9)),
        ("→ Progress 9/3\nStep 1 of 2", (1, 2)),
    ],
)
def test_steps(text: str, step: tuple[int, int] | None) -> None:
    assert stepped(text) == step


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        ("chain-a_b-c#3", "chain-a_b-c#3"),
        ("chain_abc#1", "chain_abc#1"),
        ("chain_ids", "chain_ids"),
        ('chain_id="chain-x#1"', "chain-x#1"),
        ('chain_id="abc"', ""),
        ("chain_idé", ""),
        ("chain_id#1", "chain_id#1"),
        ("(chain-x#1).", "chain-x#1"),
        ("keychain-x", ""),
        ("my_chain-x", ""),
        ("re-chain-x", ""),
        ("échain-x", ""),
        ("Chain-x", ""),
        ("chain-", ""),
        ("chain_", ""),
        ("a chain-of-thought\nChain: chain-x#1\nNext: chain-y", "chain-x#1"),
        ("Chain: chain-old#1\nChain: chain-new#2", "chain-new#2"),
        ("Chain: other\nchain-x", "chain-x"),
    ],
)
def test_chain_ids(text: str, chain: str) -> None:
    state = parse(f"{text}\nStep 1 of 2")
    assert state is not None
    assert state["chain_id"] == chain


def gates(text: str) -> tuple[str | None, list[str]]:
    state = parse(f"Step 1 of 2\n{text}")
    assert state is not None
    return state["pending_gate"], state["gate_criteria"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "## Inline Gates\n### A b\n- one\n* two\n• three\n    - four\n\t-five\n- six",
            ("A b", "one two three four five"),
        ),
        ("## Inline Gates\r\n### Ü: 1 (x)\r\n- one\r\n", ("Ü: 1 (x)", "one")),
        ("##  Inline Gates (2)\n###x\n- one", ("x", "one")),
        ("## Inline Gates\n### \n### A\n-\n-   \n- one", ("A", "one")),
        ("## Inline Gates\n**bold** - no\ntext - no\n- one\n#tag\n#### deep\n- two", (None, "one two")),
        ("- no\n### No\n## Inline Gates\n### A\n- one\n# End\n- no", ("A", "one")),
        ("## Inline Gates\n### A\n- one\n---\n- no", ("A", "one")),
        ("## Inline Gates\n### A\n- one\n* * *\n- no", ("A", "one")),
        ("## Inline Gates\n- one\n## Other\n### No\n- no\n## Inline Gates\n### B\n- two", ("B", "one two")),
        ("### Inline Gates\n- no", (None, "")),
        ("## Inline Gatess\n- no", (None, "")),
        ("Gates - no", (None, "")),
        ("**Review Required**", ("review", "")),
        ("⚠️ **Gate Review Required** (attempt 1/2)\n\n**Gates**: a, b \n", ("a, b", "")),
        (
            "**Structural + Gate Review Required**\n**Gates**:\nGATE_VERDICTS:\n[1] PASS - a: fine\n[2] FAIL - b",
            ("a, b", ""),
        ),
        ("**Structural Review Required**\nGATE_VERDICTS:\n[1] PASS|FAIL - a: why\n[x] PASS - no", ("a", "")),
        ("**Review Required**\n## Inline Gates\n### A\n- one", ("A", "one")),
        ("GATE_VERDICTS:\n[1] PASS - a", (None, "")),
        ("Review Required", (None, "")),
        ("**Gates**: a", ("a", "")),
    ],
)
def test_gates(text: str, found: tuple[str | None, str]) -> None:
    assert gates(text) == (found[0], found[1].split())


@pytest.mark.parametrize(
    ("text", "command", "attempts", "most"),
    [
        ("Shell verification: npm test", "npm test", 0, None),
        ("  … Shell verification:\tmake -j 2  \nmore", "make -j 2", 0, None),
        ("Shell verification: `npm test` (Attempt 3/5)", "npm test", 3, 5),
        ("Shell verification: `npm test (Attempt 3/5)`", "npm test", 3, 5),
        ("**Shell verification:** ``a `b` c``", "a `b` c", 0, None),
        ("Shell verification: `a` && `b`", "`a` && `b`", 0, None),
        ("Shell verification:\nnpm test\nShell verification: x", "x", 0, None),
        ("## Shell Verification FAILED (Attempt 2/5)\n\n**Command:** `npm test`\n**Exit Code:** 1", "npm test", 2, 5),
        (
            "Attempt 9/9\n## Shell Verification FAILED - Maximum Attempts Reached\n**Command:** `x`\n**Attempts:** 5/5",
            "x",
            5,
            5,
        ),
        ("Shell verification: x\nAttempt\n2/0", "x", 0, None),
        ("Shell verification: x\nAttempt 2/0", "x", 2, 0),
        ("Shell verification: x\nReAttempt 2/5", "x", 0, None),
        ("Shell verification: x Attempt " + "1" * 5000 + "/5", "x Attempt " + "1" * 5000 + "/5", 0, None),
        ("Shell verification: x\r\n", "x", 0, None),
    ],
)
def test_verifications(text: str, command: str, attempts: int, most: int | None) -> None:
    state = parse(text)
    assert state is not None
    if "Attempt\n" in text:  # any white space will do
        attempts, most = 2, 0
    assert state["pending_shell_verify"] == command
    assert (state["shell_verify_attempts"], state.get("shell_verify_max")) == (attempts, most)


def test_a_command_without_a_failure_is_none() -> None:
    assert parse("**Command:** `npm test`\n(Attempt 2/5)") is None
    assert parse("Shell verification:   \n") is None
    assert parse("Shell verification: ``") is None
    assert parse("**Command:** `x`\n## Shell Verification FAILED") is None


@pytest.mark.parametrize(
    ("response", "step"),
    [
        ([{"type": "text", "text": "Step"}, {"type": "text", "text": "1 of 2"}], (1, 2)),
        ({"content": [{"type": "text", "text": "Step 1 of 2"}], "structuredContent": {"x": "Step 1 of 9"}}, (1, 2)),
        ({"content": "Step 1 of 2"}, (1, 2)),
        ({"content": {"text": "Step 1 of 2"}}, (1, 2)),
        ({"content": [], "result": {"a": [1, {"b": "Step 1 of 2"}], "c": "Step 1 of 9"}}, (1, 2)),
        (["Step 1 of 2", None, 7], (1, 2)),
        ({"text": "x", "result": "Step 1 of 2"}, (1, 2)),
        ([{"type": "text", "text": "Step 1 of 2", "annotations": {"x": "→ Step 1 of 9"}}], (1, 2)),
        ([{"type": "text", "text": None, "x": "Step 1 of 2"}], (1, 2)),
        ({"Step 1 of 2": 1}, None),
        ({"step": "1 of 2"}, None),
        ([{"type": "resource", "resource": {"uri": "x", "text": "Step 1 of 2"}}], (1, 2)),
        (None, None),
        (b"Step 1 of 2", None),
        (("Step 1 of 2",), (1, 2)),
    ],
)
def test_shapes(response: Any, step: tuple[int, int] | None) -> None:
    assert stepped(response) == step


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("✓ Chain complete (2/2)", True),
        ("Chain complete (2/2)", True),
        ("Chain: chain-x#1\n✓ Chain run already complete.", True),
        ("Step complete (1/3)", False),
        ("Step 2 of 2", False),
        ("the Chain is complete", False),
        ("✓ tests complete", False),
        ("✓ Chain complete (2/2)\n**Review Required**", False),
        ("✓ Chain complete (2/2)\nShell verification: x", False),
    ],
)
def test_completion(text: str, complete: bool) -> None:
    assert read(text)[1] is complete


PIECES = st.sampled_from(
    [
        *("Step ", "step", "Progress ", "complete (", "1", "2", "٣", " of ", "/", "→ ", "✓ ", "Chain: ", "chain-x#1"),
        *("chain_id", "## Inline Gates", "### A", "- c", "* ", "---", "#", "**Review Required**", "**Gates**: ", "\n"),
        *(
            "GATE_VERDICTS:\n",
            "[1] PASS - a: b",
            "(attempt 1/2)",
            "Attempt 2/5",
            "Shell verification: ",
            "`",
            " ",
            "\r",
        ),
        *("## Shell Verification FAILED (Attempt 4/10)\n", "**Command:** `x`", "\ud800", "\0", "\u2028", "…"),
    ]
)
TEXTS = st.text(max_size=30) | st.lists(PIECES, max_size=25).map("".join)
RESPONSES = st.recursive(
    TEXTS | st.none() | st.booleans() | st.integers() | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["content", "text", "type", "result"]) | st.text(max_size=3), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(response=RESPONSES)
def test_it_never_raises_and_keeps_its_shape(response: Any) -> None:
    state = parse(response)
    if state is None:
        return
    assert set(state) - {"shell_verify_max"} == {
        *("chain_id", "current_step", "total_steps", "pending_gate", "gate_criteria", "last_prompt_id"),
        *("pending_shell_verify", "shell_verify_attempts"),
    }
    assert 0 <= state["current_step"] <= state["total_steps"] <= 999_999
    assert len(state["gate_criteria"]) <= 5
    assert all(each and "\n" not in each for each in state["gate_criteria"])
    assert state["current_step"] or state["pending_gate"] or state["pending_shell_verify"]
    assert "\n" not in (state["pending_gate"] or "") + (state["pending_shell_verify"] or "")
    assert state["chain_id"] != "chain_id"


def test_what_holds_itself_and_what_is_deep() -> None:
    loop: list[Any] = ["Step 1 of 2"]
    loop.append(loop)
    assert stepped(loop) == (1, 2)  # type: ignore[arg-type]
    deep: Any = "Step 1 of 2"
    for _ in range(100_000):
        deep = [deep]
    assert stepped(deep) == (1, 2)
    while deep and isinstance(deep, list):  # or the interpreter's own clearing up would be too deep
        deep = deep.pop()
