"""JSON schemas of Claude Code's hook payloads and of the answers that it accepts."""

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


TOOL: dict[str, Any] = {"tool_name": {"type": "string"}, "tool_input": {"type": "object"}}
PAYLOADS = {
    "SessionStart": _payload("SessionStart", source={"enum": ["startup", "resume", "clear", "compact", "fork"]}),
    "UserPromptSubmit": _payload("UserPromptSubmit", prompt={"type": "string"}),
    "PreToolUse": _payload("PreToolUse", **TOOL),
    "PostToolUse": _payload("PostToolUse", **TOOL, tool_response={}),
    "PreCompact": _payload("PreCompact", trigger={"enum": ["manual", "auto"]}, custom_instructions={"type": "string"}),
    "Stop": _payload("Stop", stop_hook_active={"type": "boolean"}),
    "SessionEnd": _payload("SessionEnd", reason={"enum": ["clear", "resume", "logout", "prompt_input_exit", "other"]}),
}

NOTHING = {"type": "null"}  # no output at all
TEXT = {"type": "string", "minLength": 1, "maxLength": 10_000}


def _object(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _specific(event: str, **fields: Any) -> dict[str, Any]:
    return _object(hookSpecificOutput=_object(hookEventName={"const": event}, **fields))


ANSWERS: dict[str, dict[str, Any]] = {
    "SessionStart": _specific("SessionStart", additionalContext=TEXT),
    "UserPromptSubmit": _specific("UserPromptSubmit", additionalContext=TEXT),
    "PreToolUse": _specific("PreToolUse", permissionDecision={"const": "deny"}, permissionDecisionReason=TEXT),
    "PostToolUse": _specific("PostToolUse", additionalContext=TEXT),
    "PreCompact": NOTHING,
    "Stop": _object(decision={"const": "block"}, reason=TEXT),
    "SessionEnd": NOTHING,
}
