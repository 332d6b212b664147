"""SessionStart: what was interrupted, and for the commands that follow, which conversation they work for.

After a compaction the same says where the workflows stand, the conversation's own first.
"""

from session._posix import exists, parent, posix, variable
from session.chain import location
from session.errors import SessionError
from session.hooks.glance import TIMEOUT_S, has_sessions
from session.hooks.payload import is_safe
from session.output import tell
from session.root import find_root, is_home

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BUDGET = 500  # tokens, of all that is said


def answer(payload: "dict[str, Any]", owner: str) -> "dict[str, Any] | None":
    """The context to be added, None if there is none."""
    root, _ = find_root()
    file = variable("CLAUDE_ENV_FILE")
    if file:
        from session.hooks.env_file import export  # cost: where there is something to export to

        try:
            export(file, {"WORKFLOW_SESSION_OWNER": owner, **_exported_root(root)})
        except OSError as error:
            tell(f"cannot write to CLAUDE_ENV_FILE: {posix.strerror(error.errno or 0)}")
    chain = _chain(owner, is_compacted=payload.get("source") == "compact")
    said = "\n\n".join(filter(None, (_sessions(payload, owner, root, chain), chain)))
    if not said:
        return None
    return {"hookSpecificOutput": {"hookEventName": "SessionStart", "additionalContext": said}}


def _sessions(payload: "dict[str, Any]", owner: str, root: str, besides: str) -> str:
    """What is to be said of workflows, within what is left of the budget; empty for nothing."""
    if not has_sessions(root):
        return ""
    if payload.get("source") == "resume":
        from session.hooks.session_end import take_back  # cost: where there are sessions

        take_back(owner)
    from session.resume.session_start_text import report  # cost: only where something is to be told

    budget = BUDGET
    if besides:
        from session.text.budget import tokens

        budget -= tokens(besides)
    return report(owner, budget, compacted=payload.get("source") == "compact")


def _chain(owner: str, *, is_compacted: bool) -> str:
    """Sweep chains of which nothing was heard for long. What is to be said of the conversation's own (seed: 003)."""
    try:
        if not exists(location.folder()):
            return ""
        from session.chain.expiry import sweep  # cost: only where there are chains

        sweep(TIMEOUT_S)
    except SessionError as error:
        tell(str(error))
    if not is_compacted or not location.has_state(owner):
        return ""
    from session.chain.reminder import format_chain_reminder
    from session.chain.state import load

    return format_chain_reminder(load(owner) or {})


def _exported_root(root: str) -> dict[str, str]:
    # the home folder and `/` are nobody's project: commands had better look for one, wherever the agent goes
    is_project = is_safe(root) and parent(root) != root and not is_home(root)
    return {"WORKFLOW_SESSION_ROOT": root} if is_project else {}
