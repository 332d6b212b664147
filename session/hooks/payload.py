"""What an agent CLI hands to a hook: a JSON object on stdin, from a conversation, about a project."""

from session._posix import posix, unset_variable, variable
from session.arguments import read_stdin
from session.store import codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Payload = dict[str, Any]

LONGEST = 512
SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-"


def read() -> "Payload":
    """The object on stdin, empty for any other value. SessionError for what can't be read."""
    try:
        value = codec.decode(read_stdin("the payload"))
    except codec.NotJSON as error:
        from session.errors import SessionError  # cost: when something is refused

        raise SessionError(f"the payload on stdin is not JSON: {error}") from None
    return value if isinstance(value, dict) else {}


def owner(payload: "Payload") -> str:
    """The conversation that the event is about, empty where there is none that anything may be done for.

    A subagent comes with the id of the conversation that it works for, and is not that conversation.
    """
    known = payload.get("session_id")
    return known if isinstance(known, str) and is_safe(known) and payload.get("agent_id") is None else ""


def calls(payload: "Payload", tool: str) -> bool:
    """Whether the event is about that tool: of an MCP server, whatever its name, or by the tool's name alone."""
    name = payload.get("tool_name")
    return isinstance(name, str) and (name == tool or (name[:4] == "mcp_" and name.endswith("_" + tool)))


def is_safe(text: str) -> bool:
    """Whether a shell would take the text for one word, and for no other than it is."""
    return 0 < len(text) <= LONGEST and not text.strip(SAFE)


def enter_project(payload: "Payload") -> None:
    """Go to the project that the conversation began in; it may have gone elsewhere since.

    Where another conversation started this one, in its shell, the root that the shell was told is the other's.
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
