"""Chain and gate state through the hooks: saved and repeated for its conversation only, hostile text made harmless."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from session.chain import load_session_state, save_session_state
from session.hooks.session_start import BUDGET
from session.text.budget import tokens
from tests.conftest import Run
from tests.hooks.conftest import Hook

ME = "conversation-1"
CHAIN = {"chain_id": "chain-x#1", "user_response": "done"}
GATE = "## Inline Gates\n### Quality\n- No TODOs\n- " + "long " * 20 + "\nChain: chain-x#1\n→ Progress 1/3"


@pytest.fixture(autouse=True)
def states(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of states, outside the project."""
    folder = tmp_path / "ws"
    folder.mkdir()
    monkeypatch.setenv("MCP_WORKSPACE", str(folder))
    return folder / "server/cache/sessions"


def context(answer: Any) -> str:
    return str(answer["hookSpecificOutput"]["additionalContext"])


def denied(answer: Any) -> str:
    return str(answer["hookSpecificOutput"]["permissionDecisionReason"]) if answer else ""


def test_a_gate_is_kept_and_said(hook: Hook) -> None:
    said = context(hook("PostToolUse", tool_response=[{"type": "text", "text": GATE}]))
    assert said == (
        "[Gate] Quality\n  Respond: GATE_REVIEW: PASS|FAIL - <reason>\n"
        f"  Check: No TODOs | {('long ' * 20)[:40]}\n[Chain] Step 1/3 - call prompt_engine to continue"
    )
    assert load_session_state(ME) == {
        "chain_id": "chain-x#1",
        "current_step": 1,
        "total_steps": 3,
        "pending_gate": "Quality",
        "gate_criteria": ["No TODOs", ("long " * 20).strip()],
        "last_prompt_id": "",
        "pending_shell_verify": None,
        "shell_verify_attempts": 0,
    }
    assert context(hook("UserPromptSubmit")) == "[chain-x#1] 1/3 | Gate: Quality\n→ GATE_REVIEW: PASS|FAIL - <reason>"


@pytest.mark.parametrize(("step", "is_shown"), [(0, False), (1, True), (2, True), (3, False), (4, False)])
def test_the_last_step_needs_no_call(hook: Hook, step: int, is_shown: bool) -> None:
    answer = hook("PostToolUse", tool_response=f"chain-x#1\nStep {step} of 3")
    line = f"[Chain] Step {step}/3 - call prompt_engine to continue"
    assert (context(answer) if answer else "") == (line if is_shown else "")


def test_three_criteria_are_enough(hook: Hook) -> None:
    criteria = "\n".join(f"- criterion {number}" for number in range(5))
    said = context(hook("PostToolUse", tool_response=f"## Inline Gates\n### Quality\n{criteria}\nStep 1 of 3"))
    assert "  Check: criterion 0 | criterion 1 | criterion 2\n" in said


@pytest.mark.parametrize(
    "name", ["Bash", "", "prompt_engine_2", "my_prompt_engine", "mcp__x__prompt_engines", "mcp__prompt", 7, None, ["x"]]
)
def test_other_tools(run: Run, states: Path, name: Any) -> None:
    payload = {"session_id": ME, "tool_name": name, "tool_input": {"chain_id": "x"}, "tool_response": "Step 1 of 2"}
    for event in ("PreToolUse", "PostToolUse"):
        done = run("hook", event, stdin=json.dumps(payload).encode())
        assert (done.code, done.out, done.err) == (0, b"", b"")
    assert not states.exists()


@pytest.mark.parametrize("name", ["prompt_engine", "mcp_server_prompt_engine", "mcp__plugin_a_b__prompt_engine"])
def test_servers_of_any_name(hook: Hook, name: str) -> None:
    assert hook("PostToolUse", tool_name=name, tool_response="Step 1 of 2") is not None


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, ""),
        ({"command": ">>x"}, ""),
        ({"gate_verdict": "GATE_REVIEW: FAIL"}, "Gate failed: unspecified. "),
        ({"gate_verdict": "GATE_REVIEW:FAIL - \nnext"}, "Gate failed: next. "),
        ({"gate_verdict": "gate_review:\tFail : why\nmore"}, "Gate failed: why. "),
        ({"gate_verdict": "GATE_REVIEW: FAIL - \x1b[2J" + "x" * 300}, "Gate failed: \\u001b[2Jxxx"),
        ({**CHAIN, "gate_verdict": "GATE_REVIEW: PASS - no FAIL - here"}, ""),
        ({**CHAIN, "gate_verdict": {"overall": "PASS"}}, ""),
        ({**CHAIN, "gate_verdict": {"overall": "FAIL", "rationale": "no\ntests"}}, "Gate failed: no\\ntests. "),
        ({"gate_verdict": {"overall": "fail"}}, "Gate failed: unspecified. "),
        ({**CHAIN, "gate_verdict": ["GATE_REVIEW: FAIL"]}, ""),
        (CHAIN, "Chain resume requires gate verdict. Pending gate: Quality. "),
        ({**CHAIN, "gate_verdict": ""}, "Chain resume requires gate verdict. "),
        ({"chain_id": "x", "gate_verdict": "GATE_REVIEW: PASS"}, "Chain resume requires user_response "),
        ({**CHAIN, "gate_action": "skip"}, ""),
        ({"chain_id": "x", "cancel": True}, ""),
        ({"chain_id": 7}, ""),
        ({"chain_id": ""}, ""),
    ],
)
def test_what_is_denied(hook: Hook, given: dict[str, Any], reason: str) -> None:
    hook("PostToolUse", tool_response=GATE)
    answer = hook("PreToolUse", tool_input=given)
    assert denied(answer).startswith(reason)
    assert (answer is None) == (reason == "")


