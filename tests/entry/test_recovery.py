"""Crash recovery restores the last auto-checkpoint exactly, and loses nothing."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from session.entry import auto_checkpoint, feature_list, recovery
from session.entry.recovery import CrashRecovery
from session.errors import SessionError
from session.store.files import FileStore
from tests.entry.laying import feature, files, lay, lines, listing, load, state, store, under_way


def crash(project: Path, *, force: bool = False) -> CrashRecovery | None:
    return recovery.crash(store(project), force=force, timeout_s=10.0)


@pytest.fixture
def checkpointed(project: Path) -> Path:
    """Write an entry session that is not handed off, and an auto-checkpoint of a list of two features."""
    under_way(project, feature_id="F-1", attempts=0)
    lay(project, "feature-list.json", listing(feature("F-1", "in_progress"), feature("F-2")))
    assert auto_checkpoint.save(store(project), timeout_s=10.0)
    return project


def test_nothing_crashed(project: Path) -> None:
    assert crash(project) is None
    assert list(project.iterdir()) == []
    lay(project, "state.json", state(dirty=False))
    before = files(project)
    assert crash(project) is None
    assert files(project) == before


def test_rolled_back(checkpointed: Path) -> None:
    then = load(checkpointed, "state.json")
    lay(checkpointed, "state.json", {**then, "state": "TEST", "attempts": 2, "mine": 1})
    later = listing(feature("F-2", "implemented", notes="x"), feature("F-3", "in_progress"))
    lay(checkpointed, "feature-list.json", later)
    before = files(checkpointed)
    done = crash(checkpointed)
    assert done is not None
    assert done.changes == [
        "state: TEST → IMPLEMENT",
        "attempts: 2 → 0",
        "mine: 1 → none",
        "feature F-1: brought back, in_progress",
        "feature F-2: implemented → pending, notes as before",
        "feature F-3: kept, as it came since",
    ]
    assert load(checkpointed, "state.json") == {**then, "dirty": False}
    expected = listing(feature("F-1", "in_progress"), feature("F-2"), feature("F-3", "in_progress"))
    assert load(checkpointed, "feature-list.json") == expected
    kept = load(checkpointed, Path(done.saved_as).name)
    assert {file["path"]: file["text"].encode() for file in kept["files"]} == {
        path: before[path] for path in (".claude/progress/state.json", ".claude/progress/feature-list.json")
    }
    [logged] = lines(checkpointed, "recoveries.jsonl")
    assert (logged["kind"], logged["session_id"]) == ("crash", "s-1")
    assert "F-2: implemented → pending" in logged["what"]
    told = load(checkpointed, "metrics/s-1.json")
    assert (told["recoveries"], told["outcome"], told["ended_at"]) == (1, "not handed off", None)
    assert [each["outcome"] for each in lines(checkpointed, "traces.jsonl")] == ["not handed off"]
    assert crash(checkpointed) is None  # once is enough


def test_what_was_measured_since_is_not_rolled_back(checkpointed: Path) -> None:
    then = load(checkpointed, "state.json")
    measured = {"health_status": "BROKEN", "health_checked_at": "now", "last_passing_commit": "a" * 40}
    lay(checkpointed, "state.json", {**then, "state": "TEST", **measured})
    done = crash(checkpointed)
    assert done is not None
    assert done.changes == ["state: TEST → IMPLEMENT"]
    assert load(checkpointed, "state.json") == {**then, **measured, "dirty": False}


@pytest.mark.parametrize("broken", [["state.json"], ["feature-list.json"], ["state.json", "feature-list.json"]])
def test_corrupt_documents_come_back(checkpointed: Path, broken: list[str]) -> None:
    then = load(checkpointed, "state.json"), load(checkpointed, "feature-list.json")
    for name in broken:
        (checkpointed / ".claude/progress" / name).write_bytes(b'{"half\xff')
    done = crash(checkpointed)
    assert done is not None
    assert [line for line in done.changes if line.endswith(": replaced")] != []
    assert (load(checkpointed, "state.json"), load(checkpointed, "feature-list.json")) == (
        {**then[0], "dirty": False},
        then[1],
    )
    kept = {file["path"]: file["text"] for file in load(checkpointed, Path(done.saved_as).name)["files"]}
    for name in broken:
        assert kept[f".claude/progress/{name}"].encode("utf-8", "surrogateescape") == b'{"half\xff'


def test_a_list_that_is_none(checkpointed: Path) -> None:
    lay(checkpointed, "feature-list.json", {"features": "all of them"})
    assert crash(checkpointed) is not None
    assert len(load(checkpointed, "feature-list.json")["features"]) == 2


@pytest.mark.parametrize(
    "checkpoint",
    [
        None,
        "{half",
        "[]",
        "{}",
        {"context_snapshot": {"state": [1]}},
        {"context_snapshot": {"state": {}, "features": []}},
        {"context_snapshot": {"state": {}, "features": {"features": [1]}}},
    ],
)
@pytest.mark.parametrize("now", ["good", "corrupt"])
def test_no_checkpoint_to_go_back_to(project: Path, checkpoint: Any, now: str) -> None:
    under_way(project)
    if now == "corrupt":
        lay(project, "state.json", "{half")
    if checkpoint is not None:
        lay(project, "checkpoint.json", checkpoint)
    before = files(project)
    with pytest.raises(SessionError, match=r"checkpoint\.json") as refused:
        crash(project)
    assert "\n" not in str(refused.value)
    assert files(project) == before


def test_a_document_that_cant_be_saved_is_not_replaced(checkpointed: Path) -> None:
    path = checkpointed / ".claude/progress/feature-list.json"
    path.unlink()
    path.symlink_to("/etc/hostname")
    before = files(checkpointed)
    with pytest.raises(SessionError, match="feature-list"):
        crash(checkpointed)
    assert files(checkpointed) == before


def test_two_recoveries_in_one_second_keep_both(checkpointed: Path) -> None:
    for _ in range(2):
        lay(checkpointed, "state.json", state(dirty=True))
        assert crash(checkpointed) is not None
    kept = [path for path in files(checkpointed) if "before-recovery" in path]
    assert len(kept) == 2


_words = st.sampled_from(["START", "IMPLEMENT", "TEST", "x"])
_states = st.fixed_dictionaries(
    {"state": _words, "dirty": st.just(True)}, optional={"attempts": st.integers(0, 9), "odd": st.none() | _words}
)
_features = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from(["F-1", "F-2", "F-3", "F-4"]), "status": st.sampled_from(feature_list.STATUSES)},
        optional={"attempts": st.integers(0, 9), "notes": st.text(max_size=3)},
    ),
    unique_by=lambda each: each["id"],
)
_lists = st.none() | st.fixed_dictionaries({"features": _features}, optional={"metadata": st.just({"a": 1})})


@settings(max_examples=40)
@given(now=_states, listed=_lists, then=_states, listed_then=_lists)
def test_exact_and_without_loss(
    now: dict[str, Any], listed: dict[str, Any] | None, then: dict[str, Any], listed_then: dict[str, Any] | None
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        lay(project, "state.json", now)
        if listed is not None:
            lay(project, "feature-list.json", listed)
        lay(project, "checkpoint.json", {"context_snapshot": {"state": then, "features": listed_then}})
        assert recovery.crash(FileStore(folder, ""), force=False, timeout_s=10.0) is not None
        assert load(project, "state.json") == {**then, "dirty": False}
        path = project / ".claude/progress/feature-list.json"
        found = json.loads(path.read_text()) if path.exists() else None
        if listed_then is None:
            assert found == listed
            return
        assert found is not None
        known = listed_then["features"]
        ids = {each["id"] for each in known}
        assert found["features"][: len(known)] == known
        came = [each for each in (listed or {"features": []})["features"] if each["id"] not in ids]
        assert found["features"][len(known) :] == came
        assert {**found, "features": 0} == {**listed_then, "features": 0}


def test_notes_make_no_state(project: Path) -> None:
    recovery.note(store(project), "tool-failure", "x" * 5000, timeout_s=10.0, retries=1)
    assert list(files(project)) == [".claude/progress/recoveries.jsonl"]
    [line] = lines(project, "recoveries.jsonl")
    assert (line["session_id"], len(line["what"])) == (None, 1000)
    lay(project, "state.json", "{half")
    recovery.note(store(project), "broken", "again", timeout_s=10.0)
    assert (project / ".claude/progress/state.json").read_text() == "{half"
    assert len(lines(project, "recoveries.jsonl")) == 2


def test_a_hung_test_blocks_its_feature_and_the_next_is_taken(checkpointed: Path) -> None:
    said = recovery.give_up_test(store(checkpointed), "", "its test hangs", timeout_s=10.0)
    assert said == "F-1 is blocked (its test hangs); next is F-2"
    first, second = load(checkpointed, "feature-list.json")["features"]
    assert (first["status"], first["blocked_reason"], second["status"]) == ("blocked", "its test hangs", "in_progress")
    assert load(checkpointed, "state.json")["feature_id"] == "F-2"
    assert load(checkpointed, "metrics/s-1.json")["recoveries"] == 1
    before = files(checkpointed)
    for name in ("F-1", "F-9"):
        with pytest.raises(SessionError, match=name):
            recovery.give_up_test(store(checkpointed), name, "x", timeout_s=10.0)
    assert files(checkpointed) == before
