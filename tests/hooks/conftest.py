"""Fixtures that call hooks as an agent CLI does."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.conftest import Ended, Run
from tests.hooks.claude_code import ANSWERS, PAYLOADS

FIELDS: dict[str, dict[str, Any]] = {
    "SessionStart": {"source": "startup"},
    "UserPromptSubmit": {"prompt": "go on"},
    "PreToolUse": {"tool_name": "mcp__server__prompt_engine", "tool_input": {}},
    "PostToolUse": {"tool_name": "mcp__server__prompt_engine", "tool_input": {}, "tool_response": []},
    "PreCompact": {"trigger": "auto", "custom_instructions": ""},
    "Stop": {"stop_hook_active": False},
    "SessionEnd": {"reason": "other"},
}
Hook = Callable[..., Any]


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    """The file in which the agent CLI's shells find their environment."""
    file = tmp_path / "claude-env"
    file.touch()
    return file


@pytest.fixture
def hook(run: Run, project: Path, env_file: Path) -> Hook:
    """Call a hook with a payload of the agent CLI's shape: `hook("SessionStart", source="compact", session_id="me")`.

    Return the parsed answer, None for no output. The payload and the answer must match the schema, and stderr is `err`,
    unless that is None.
    """

    def call(event: str, err: str | None = "", **fields: Any) -> Any:
        payload = {
            "session_id": "conversation-1",
            "transcript_path": "/dev/null",
            "cwd": str(project),
            "hook_event_name": event,
            **FIELDS[event],
            **fields,
        }
        jsonschema.validate(payload, PAYLOADS[event])
        done: Ended = run(
            "hook",
            event,
            stdin=json.dumps(payload).encode(),
            env={"CLAUDE_ENV_FILE": str(env_file), "CLAUDE_PROJECT_DIR": str(project)},
            cwd=Path("/"),
        )
        assert (done.code, done.stderr) == (0, done.stderr if err is None else err)
        answer = json.loads(done.stdout) if done.stdout else None
        jsonschema.validate(answer, ANSWERS[event] if answer is not None else {"type": "null"})
        return answer

    return call