@pytest.mark.parametrize("arguments", [None, "x", 7, ["gate_verdict"]])
def test_arguments_of_another_shape(run: Run, arguments: Any) -> None:
    payload = {"session_id": ME, "tool_name": "prompt_engine", "tool_input": arguments, "tool_response": None}
    for event in ("PreToolUse", "PostToolUse"):
        done = run("hook", event, stdin=json.dumps(payload).encode())
        assert (done.code, done.out, done.err) == (0, b"", b"")


def test_nothing_is_asked_for_where_no_gate_is_pending(hook: Hook) -> None:
    assert hook("PreToolUse", tool_input=CHAIN) is None
    assert denied(hook("PreToolUse", tool_input={"chain_id": "x"})).startswith("Chain resume requires user_response ")


def test_subagents_and_strangers(hook: Hook, states: Path) -> None:
    hook("PostToolUse", tool_response=GATE)
    before = (states / f"{ME}.json").read_bytes()
    for other in ({"agent_id": "sub"}, {"session_id": "conversation-2"}):
        assert hook("UserPromptSubmit", **other) is None
        assert hook("PreToolUse", tool_input=CHAIN, **other) is None
    for call in ({"gate_verdict": "GATE_REVIEW: FAIL - x"}, {"chain_id": "chain-x#1"}):
        assert denied(hook("PreToolUse", tool_input=call)) != ""
        assert hook("PreToolUse", tool_input=call, agent_id="sub") is None  # a subagent has gates of its own
    for other in ({"agent_id": "sub"}, {"session_id": "conversation-2"}):
        assert hook("Stop", **other) is None
        assert hook("SessionStart", source="compact", **other) is None
    assert hook("PostToolUse", tool_response="✓ Chain complete (3/3)", agent_id="sub") is None
    assert hook("PostToolUse", tool_response="✓ Chain complete (3/3)", session_id="conversation-2") is None
    hook("PostToolUse", tool_response="Step 1 of 2", session_id="conversation-2")
    assert (states / f"{ME}.json").read_bytes() == before
    other_state = load_session_state("conversation-2")
    assert other_state is not None
    assert other_state["pending_gate"] is None


@pytest.mark.parametrize(
    ("result", "given", "left"),
    [
        ("✓ Chain complete (3/3)", {}, None),
        ({"content": "Chain complete (3/3)"}, CHAIN, None),
        ("nothing of that kind", {}, "Quality"),
        ("nothing of that kind", CHAIN, "Quality"),
        ("thanks", {**CHAIN, "gate_verdict": "GATE_REVIEW: PASS - fine"}, ""),
        ("skipped", {"chain_id": "chain-x#1", "gate_action": "skip"}, ""),
        ("retry", {"chain_id": "chain-x#1", "gate_action": "retry"}, "Quality"),
        ("aborted", {"chain_id": "chain-x#1", "gate_action": "abort"}, None),
        ("cancelled", {"chain_id": "chain-x#1", "cancel": True}, None),
        ("no such chain", {"chain_id": "chain-x#1", "cancel": False}, "Quality"),
        ({"is_error": True, "content": "no"}, {**CHAIN, "gate_verdict": "GATE_REVIEW: PASS - fine"}, "Quality"),
        ({"isError": True, "content": "no"}, {**CHAIN, "gate_verdict": "GATE_REVIEW: PASS - fine"}, "Quality"),
        ("Step 2 of 3", CHAIN, ""),
    ],
)
def test_what_becomes_of_a_gate(hook: Hook, result: Any, given: dict[str, Any], left: str | None) -> None:
    """No reminder asks again for a gate that has its verdict, or whose chain is over. `left` None: no state is left."""
    hook("PostToolUse", tool_response=GATE)
    hook("PostToolUse", tool_response=result, tool_input=given)
    state = load_session_state(ME)
    assert (None if state is None else state["pending_gate"] or "") == left


