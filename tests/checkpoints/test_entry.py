"""Checkpoints record the entry protocol's state, and bring it back where it is missing or broken."""

from pathlib import Path

import pytest

from tests.conftest import Run

STATE = ".claude/progress/state.json"
FEATURES = ".claude/progress/feature-list.json"


@pytest.fixture(autouse=True)
def recorded(run: Run) -> None:
    assert run("session", "project", "next", "1.A.1", "Begin").code == 0
    assert run("session", "feature", "add", "F-1", "First").code == 0
    assert run("session", "enter", "--json").code == 0
    assert run("session", "checkpoint", "create").code == 0


def test_what_is_broken_or_missing_comes_back(run: Run, project: Path) -> None:
    before = {name: (project / name).read_bytes() for name in (STATE, FEATURES)}
    (project / STATE).write_text("{bad")
    (project / FEATURES).unlink()
    ended = run("session", "checkpoint", "restore")
    assert ended.code == 0, ended
    assert {name: (project / name).read_bytes() for name in before} == before
    for name in before:
        assert name in ended.stdout


def test_what_is_under_way_stays(run: Run, project: Path) -> None:
    assert run("session", "transition", "IMPLEMENT").code == 0
    assert run("session", "feature", "start", "F-1").code == 0
    now = {name: (project / name).read_bytes() for name in (STATE, FEATURES)}
    assert run("session", "checkpoint", "restore").code == 0
    assert {name: (project / name).read_bytes() for name in now} == now
    assert run("session", "checkpoint", "restore", "--all").code == 0
    assert run("session", "transition", "--show").stdout == "START\n"
    assert b'"pending"' in (project / FEATURES).read_bytes()
