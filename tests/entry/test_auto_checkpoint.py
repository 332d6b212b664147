"""Auto-checkpoints: their content, and how often one is saved."""

from pathlib import Path

import pytest

from session.entry import auto_checkpoint
from session.entry.documents import Corrupt
from session.errors import SessionError
from session.host import clock
from tests.entry.laying import feature, files, lay, listing, load, state, store, under_way
from tests.entry.repositories import commit_files


def save(project: Path, **options: object) -> bool:
    return auto_checkpoint.save(store(project), timeout_s=10.0, **options)  # type: ignore[arg-type]


def test_it_holds_what_recovery_needs(project: Path) -> None:
    commit_files(project, 3)
    under_way(project, feature_id="F-2")
    plan = listing(feature("F-1", "tested"), feature("F-2"), feature("F-3", "in_progress"), feature("F-4", "blocked"))
    lay(project, "feature-list.json", plan)
    assert save(project)
    checkpoint = load(project, "checkpoint.json")
    assert set(checkpoint) == {"checkpoint_at", "context_snapshot", "pending_actions"}
    snapshot = checkpoint["context_snapshot"]
    assert snapshot["state"] == load(project, "state.json")
    assert snapshot["features"] == plan
    assert (snapshot["branch"], len(snapshot["commit"]), snapshot["dirty_files"]) == ("main", 40, 1)
    assert checkpoint["pending_actions"] == [
        "F-3 (in_progress): Feature F-3",
        "F-2 (pending): Feature F-2",
        "F-4 (blocked): Feature F-4",
    ]


def test_without_a_repository_and_a_list(project: Path) -> None:
    lay(project, "state.json", state())
    assert save(project, pending=["the form"])
    checkpoint = load(project, "checkpoint.json")
    assert checkpoint["pending_actions"] == ["the form"]
    assert checkpoint["context_snapshot"] == {
        "state": state(),
        "features": None,
        "branch": None,
        "commit": None,
        "dirty_files": None,
    }


@pytest.mark.parametrize(("later_s", "saved"), [(0, False), (299, False), (300, True), (-1, True)])
def test_at_most_one_in_five_minutes(project: Path, monkeypatch: pytest.MonkeyPatch, later_s: int, saved: bool) -> None:
    under_way(project)
    assert save(project)
    before = files(project)
    now_ms = clock.parse_ms(load(project, "checkpoint.json")["checkpoint_at"])
    assert now_ms is not None
    monkeypatch.setattr(clock, "now_ms", lambda: now_ms + later_s * 1000)
    assert save(project) is saved
    assert (files(project) != before) is saved
    assert save(project, force=True)


def test_compressions_are_counted_although_nothing_is_due(project: Path) -> None:
    under_way(project)
    assert save(project, count="compressions")
    assert not save(project, count="compressions")
    assert load(project, "metrics/s-1.json")["compressions"] == 2


def test_nothing_to_save(project: Path) -> None:
    with pytest.raises(SessionError, match="nothing to save"):
        save(project)
    assert list(project.iterdir()) == []


@pytest.mark.parametrize("name", ["state.json", "feature-list.json"])
def test_broken_documents_leave_the_last_checkpoint(project: Path, name: str) -> None:
    under_way(project)
    lay(project, "feature-list.json", listing(feature("F-1")))
    save(project)
    lay(project, name, '{"half')
    before = files(project)
    with pytest.raises(Corrupt, match=name):
        save(project, force=True)
    assert files(project) == before


def test_a_broken_checkpoint_is_kept_aside(project: Path) -> None:
    under_way(project)
    lay(project, "checkpoint.json", "no JSON")
    place = store(project)
    assert auto_checkpoint.save(place, timeout_s=10.0)
    assert [body for path, body in files(project).items() if "corrupt" in path] == [b"no JSON"]
    assert "kept as .claude/progress/checkpoint.corrupt-" in place.notices[-1]
    assert load(project, "checkpoint.json")["context_snapshot"]["state"]["session_id"] == "s-1"
