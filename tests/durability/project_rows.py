"""What `update_state` and `session_manager` write, as rows of the table in commands.py."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from .preparing import do, nothing
from .seen import Seen

UPDATE, MANAGE = "commands.update_state", "commands.session_manager"
Place = tuple[str | None, int]


def is_of(argv: tuple[str, ...]) -> bool:
    """Return True if the command belongs to this module."""
    return argv[0] in (UPDATE, MANAGE)


def place(found: Seen) -> Place:
    """Return work session, phase, blocker and counter in a few words, and the number of completions and logs."""
    text = found.project.get("project/CURRENT_STATE")
    if text is None:
        return None, 0
    state = json.loads(text)
    current = state.get("current", {})
    record = state.get("currentSession") or {}
    words = (record.get("id"), current.get("phase"), current.get("blocker"), state.get("quick_stats", {}).get("n"))
    done = state.get("last_completed", [])
    logs = [name for name in found.project if name.startswith("logs/")]
    return " ".join(str(word or "-") for word in words), len(done) + len(logs)


def alike(found: Seen, argv: tuple[str, ...]) -> Seen:
    """Return the state with each completed task once, because every repeated `complete` adds it again."""
    text = found.project.get("project/CURRENT_STATE")
    if argv[1] != "complete" or text is None:
        return found
    try:
        state = json.loads(text)
        for holder, key in ((state, "last_completed"), (state.get("currentSession") or {}, "completedItems")):
            if key in holder:
                holder[key] = list(dict.fromkeys(holder[key]))
    except (ValueError, TypeError, AttributeError):
        return found  # the caller reports it as a violation
    changed = json.dumps(state, indent=2, ensure_ascii=False)
    return replace(found, project={**found.project, "project/CURRENT_STATE": changed})


def _begun(project: Path) -> None:
    """Set a task, a counter and a completed task, and start a workflow that no command may change."""
    do(project, "set", "other", "here", '{"note": "not yours"}')
    do(project, UPDATE, "next", "1.A.5", "Extract machines")
    do(project, UPDATE, "stats", "n", "7/62")
    do(project, UPDATE, "complete", "Planned")


def _open(project: Path) -> None:
    """Prepare the project's state, and start a work session."""
    _begun(project)
    do(project, MANAGE, "start", "1.A.5")


def _killed_start(project: Path) -> None:
    """Kill a `start` directly after its commit: the journal exists, and none of it is applied."""
    _begun(project)
    do(project, MANAGE, "start", "1.A.5", mutant="dies-after-commit", code=9)


ROWS: tuple[tuple[str, tuple[str, ...], Callable[[Path], None], Place, Place, int], ...] = (
    ("complete-create", (UPDATE, "complete", "Did X"), nothing, (None, 0), ("- - - -", 1), 0),
    ("complete-in-session", (UPDATE, "complete", "Did X"), _open, ("1.A.5 1.A - 7/62", 1), ("1.A.5 1.A - 7/62", 2), 0),
    (
        "complete-after-killed-start",
        (UPDATE, "complete", "Did X"),
        _killed_start,
        ("1.A.5 1.A - 7/62", 1),
        ("1.A.5 1.A - 7/62", 2),
        0,
    ),
    ("next", (UPDATE, "next", "2.B.1", "More"), _begun, ("- 1.A - 7/62", 1), ("- 2.B - 7/62", 1), 0),
    ("stats", (UPDATE, "stats", "n", "8"), _begun, ("- 1.A - 7/62", 1), ("- 1.A - 8/62", 1), 0),
    ("blocker", (UPDATE, "blocker", "no"), _begun, ("- 1.A - 7/62", 1), ("- 1.A no 7/62", 1), 0),
    ("start-create", (MANAGE, "start", "1.A.5"), nothing, (None, 0), ("1.A.5 1.A - -", 0), 1),
    ("start", (MANAGE, "start", "2.B.1"), _begun, ("- 1.A - 7/62", 1), ("2.B.1 2.B - 7/62", 1), 1),
    ("end", (MANAGE, "end"), _open, ("1.A.5 1.A - 7/62", 1), ("- 1.A - 7/62", 2), 1),
    ("end-after-killed-start", (MANAGE, "end"), _killed_start, ("1.A.5 1.A - 7/62", 1), ("- 1.A - 7/62", 2), 1),
)
