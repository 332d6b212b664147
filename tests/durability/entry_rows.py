"""What the entry protocol's commands write, as rows of the table in commands.py."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from .preparing import do, nothing
from .seen import Seen

ENTER, TRANSITION, FEATURE, HANDOFF, RECOVER = (
    f"commands.{word}" for word in ("enter", "transition", "feature", "handoff", "recover")
)
STATE, FEATURES, TRACES = "progress/state", "progress/feature-list", "progress_lines/traces"
Place = tuple[str | None, int]


def is_of(argv: tuple[str, ...]) -> bool:
    """Return True if the command belongs to this module."""
    return argv[0] in (ENTER, TRANSITION, FEATURE, HANDOFF, RECOVER)


def place(found: Seen) -> Place:
    """Return a summary of the state, and the number of transitions, summaries and traces.

    The summary contains the state, the next state, whether an entry session is under way, and each feature's status.
    """
    if STATE not in found.project:
        return None, 0
    state = json.loads(found.project[STATE])
    words = [state["state"], state.get("next_state", "-"), "dirty" if state.get("dirty") else "clean"]
    features = json.loads(found.project.get(FEATURES, "{}")).get("features", [])
    words += [f"{each['id']}:{each['status']}" for each in features]
    summaries = [name for name in found.project if name.startswith("summaries/")]
    traces = found.project.get(TRACES, "").splitlines()
    return " ".join(words), len(state["history"]) + len(summaries) + len(traces)


def alike(found: Seen, argv: tuple[str, ...]) -> Seen:
    """Return the state with `ID` for the id of the current entry session.

    After `enter`, metrics and traces of earlier entry sessions are left out, because each `enter` starts another one.
    """
    try:
        session_id = json.loads(found.project.get(STATE, "{}")).get("session_id")
    except ValueError:
        return found  # the caller reports it as a violation
    if not isinstance(session_id, str):
        return found
    project = {name.replace(session_id, "ID"): text.replace(session_id, "ID") for name, text in found.project.items()}
    if argv[0] == HANDOFF:  # leave out git's facts: git may have failed in one of the runs
        project = {name: _without_git(text) for name, text in project.items()}
    if argv[0] == ENTER:
        state = json.loads(project[STATE])
        state.pop("next_state", None)  # missing if the features could not be read
        project[STATE] = json.dumps(state, indent=2, ensure_ascii=False)
        others = [name for name in project if name.startswith("metrics/") and name != "metrics/ID"]
        for name in (*others, TRACES):
            project.pop(name, None)
    return replace(found, project=project)


def _without_git(text: str) -> str:
    text = re.sub(r"(## (?:Git Commits|Files Modified)\n)[^#]*", r"\1", text)
    return re.sub(r'"(branch|commit|dirty_files)": [^,\n]*', r'"\1": 0', text)


def _entered(project: Path) -> None:
    """Start an entry session in a project with two features, and a workflow that no command may change."""
    do(project, "set", "other", "here", '{"note": "not yours"}')
    do(project, FEATURE, "add", "F-1", "First")
    do(project, FEATURE, "add", "F-2", "Second", "--depends", "F-1")
    do(project, ENTER, "--force", "--json")


def _working(project: Path) -> None:
    _entered(project)
    do(project, TRANSITION, "IMPLEMENT")


def _killed_start(project: Path) -> None:
    """Kill a `feature start` directly after its commit: the journal exists, and none of it is applied."""
    _working(project)
    do(project, FEATURE, "start", "F-1", mutant="dies-after-commit", code=9)


def _gone_wrong(project: Path) -> None:
    """Make an auto-checkpoint, continue the work, and end without a handoff."""
    _working(project)
    do(project, RECOVER, "checkpoint")
    do(project, FEATURE, "start", "F-1")
    do(project, FEATURE, "implemented", "F-1")
    do(project, TRANSITION, "TEST")


_PENDING = "F-1:pending F-2:pending"
_BEGUN = "F-1:in_progress F-2:pending"
ROWS: tuple[tuple[Any, ...], ...] = (
    ("enter-create", (ENTER, "--force", "--json"), nothing, (None, 0), ("START INIT dirty", 0)),
    (
        *("enter-after-crash", (ENTER, "--force", "--json"), _working),
        *((f"IMPLEMENT - dirty {_PENDING}", 1), (f"IMPLEMENT IMPLEMENT dirty {_PENDING}", 2)),
    ),
    (
        *("transition", (TRANSITION, "IMPLEMENT", "go"), _entered),
        *((f"START IMPLEMENT dirty {_PENDING}", 0), (f"IMPLEMENT - dirty {_PENDING}", 1), 1),
    ),
    (
        *("feature-start", (FEATURE, "start", "F-1"), _working),
        *((f"IMPLEMENT - dirty {_PENDING}", 1), (f"IMPLEMENT - dirty {_BEGUN}", 1)),
    ),
    (
        *("feature-after-killed-start", (FEATURE, "implemented", "F-1"), _killed_start),
        *((f"IMPLEMENT - dirty {_BEGUN}", 1), ("IMPLEMENT - dirty F-1:implemented F-2:pending", 1)),
    ),
    (
        *("handoff", (HANDOFF,), _working),
        *((f"IMPLEMENT - dirty {_PENDING}", 1), (f"IMPLEMENT - clean {_PENDING}", 3), 1),
    ),
    (
        *("recover-crash", (RECOVER, "crash"), _gone_wrong),
        *(("TEST - dirty F-1:implemented F-2:pending", 2), (f"IMPLEMENT - clean {_PENDING}", 2)),
    ),
)
