"""Record the end of a run in a session that others may have changed meanwhile."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from session.errors import Conflict, SessionError
from session.host import clock
from session.store.files import FileStore
from session.workflow import run_record, sessions
from session.workflow.conversation_end import end

Change = Callable[[FileStore], object]


def begin(store: FileStore, owner: str = "me", step: str = "a", **options: bool) -> str:
    return run_record.begin(store, "w", step, None, ["make"], timeout_s=5, owner=owner, **options).began_at


def finish(store: FileStore, began_at: str, owner: str = "me", step: str = "a", code: int = 0) -> None:
    run_record.finish(store, "w", step, began_at, code, "", timeout_s=5, owner=owner)


def take_over(store: FileStore) -> None:
    sessions.advance(store, "w", "b", None, timeout_s=5, owner="you")


def test_its_own_end_is_taken_back(store: FileStore, state: Callable[[], Any]) -> None:
    """The conversation goes on: its run has just ended."""
    began_at = begin(store)
    end(store, "me", timeout_s=5)
    assert "ended_at" in state()["owner"]
    finish(store, began_at)
    assert state()["owner"] == {"id": "me"}
    assert state()["history"][0]["exit"] == 0


def test_what_else_is_known_of_the_owner_stays(store: FileStore, project: Path, state: Callable[[], Any]) -> None:
    began_at = begin(store)
    owner = {**state()["owner"], "ended_at": clock.iso(0), "agent": "x"}
    (project / "ia/state/sessions/w.json").write_text(json.dumps({**state(), "owner": owner}))
    finish(store, began_at)
    assert state()["owner"] == {"id": "me", "agent": "x"}


def test_a_conversation_that_took_it_over_keeps_it(store: FileStore, state: Callable[[], Any]) -> None:
    began_at = begin(store)
    take_over(store)
    finish(store, began_at)
    assert state()["owner"] == {"id": "you"}


def test_the_end_of_a_conversation_that_took_it_over_stays(store: FileStore, state: Callable[[], Any]) -> None:
    """Without it, the session would count as active elsewhere, and nobody would be told of it."""
    began_at = begin(store)
    take_over(store)
    end(store, "you", timeout_s=5)
    before = state()["owner"]
    assert set(before) == {"id", "ended_at"}
    finish(store, began_at)
    assert state()["owner"] == before
    assert state()["history"][0]["exit"] == 0


@pytest.mark.parametrize("owner", [None, "me", {"id": 7, "ended_at": "x"}, {"ended_at": "x"}], ids=repr)
def test_an_owner_of_another_shape_stays(
    store: FileStore, project: Path, state: Callable[[], Any], owner: object
) -> None:
    began_at = begin(store)
    (project / "ia/state/sessions/w.json").write_text(json.dumps({**state(), "owner": owner}))
    finish(store, began_at)
    assert state()["owner"] == owner


def test_a_run_without_a_conversation_leaves_the_end_of_one(store: FileStore, state: Callable[[], Any]) -> None:
    began_at = begin(store, owner="")
    assert "owner" not in state()
    take_over(store)
    end(store, "you", timeout_s=5)
    before = state()["owner"]
    finish(store, began_at, owner="")
    assert state()["owner"] == before


def test_the_time_of_the_result_is_that_of_the_update(
    store: FileStore, state: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    began_at = begin(store)
    later_ms = clock.now_ms() + 60_000
    monkeypatch.setattr(clock, "now_ms", lambda: later_ms)
    finish(store, began_at, code=3)
    assert (state()["updated_at"], state()["history"][0]["done_at"]) == (clock.iso(later_ms), clock.iso(later_ms))


def test_once_counts_successes_of_this_step_only(store: FileStore) -> None:
    finish(store, begin(store), code=1)
    began_at = begin(store, once=True)
    finish(store, began_at)
    with pytest.raises(Conflict, match=r"^a already ended with exit 0 .* ago; nothing was run"):
        begin(store, once=True)


def test_runs_of_other_steps_are_no_runs_of_this_one(store: FileStore) -> None:
    finish(store, begin(store, step="b"), step="b")
    begin(store, step="c")
    start = run_record.begin(store, "w", "a", None, ["make"], timeout_s=5, once=True)
    assert start.unknown is None


def test_bytes_that_are_no_text_are_not_lost(store: FileStore, project: Path) -> None:
    """The file would be written again with U+FFFD in their place."""
    began_at = begin(store)
    document = project / "ia/state/sessions/w.json"
    body = document.read_bytes().replace(b"make", b"ma\xffke")
    document.write_bytes(body)
    for write in (lambda: finish(store, began_at), lambda: begin(store)):
        with pytest.raises(SessionError, match=r"w\.json is not valid JSON"):
            write()
    assert document.read_bytes() == body


def test_nothing_is_made_where_the_session_is_gone(store: FileStore, project: Path) -> None:
    with pytest.raises(SessionError, match="w has no session any more"):
        finish(store, clock.iso(0))
    assert list(project.iterdir()) == []
