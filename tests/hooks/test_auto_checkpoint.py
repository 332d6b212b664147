"""PreCompact and Stop save the entry protocol's auto-checkpoint."""

import os
from pathlib import Path

import pytest

from session.entry import auto_checkpoint, documents
from session.hooks import auto_checkpoint as hook_auto_checkpoint
from session.store.paths import COLLECTIONS
from tests.entry.laying import files, lay, load, state, under_way
from tests.hooks.conftest import Hook

CHECKPOINT = ".claude/progress/checkpoint.json"


@pytest.fixture
def begun(project: Path) -> Path:
    (project / "ia/state").mkdir(parents=True)
    under_way(project, owner="conversation-1")
    return project


def test_a_checkpoint_before_a_compaction_which_is_counted(hook: Hook, begun: Path) -> None:
    for _ in range(2):
        hook("PreCompact")
    assert load(begun, "checkpoint.json")["context_snapshot"]["state"]["session_id"] == "s-1"
    assert load(begun, "metrics/s-1.json")["compressions"] == 2


def test_one_in_five_minutes_when_the_agent_stops(hook: Hook, begun: Path) -> None:
    hook("Stop")
    first = (begun / CHECKPOINT).read_bytes()
    hook("Stop")
    assert (begun / CHECKPOINT).read_bytes() == first
    lay(begun, "checkpoint.json", {**load(begun, "checkpoint.json"), "checkpoint_at": "2026-01-01T00:00:00Z"})
    os.utime(begun / CHECKPOINT, (0, 0))
    hook("Stop")
    assert not load(begun, "checkpoint.json")["checkpoint_at"].startswith("2026-01-01")
    assert "compressions" not in load(begun, "metrics/s-1.json")


def test_a_checkpoint_from_the_future_is_no_reason_to_wait(hook: Hook, begun: Path) -> None:
    hook("Stop")
    lay(begun, "checkpoint.json", {**load(begun, "checkpoint.json"), "checkpoint_at": "2026-01-01T00:00:00Z"})
    os.utime(begun / CHECKPOINT, (4_000_000_000, 4_000_000_000))
    hook("Stop")
    assert not load(begun, "checkpoint.json")["checkpoint_at"].startswith("2026-01-01")


def test_a_session_that_nobody_owns_is_everyones(hook: Hook, begun: Path) -> None:
    under_way(begun)
    hook("PreCompact")
    assert load(begun, "metrics/s-1.json")["compressions"] == 1


@pytest.mark.parametrize("event", ["PreCompact", "Stop"])
def test_not_in_anothers_session_nor_without_one(hook: Hook, begun: Path, event: str) -> None:
    for known in (state(), state(dirty=False), state(dirty=True, owner="conversation-2")):
        lay(begun, "state.json", known)
        before = files(begun)
        hook(event)
        assert files(begun) == before
    under_way(begun, owner="conversation-1")
    before = files(begun)
    hook(event, agent_id="a-subagent")
    assert files(begun) == before


def test_a_broken_state_is_a_line(hook: Hook, begun: Path) -> None:
    lay(begun, "state.json", "{half")
    before = files(begun)
    hook("PreCompact", err=".claude/progress/state.json is not valid JSON: " + _why())
    assert files(begun) == before


def test_the_copied_constants_equal_the_originals() -> None:
    collection, name = documents.CHECKPOINT
    folder, ending, *_ = COLLECTIONS[collection]
    assert (*folder, name + ending) == hook_auto_checkpoint._CHECKPOINT
    assert auto_checkpoint.INTERVAL_S * 1000 == hook_auto_checkpoint._INTERVAL_MS


def _why() -> str:
    with pytest.raises(documents.Corrupt) as refused:
        documents.parse(b"{half", "")
    return str(refused.value).partition("JSON: ")[2] + "\n"
