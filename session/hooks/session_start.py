"""Answer SessionStart: report interrupted workflow sessions, and export the conversation's id to its shells.

After a compaction, the report names the step of every workflow session, and the conversation's own come first.
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

BUDGET = 500  # the most tokens of the whole answer


def answer(payload: "dict[str, Any]", owner: str) -> "dict[str, Any] | None":
    """Return the answer that adds the report to the conversation's context, or None if there is nothing to report."""
    root, _ = find_root()
    file = variable("CLAUDE_ENV_FILE")
    if file:
        from session.hooks.env_file import export  # cost: only if the agent CLI gives a file

        try:
            export(file, {"WORKFLOW_SESSION_OWNER": owner, **_exported_root(root)})
        except OSError as error:
            why = posix.strerror(error.errno or 0).lower()
            remedy = f"in a shell: export WORKFLOW_SESSION_OWNER={owner}"
            tell(f"cannot write to CLAUDE_ENV_FILE: {why}; nothing in {file} changed ({remedy})")
    chain = _chain(owner, is_compacted=payload.get("source") == "compact")
    text = "\n\n".join(filter(None, (_sessions(payload, owner, root, chain), chain)))
    if not text:
        return None
    return {"hookSpecificOutput": {"hookEventName": "SessionStart", "additionalContext": text}}


def _sessions(payload: "dict[str, Any]", owner: str, root: str, chain: str) -> str:
    """Return the report on workflow sessions, or "" if there are none. It leaves room in the budget for `chain`."""
    if not has_sessions(root):
        return ""
    if payload.get("source") == "resume":
        from session.hooks.session_end import take_back  # cost: only where there are sessions

        take_back(owner)
    from session.resume.session_start_text import report  # cost: only where there are sessions

    budget = BUDGET
    if chain:
        from session.text.budget import tokens

        budget -= tokens(chain)
    notices: list[str] = []
    text = report(owner, budget, notices, compacted=payload.get("source") == "compact")
    for notice in notices:
        tell(notice)
    return text


def _chain(owner: str, *, is_compacted: bool) -> str:
    """Remove old chain states; after a compaction, return the reminder of this conversation's chain, else ""."""
    try:
        if not exists(location.folder()):
            return ""
        from session.chain.expiry import sweep  # cost: only where there are chain states

        sweep(TIMEOUT_S)
    except SessionError as error:
        tell(str(error))
    if not is_compacted or not location.has_state(owner):
        return ""
    from session.chain.reminder import format_chain_reminder
    from session.chain.state import load

    return format_chain_reminder(load(owner) or {})


def _exported_root(root: str) -> dict[str, str]:
    # the home folder and `/` are no projects: without the variable, each command looks for the project around it
    is_project = is_safe(root) and parent(root) != root and not is_home(root)
    return {"WORKFLOW_SESSION_ROOT": root} if is_project else {}
