"""Answer PostToolUse: save the chain state that a result of `prompt_engine` describes, and repeat it in short.

If the project uses the entry protocol, record the files that the agent edits.
"""

from session.hooks.payload import calls_prompt_engine
from session.root import find_root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from session.chain.api import ChainState

_EDITORS = ("Edit", "MultiEdit", "Write", "NotebookEdit")
_CRITERIA, _CRITERION = 3, 40  # limits of the reminder: the number of criteria, and the characters of each


def answer(payload: "dict[str, Any]", owner: str) -> "dict[str, Any] | None":
    """Return the answer that adds a reminder to the conversation's context, or None if there is none."""
    if not calls_prompt_engine(payload):
        _note_file(payload)
        return None
    from session.chain.parse import read  # cost: it imports re, only for results of `prompt_engine`
    from session.errors import SessionError
    from session.output import tell

    response, arguments = payload.get("tool_response"), payload.get("tool_input")
    arguments = arguments if isinstance(arguments, dict) else {}
    state, is_complete = read(response)
    if state is not None and isinstance(arguments.get("chain_id"), str) and arguments["chain_id"]:
        # trust the call, which names its own chain: the result may mention other chains
        state["chain_id"] = arguments["chain_id"]
    try:
        _save(owner, state, is_complete, {} if _is_error(response) else arguments)
    except SessionError as error:
        tell(str(error))
    text = _reminder(state) if state is not None and not is_complete else ""
    if not text:
        return None
    return {"hookSpecificOutput": {"hookEventName": "PostToolUse", "additionalContext": text}}


def _note_file(payload: "dict[str, Any]") -> None:
    """Add the file that the call edited to the entry protocol's list of files, if the project uses that protocol."""
    arguments = payload.get("tool_input")
    if not isinstance(arguments, dict) or payload.get("tool_name") not in _EDITORS:
        return
    path = arguments.get("file_path") or arguments.get("notebook_path")
    if not isinstance(path, str) or not path:
        return
    from session.hooks.glance import TIMEOUT_S, has_entry_state  # cost: only for edits

    if not has_entry_state(find_root()[0]):
        return
    from session.entry import recent_files  # cost: only where the entry protocol is in use
    from session.host.project_store import open_store

    recent_files.note(open_store(), path, str(payload["tool_name"]), timeout_s=TIMEOUT_S)


def _save(owner: str, state: "ChainState | None", is_complete: bool, arguments: "dict[str, Any]") -> None:
    """Save, change or delete the conversation's chain state after a call with these arguments."""
    from session.chain import state as states  # cost: only for results of `prompt_engine`
    from session.hooks.glance import TIMEOUT_S

    if is_complete or (state is None and (arguments.get("gate_action") == "abort" or arguments.get("cancel") is True)):
        states.drop(owner, TIMEOUT_S)
    elif state is not None:
        states.put(owner, state, TIMEOUT_S)
    elif arguments.get("gate_verdict") or arguments.get("gate_action") == "skip":
        # the gate has its verdict, and the result names no next step: without this, its reminder would never end
        from session.chain.verification_outcome import drop_gate

        states.update(owner, drop_gate, TIMEOUT_S)


def _is_error(response: object) -> bool:
    return isinstance(response, dict) and (response.get("isError") is True or response.get("is_error") is True)


def _reminder(state: "ChainState") -> str:
    from session.chain.reminder import VERDICT, shown
    from session.text.untrusted import inline

    lines = []
    if state["pending_gate"]:
        lines += [f"[Gate] {shown(state['pending_gate'])}", f"  Respond: {VERDICT}"]
        criteria = " | ".join(inline(criterion[:_CRITERION]) for criterion in state["gate_criteria"][:_CRITERIA])
        lines += [f"  Check: {criteria}"] if criteria else []
    step, total = state["current_step"], state["total_steps"]
    if 0 < step < total:
        lines.append(f"[Chain] Step {step}/{total} - call prompt_engine to continue")
    return "\n".join(lines)
