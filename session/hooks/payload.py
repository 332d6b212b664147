"""Read the payload of a hook: a JSON object on stdin, from one conversation, about one project.

LONGEST is a copy of the limit in session/workflow/sessions.py, so that hooks import less. tests/hooks/test_payload.py
holds the two equal.
"""

from session._posix import posix, unset_variable, variable
from session.arguments import read_stdin
from session.store import codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Payload = dict[str, Any]

LONGEST = 512
PROMPT_ENGINE = "prompt_engine"
SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-"


def read() -> "Payload":
    """Return the JSON object on stdin, or {} for another JSON value; raise SessionError if stdin is no JSON."""
    try:
        value = codec.decode(read_stdin("the payload"))
    except codec.NotJSON as error:
        from session.errors import SessionError  # cost: only for invalid input

        raise SessionError(f"the payload on stdin is not JSON: {error}") from None
    return value if isinstance(value, dict) else {}


def owner(payload: "Payload") -> str:
    """Return the id of the conversation that the event belongs to, or "" if the hook may not act for it.

    A subagent has the id of its parent conversation, but is not that conversation. It gets "".
    """
    conversation = payload.get("session_id")
    if not isinstance(conversation, str) or not is_safe(conversation) or payload.get("agent_id") is not None:
        return ""
    return conversation


def calls_prompt_engine(payload: "Payload") -> bool:
    """Return True if the event is about the tool `prompt_engine`, under its own name or from any MCP server."""
    name = payload.get("tool_name")
    if not isinstance(name, str):
        return False
    return name == PROMPT_ENGINE or (name[:4] == "mcp_" and name.endswith("_" + PROMPT_ENGINE))


def is_safe(text: str) -> bool:
    """Return True if a shell reads the text, without quotes, as exactly one word."""
    return 0 < len(text) <= LONGEST and not text.strip(SAFE)


def enter_project(payload: "Payload") -> None:
    """Change the working folder to the conversation's project: $CLAUDE_PROJECT_DIR, else the payload's `cwd`.

    If another conversation started this one in its shell, $WORKFLOW_SESSION_ROOT is that conversation's. Then unset it.
    """
    if variable("WORKFLOW_SESSION_OWNER") not in ("", owner(payload)):
        unset_variable("WORKFLOW_SESSION_ROOT")
    for folder in (variable("CLAUDE_PROJECT_DIR"), payload.get("cwd")):
        if folder and isinstance(folder, str):
            try:
                return posix.chdir(folder)
            except (OSError, ValueError):
                continue
    return None
