"""Write and read the entry protocol's documents in a test project, without the code under test."""

import json
from pathlib import Path
from typing import Any

from session.store.files import FileStore

LONG_AGO = "2026-01-02T03:04:05.000Z"


def store(project: Path) -> FileStore:
    return FileStore(str(project), "")


def lay(project: Path, name: str, value: Any) -> Path:
    """Write a file in `.claude/progress`: a text as it is, any other value as JSON."""
    path = project / ".claude/progress" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def load(project: Path, name: str) -> Any:
    return json.loads((project / ".claude/progress" / name).read_text())


def lines(project: Path, name: str) -> list[Any]:
    return [json.loads(line) for line in (project / ".claude/progress" / name).read_text().splitlines()]


def state(**more: Any) -> dict[str, Any]:
    return {"state": "IMPLEMENT", "entered_at": LONG_AGO, "health_status": "HEALTHY", "history": [], **more}


def under_way(project: Path, **more: Any) -> None:
    """Write the state and the metrics of an entry session that began long ago and is not handed off."""
    lay(project, "state.json", state(**{"dirty": True, "session_id": "s-1", **more}))
    known = {"session_id": "s-1", "started_at": LONG_AGO, "ended_at": None, "outcome": None}
    lay(project, "metrics/s-1.json", {**known, "states_visited": ["START", "IMPLEMENT"], "recoveries": 0})


def feature(name: str, status: str = "pending", **more: Any) -> dict[str, Any]:
    return {"id": name, "description": f"Feature {name}", "priority": "P1", "status": status, **more}


def listing(*features: dict[str, Any]) -> dict[str, Any]:
    return {"project": "p", "created_at": LONG_AGO, "features": list(features), "metadata": {}}


def files(project: Path) -> dict[str, bytes]:
    """Return the bytes of every document, by path."""
    paths = [path for path in (project / ".claude").rglob("*") if path.is_file() and path.name[0] != "."]
    return {str(path.relative_to(project)): path.read_bytes() for path in paths}