def test_a_review_without_a_chain_is_over_once_it_is_answered(hook: Hook) -> None:
    hook("PostToolUse", tool_response="**Review Required** (attempt 1/2)\n**Gates**: a")
    hook("PostToolUse", tool_response="fine", tool_input={**CHAIN, "gate_verdict": "GATE_REVIEW: PASS"})
    assert load_session_state(ME) is None


def test_the_caller_knows_its_chain(hook: Hook) -> None:
    for given, chain in (
        ({"chain_id": "mine"}, "mine"),
        ({"chain_id": ""}, "chain-x#1"),
        ({"chain_id": 7}, "chain-x#1"),
    ):
        hook("PostToolUse", tool_response=GATE, tool_input=given)
        state = load_session_state(ME)
        assert state is not None
        assert state["chain_id"] == chain


def test_after_a_compaction_it_is_said_besides_the_workflows(hook: Hook, run: Run) -> None:
    hook("PostToolUse", tool_response=GATE)
    full = "[Chain] chain-x#1 - Step 1/3\n[Gate] Quality - Respond: GATE_REVIEW: PASS|FAIL - <reason>"
    assert context(hook("SessionStart", source="compact")) == full
    for number in range(3):
        run("set", f"workflow:{number}", "init")
    said = context(hook("SessionStart", source="compact"))
    assert said.startswith("The conversation was compacted. Workflow sessions recorded in this project")
    assert said.endswith(f"\n\n{full}")
    assert "[Chain]" not in context(hook("SessionStart", source="startup"))
    assert "[Chain]" not in context(hook("SessionStart", source="resume"))


def test_the_budget_is_for_both(hook: Hook, run: Run) -> None:
    for number in range(5):
        run("set", f"workflow:{number}", "init", json.dumps({"text": "x" * 3000}))
    alone = context(hook("SessionStart", source="compact"))
    hook("PostToolUse", tool_response=f"## Inline Gates\n### {'gate ' * 100}\nStep 1 of 2\nchain-{'x' * 500}")
    both = context(hook("SessionStart", source="compact"))
    assert "[Gate] gate" in both
    assert tokens(alone) <= BUDGET
    assert tokens(both) <= BUDGET


def test_states_of_yesterday_are_swept(hook: Hook, states: Path) -> None:
    for name in (ME, "other"):
        assert save_session_state(name, {"current_step": 1, "total_steps": 2})  # type: ignore[typeddict-item]
        os.utime(states / f"{name}.json", (0, 0))
    assert hook("UserPromptSubmit") is not None
    assert hook("SessionStart", source="compact") is None
    assert list(states.glob("*.json")) == []


@pytest.mark.parametrize(
    "body", [b"", b"{bad", b"[1]", b"\xff", b'{"current_step": "x"}', b'{"pending_gate": {"a": 1}}']
)
def test_a_state_that_is_none_is_not_there(hook: Hook, states: Path, body: bytes) -> None:
    states.mkdir(parents=True)
    file = states / f"{ME}.json"
    file.write_bytes(body)
    assert hook("UserPromptSubmit") is None
    assert hook("Stop") is None
    assert hook("PreToolUse", tool_input=CHAIN) is None
    assert hook("SessionStart", source="compact") is None
    assert file.read_bytes() == body
    assert hook("PostToolUse", tool_response=GATE) is not None
    assert load_session_state(ME) is not None


def test_hostile_results_stay_on_their_lines(hook: Hook) -> None:
    gate = "\x1b[2J</system>\u202e`" + "g" * 5000
    said = context(hook("PostToolUse", tool_response=f"## Inline Gates\n### {gate}\n- \x07{'c' * 5000}\nStep 1 of 2"))
    assert len(said) < 1000
    assert said.count("\n") == 3
    assert not {"\x1b", "\u202e", "\x07", "`"} & set(said)
    assert hook("PostToolUse", tool_response="x" * (1 << 20)) is None
    assert hook("PostToolUse", tool_response=[[[{"content": {"a": [None, 7, "Step 1 of 2"]}}]]]) is not None


def test_where_nothing_can_be_kept_it_is_said_all_the_same(hook: Hook, states: Path) -> None:
    states.parent.parent.mkdir()
    states.parent.write_text("a file")
    err = f"cannot make {states}: not a directory\n"
    done = hook("PostToolUse", tool_response=GATE, err=err)
    assert context(done).startswith("[Gate] Quality\n")
    assert hook("UserPromptSubmit") is None
    assert hook("SessionStart", source="compact") is None
    assert hook("PreToolUse", tool_input=CHAIN) is None
