"""Change sessions: what is decided under the lock, what is refused, and what is made."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from session.errors import Conflict, SessionError
from session.store.files import FileStore
from session.workflow import archive_save, run_record, sessions
from session.workflow.conversation_end import end
from tests.conftest import Before


def advance(store: FileStore, step: str = "a", **options: Any) -> None:
    sessions.advance(store, "w", step, options.pop("context", None), timeout_s=5, **options)


def save(store: FileStore) -> archive_save.SaveResult | None:
    return archive_save.save(store, "w", "completed", "", first=None, timeout_s=5)


def refuse_step(store: FileStore) -> None:
    with pytest.raises(Conflict, match="w has no session, so it is not at a; nothing changed"):
        advance(store, if_step="a")


@pytest.mark.parametrize(
    "act",
    [
        refuse_step,
        lambda store: sessions.reset(store, "w", timeout_s=5),
        save,
        lambda store: end(store, "me", timeout_s=5),
    ],
    ids=["if_step", "reset", "save", "end"],
)
def test_without_a_session_nothing_is_made(store: FileStore, project: Path, act: Callable[[FileStore], object]) -> None:
    assert not act(store)
    assert list(project.iterdir()) == []


def test_bytes_that_are_no_text_are_not_lost(store: FileStore, project: Path) -> None:
    """The file would be written again, or archived, with U+FFFD in their place."""
    advance(store, context={"x": "y"}, owner="me")
    document = project / "ia/state/sessions/w.json"
    body = document.read_bytes().replace(b'"y"', b'"\xff"')
    document.write_bytes(body)
    for write in (lambda: advance(store, "b"), lambda: save(store)):
        with pytest.raises(SessionError, match=r"w\.json is not valid JSON"):
            write()
    end(store, "me", timeout_s=5)
    assert document.read_bytes() == body
    assert not (document.parent / "archives").exists()


def test_a_step_is_added_to_what_is_there_under_the_lock(
    store: FileStore, state: Callable[[], Any], before_the_lock: Before
) -> None:
    advance(store, "a")
    before_the_lock(lambda: advance(store, "b", context={"x": 1}))
    advance(store, "c", context={"y": 2})
    assert (state()["steps"], state()["context"]) == (["a", "b", "c"], {"x": 1, "y": 2})


def test_conditions_hold_under_the_lock(store: FileStore, state: Callable[[], Any], before_the_lock: Before) -> None:
    advance(store, "a")
    before_the_lock(lambda: advance(store, "b"))
    with pytest.raises(Conflict, match="w is at b, not at a; nothing changed"):
        advance(store, "c", if_step="a")
    sessions.reset(store, "w", timeout_s=5)
    before_the_lock(lambda: advance(store, "a"))
    with pytest.raises(Conflict, match="w is already under way, at a; nothing changed"):
        advance(store, "c", new=True)
    assert state()["steps"] == ["a"]


def test_what_is_archived_is_what_is_there_under_the_lock(store: FileStore, before_the_lock: Before) -> None:
    advance(store, "a")
    before_the_lock(lambda: advance(store, "b", context={"pr": 8}))
    archive = save(store)
    assert archive is not None
    assert "- pr: 8\n" in archive.markdown
    assert "2. b (final)\n" in archive.markdown
    assert store.read(("sessions", "w")) is None


def test_a_session_is_archived_once(store: FileStore, project: Path, before_the_lock: Before) -> None:
    advance(store, "a")
    before_the_lock(lambda: save(store))
    assert save(store) is None
    assert len(list((project / "ia/state/sessions/archives").iterdir())) == 1


def test_a_run_begins_and_ends_in_what_is_there_under_the_lock(
    store: FileStore, state: Callable[[], Any], before_the_lock: Before
) -> None:
    before_the_lock(lambda: advance(store, "a"))
    began_at = run_record.begin(store, "w", "b", None, ["make"], timeout_s=5).began_at
    assert state()["steps"] == ["a", "b"]
    before_the_lock(lambda: advance(store, "c"))
    run_record.finish(store, "w", "b", began_at, 0, "", timeout_s=5)
    assert state()["steps"] == ["a", "b", "c"]
    assert [entry.get("exit") for entry in state()["history"]] == [None, 0, None]


def test_the_end_of_a_conversation_is_noted_only_where_it_is_still_the_owner(
    store: FileStore, state: Callable[[], Any], before_the_lock: Before
) -> None:
    advance(store, "a", owner="me")
    before_the_lock(lambda: advance(store, "b", owner="you"))
    end(store, "me", timeout_s=5)
    assert state()["owner"] == {"id": "you"}
    assert state()["steps"] == ["a", "b"]


@pytest.mark.parametrize("owner", ["me", "you"])
def test_the_next_step_takes_the_end_back(store: FileStore, state: Callable[[], Any], owner: str) -> None:
    advance(store, "a", owner="me")
    end(store, "me", timeout_s=5)
    advance(store, "b")
    assert "ended_at" in state()["owner"]  # a step without a conversation tells nothing about it
    advance(store, "c", owner=owner)
    assert state()["owner"] == {"id": owner}


@pytest.mark.parametrize("if_step", ["a", ""])
def test_a_session_that_is_null_is_none(store: FileStore, sessions_null: Path, if_step: str) -> None:
    with pytest.raises(Conflict, match="w has no session"):
        advance(store, if_step=if_step)
    assert sessions_null.read_text() == "null"
    advance(store, "b", new=True)
    assert json.loads(sessions_null.read_text())["steps"] == ["b"]


@pytest.fixture
def sessions_null(sessions: Path) -> Path:
    (sessions / "w.json").write_text("null")
    return sessions / "w.json"


@pytest.mark.parametrize(
    ("identity", "is_valid"),
    [("a" * 512, True), ("a" * 513, False), ("a b", True), ("é", False), ("a\nb", False), ("a\x7f", False), ("", True)],
)
def test_the_owner(monkeypatch: pytest.MonkeyPatch, identity: str, is_valid: bool) -> None:
    monkeypatch.setenv("WORKFLOW_SESSION_OWNER", identity)
    notices: list[str] = []
    assert sessions.owner(notices) == (identity if is_valid else "")
    assert len(notices) == (not is_valid)


def test_archives_of_one_day_have_names_of_their_own(store: FileStore, project: Path) -> None:
    for step in ("a", "b", "c"):
        advance(store, step)
        assert save(store) is not None
    archives = sorted((project / "ia/state/sessions/archives").iterdir())
    assert len(archives) == 3
    assert sum(path.read_text().count("(final)") for path in archives) == 3
