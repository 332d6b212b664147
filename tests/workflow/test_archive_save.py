"""The slow part of `save` needs no lock, and a session that changes meanwhile is archived as it is then."""

from contextlib import suppress
from typing import Any

import pytest

from session.errors import Busy
from session.store.files import FileStore
from session.workflow import archive_render, archive_save, sessions


def enter(store: FileStore, step: str) -> None:
    sessions.advance(store, "w", step, None, timeout_s=0)  # Busy if the lock is held


def save(store: FileStore) -> archive_save.SaveResult | None:
    first = archive_save.first_draft(store, "w", "completed", "")
    return archive_save.save(store, "w", "completed", "", first=first, timeout_s=5)


def test_others_can_write_meanwhile(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(store, "one")
    rendered: list[int] = []

    class Rendering(archive_render.Rendering):
        def __init__(self, workflow: str, state: dict[str, Any], status: str, notes: str) -> None:
            super().__init__(workflow, state, status, notes)
            rendered.append(len(state["steps"]))
            sessions.advance(store, "other", "step", None, timeout_s=0)
            if len(rendered) == 1:
                enter(store, "two")

    monkeypatch.setattr(archive_render, "Rendering", Rendering)
    archived = save(store)
    assert archived is not None
    assert rendered == [1, 2]
    assert "- Step: two\n" in archived.markdown
    assert store.read(("sessions", "w")) is None
    [(_, body, _)] = store.scan("archives")
    assert body == archived.markdown.encode()


def test_it_renders_once(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(store, "one")
    searched: list[str] = []
    find = archive_render.secrets
    monkeypatch.setattr(archive_render, "secrets", lambda *words: searched.append("") or find(*words))
    assert save(store) is not None
    assert len(searched) == 1
    assert save(store) is None


def test_a_session_that_always_changes_is_archived(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(store, "0")
    find = archive_render.secrets
    steps = iter(range(1, 100))

    def secrets(state: dict[str, Any], notes: str) -> list[str]:
        with suppress(Busy):  # the last attempt holds the lock
            enter(store, str(next(steps)))
        return find(state, notes)

    monkeypatch.setattr(archive_render, "secrets", secrets)
    archived = save(store)
    assert archived is not None
    assert "- Step: 4\n" in archived.markdown


def test_the_end_is_the_time_of_the_commit(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """`checkpoint restore` compares it with the time of a checkpoint."""
    enter(store, "one")
    first = archive_save.first_draft(store, "w", "completed", "")
    monkeypatch.setattr("session.host.clock.now_ms", lambda: 4102444800000)
    archived = archive_save.save(store, "w", "completed", "", first=first, timeout_s=5)
    assert archived is not None
    assert archived.path == "ia/state/sessions/archives/2100-01-01-w.md"
    assert archived.markdown.startswith("# w - 2100-01-01\n")
    assert "- Ended: 2100-01-01T00:00:00.000Z\n" in archived.markdown
