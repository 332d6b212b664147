"""The shapes of Claude Code's hook payloads and of the answers that it takes, as JSON Schema."""

from typing import Any

COMMON = {
    "session_id": {"type": "string"},
    "transcript_path": {"type": "string"},
    "cwd": {"type": "string"},
    "hook_event_name": {"type": "string"},
    "permission_mode": {"type": "string"},
    "agent_id": {"type": "string"},  # inside a subagent only
    "agent_type": {"type": "string"},
}
NEEDED = ["session_id", "transcript_path", "cwd", "hook_event_name"]


def _payload(event: str, **fields: Any) -> dict[str, Any]:
    properties = {**COMMON, "hook_event_name": {"const": event}, **fields}
    return {"type": "object", "properties": properties, "required": [*NEEDED, *fields]}


PAYLOADS = {
    "SessionStart": _payload("SessionStart", source={"enum": ["startup", "resume", "clear", "compact", "fork"]}),
    "PreCompact": _payload("PreCompact", trigger={"enum": ["manual", "auto"]}, custom_instructions={"type": "string"}),
    "Stop": _payload("Stop", stop_hook_active={"type": "boolean"}),
    "SessionEnd": _payload("SessionEnd", reason={"enum": ["clear", "resume", "logout", "prompt_input_exit", "other"]}),
}

NOTHING = {"type": "null"}  # no output at all
ANSWERS: dict[str, dict[str, Any]] = {
    "SessionStart": {
        "type": "object",
        "properties": {
            "hookSpecificOutput": {
                "type": "object",
                "properties": {
                    "hookEventName": {"const": "SessionStart"},
                    "additionalContext": {"type": "string", "minLength": 1, "maxLength": 10_000},
                },
                "required": ["hookEventName", "additionalContext"],
                "additionalProperties": False,
            }
        },
        "required": ["hookSpecificOutput"],
        "additionalProperties": False,
    },
    "PreCompact": NOTHING,
    "Stop": NOTHING,
    "SessionEnd": NOTHING,
}
