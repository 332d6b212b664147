"""Constants that hot modules copy, because an import would cost them time: each copy equals its original."""

from pathlib import Path

import pytest

from session.entry import auto_checkpoint, documents, guard, states
from session.entry.documents import CHECKPOINT, STATE
from session.hooks import auto_checkpoint as hook
from session.hooks.glance import has_entry_state
from session.host import clock
from tests.entry.laying import store, under_way


def test_the_guard_reads_the_state_document() -> None:
    assert guard.STATE == documents.STATE
    assert guard.BROKEN == states.BROKEN


def test_the_hooks_know_where_the_state_is(project: Path) -> None:
    assert not has_entry_state(str(project))
    under_way(project)
    assert (project / store(project).path_of(STATE)).exists()
    assert has_entry_state(str(project))


@pytest.mark.parametrize(("age_ms", "is_due"), [(-1, False), (0, True)])
def test_the_hook_agrees_where_the_checkpoint_is_and_when_it_is_due(
    project: Path, monkeypatch: pytest.MonkeyPatch, age_ms: int, is_due: bool
) -> None:
    under_way(project)
    assert auto_checkpoint.save(store(project), timeout_s=10.0)
    written_ms = (project / store(project).path_of(CHECKPOINT)).stat().st_mtime_ns // 1_000_000
    monkeypatch.setattr(clock, "now_ms", lambda: written_ms + auto_checkpoint.INTERVAL_S * 1000 + age_ms)
    saved = []
    monkeypatch.setattr(auto_checkpoint, "save", lambda *_, **__: saved.append(True))
    hook.save(str(project), "Stop", "")
    assert bool(saved) is is_due
