"""PostToolUse: what a result of `prompt_engine` says of step and gate is kept, and said again in short (seed: 003).

Where the entry protocol is followed, the files that were edited are noted (seed: 001).
"""

from session.hooks.payload import calls
from session.root import find_root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from session.chain.api import ChainState

TOOL = "prompt_engine"
_EDITORS = ("Edit", "MultiEdit", "Write", "NotebookEdit")
_CRITERIA, _CRITERION = 3, 40  # how many are repeated, and how much of each


def answer(payload: "dict[str, Any]", owner: str) -> "dict[str, Any] | None":
    """The context to be added, None if there is none."""
    if not calls(payload, TOOL):
        _note_file(payload)
        return None
    from session.chain.parse import read  # cost: re; for results of that tool only
    from session.errors import SessionError
    from session.output import tell

    response, given = payload.get("tool_response"), payload.get("tool_input")
    given = given if isinstance(given, dict) else {}
    state, is_complete = read(response)
    if state is not None and isinstance(given.get("chain_id"), str) and given["chain_id"]:
        state["chain_id"] = given["chain_id"]  # the caller knows which chain it means
    try:
        _keep(owner, state, is_complete, {} if _failed(response) else given)
    except SessionError as error:
        tell(str(error))
    said = _reminder(state) if state is not None and not is_complete else ""
    if not said:
        return None
    return {"hookSpecificOutput": {"hookEventName": "PostToolUse", "additionalContext": said}}


def _note_file(payload: "dict[str, Any]") -> None:
    given = payload.get("tool_input")
    if not isinstance(given, dict) or payload.get("tool_name") not in _EDITORS:
        return
    path = given.get("file_path") or given.get("notebook_path")
    if not isinstance(path, str) or not path:
        return
    from session.hooks.glance import TIMEOUT_S, has_entry_state  # cost: for edits only

    if not has_entry_state(find_root()[0]):
        return
    from session.entry import recent_files  # cost: only where that protocol is followed
    from session.store.files import open_store

    recent_files.note(open_store(), path, str(payload["tool_name"]), timeout_s=TIMEOUT_S)


def _keep(owner: str, state: "ChainState | None", is_complete: bool, given: "dict[str, Any]") -> None:
    from session.chain import state as states  # cost: as above
    from session.hooks.glance import TIMEOUT_S

    if is_complete or (state is None and (given.get("gate_action") == "abort" or given.get("cancel") is True)):
        states.drop(owner, TIMEOUT_S)
    elif state is not None:
        states.put(owner, state, TIMEOUT_S)
    elif given.get("gate_verdict") or given.get("gate_action") == "skip":
        # answered, and nothing was said that would come after it: nobody is to be reminded of that gate for ever
        from session.chain.verification_outcome import without_gate

        states.update(owner, without_gate, TIMEOUT_S)


def _failed(response: object) -> bool:
    return isinstance(response, dict) and (response.get("isError") is True or response.get("is_error") is True)


def _reminder(state: "ChainState") -> str:
    from session.chain.reminder import shown
    from session.text.untrusted import inline

    lines = []
    if state["pending_gate"]:
        lines += [f"[Gate] {shown(state['pending_gate'])}", "  Respond: GATE_REVIEW: PASS|FAIL - <reason>"]
        criteria = " | ".join(inline(each[:_CRITERION]) for each in state["gate_criteria"][:_CRITERIA])
        lines += [f"  Check: {criteria}"] if criteria else []
    step, total = state["current_step"], state["total_steps"]
    if 0 < step < total:
        lines.append(f"[Chain] Step {step}/{total} - call prompt_engine to continue")
    return "\n".join(lines)
