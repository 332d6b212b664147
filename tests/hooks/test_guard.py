"""The guard and the list of edited files, through the plugin's hooks: JSON and exit code 0."""

import json
from pathlib import Path
from typing import Any

import pytest

from session.entry.guard import DENIAL
from tests.conftest import Run


@pytest.fixture(autouse=True)
def state(project: Path) -> Path:
    path = project / ".claude" / "progress" / "state.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"state": "IMPLEMENT", "health_status": "BROKEN"}')
    return path


def ask(run: Run, event: str, **more: Any) -> Any:
    payload = {"session_id": "me", "tool_name": "Edit", "tool_input": {"file_path": "src/a.py"}, **more}
    ended = run("hook", event, stdin=json.dumps(payload).encode())
    assert (ended.code, ended.stderr) == (0, "")
    return json.loads(ended.stdout) if ended.stdout else None


DENIED = {
    "hookSpecificOutput": {
        "hookEventName": "PreToolUse",
        "permissionDecision": "deny",
        "permissionDecisionReason": DENIAL,
    }
}


@pytest.mark.parametrize("who", [{}, {"agent_id": "sub", "agent_type": "worker"}, {"session_id": None}])
def test_nobody_edits_sources_of_a_broken_project(run: Run, state: Path, who: dict[str, Any]) -> None:
    assert ask(run, "PreToolUse", **who) == DENIED
    assert ask(run, "PreToolUse", tool_input={"file_path": "docs/a.md"}, **who) is None
    assert ask(run, "PreToolUse", tool_name="Read", **who) is None
    state.write_text('{"health_status": "HEALTHY"}')
    assert ask(run, "PreToolUse", **who) is None


@pytest.mark.parametrize("odd", [None, [], {"file_path": None}, {}])
def test_odd_calls_pass(run: Run, odd: Any) -> None:
    assert ask(run, "PreToolUse", tool_input=odd) is None
    assert ask(run, "PostToolUse", tool_input=odd) is None


def test_what_was_edited_is_noted(run: Run, project: Path) -> None:
    ask(run, "PostToolUse")
    ask(run, "PostToolUse", tool_name="Write", tool_input={"file_path": f"{project}/b.md"})
    ask(run, "PostToolUse", tool_name="NotebookEdit", tool_input={"notebook_path": "c.ipynb"})
    ask(run, "PostToolUse", tool_name="Read", tool_input={"file_path": "d.py"})
    ask(run, "PostToolUse", agent_id="sub", tool_input={"file_path": "e.py"})
    noted = json.loads((project / ".claude/progress/file_history.json").read_text())
    assert [(each["path"], each["operation"]) for each in noted] == [
        ("src/a.py", "Edit"),
        ("b.md", "Write"),
        ("c.ipynb", "NotebookEdit"),
    ]


def test_nothing_is_noted_where_nobody_follows_the_protocol(run: Run, project: Path, state: Path) -> None:
    state.unlink()
    ask(run, "PostToolUse")
    assert not (project / ".claude/progress/file_history.json").exists()
    assert not (project / "ia").exists()
