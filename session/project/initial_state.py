"""The first state of a project."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.project.state import State

# the totals and extracted counts that the original scripts start with
_TOTALS = {"databases": (62, 7), "engines": (213, 0), "knowledgeBases": (14, 0), "systems": (31, 0)}


def initial_state(now: str) -> "State":
    """Return the state of a new project. If $PRISM_ROOT is set, it is the one that the original scripts start with."""
    state: State = {"version": "1.0.0", "lastUpdated": now, "currentSession": None}
    if os.environ.get("PRISM_ROOT"):
        state["prism"] = {"sourceVersion": "8.89.002", "targetVersion": "9.0.0", "monolithLines": 986000}
        progress = {
            name: {"total": total, "extracted": extracted, "verified": extracted}
            for name, (total, extracted) in _TOTALS.items()
        }
        state["extraction"] = {"stage": "1", "phase": "A", "progress": progress}
    return {**state, "history": []}
