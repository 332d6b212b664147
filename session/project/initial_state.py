"""The state that a project begins with."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.project.state import State

# what the scripts of the seed begin with: those who point $PRISM_ROOT at a folder go on with theirs (seed: 000)
_TOTALS = {"databases": (62, 7), "engines": (213, 0), "knowledgeBases": (14, 0), "systems": (31, 0)}


def beginning(now: str) -> "State":
    """A fresh state; with $PRISM_ROOT set, the one that the scripts of the seed begin with."""
    state: State = {"version": "1.0.0", "lastUpdated": now, "currentSession": None}
    if os.environ.get("PRISM_ROOT"):
        state["prism"] = {"sourceVersion": "8.89.002", "targetVersion": "9.0.0", "monolithLines": 986000}
        progress = {
            name: {"total": total, "extracted": extracted, "verified": extracted}
            for name, (total, extracted) in _TOTALS.items()
        }
        state["extraction"] = {"stage": "1", "phase": "A", "progress": progress}
    return {**state, "history": []}
