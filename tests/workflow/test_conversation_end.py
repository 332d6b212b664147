"""Note the end of a conversation in its sessions, one by one, within a time limit."""

import json
from pathlib import Path
from typing import Any

import pytest

from session.errors import SessionError
from session.store import paths
from session.store.files import FileStore, Folder
from session.workflow import conversation_end
from session.workflow.conversation_end import end, go_on

AGES = {"old": "2026-01-29T10:00:00.000Z", "new": "2026-01-29T12:00:00.000Z", "middle": "2026-01-29T11:00:00.000Z"}
NEWEST_FIRST = ["new", "middle", "old", "timeless"]


@pytest.fixture
def store(project: Path, sessions: Path) -> FileStore:
    for workflow in NEWEST_FIRST:
        state: dict[str, Any] = {"steps": ["a"], "step": "a", "owner": {"id": "me"}}
        if workflow in AGES:
            state["updated_at"] = AGES[workflow]
        (sessions / f"{workflow}.json").write_text(json.dumps(state))
    (sessions / "other.json").write_text('{"owner": {"id": "you"}, "about": "me"}')
    return FileStore(str(project))


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which each file that is written adds its name."""
    names: list[str] = []
    replace = Folder.replace

    def noted(folder: Folder, name: str, data: bytes) -> None:
        names.append(name)
        replace(folder, name, data)

    monkeypatch.setattr(Folder, "replace", noted)
    return names


def ended(sessions: Path) -> list[str]:
    states = {path.stem: json.loads(path.read_text()) for path in sessions.iterdir()}
    return [workflow for workflow in NEWEST_FIRST if "ended_at" in states[workflow]["owner"]]


def stop_clock(monkeypatch: pytest.MonkeyPatch, commits: int) -> float:
    """Make each reading of the clock one second later; return a time limit that allows `commits` commits."""
    seconds = iter(range(1000))
    monkeypatch.setattr(conversation_end, "monotonic", lambda: float(next(seconds)))
    return commits + 1.0


def test_the_newest_first_and_each_in_a_commit_of_its_own(store: FileStore, sessions: Path, written: list[str]) -> None:
    end(store, "me", timeout_s=60)
    assert [name for name in written if name != ".gitignore"] == [f"{workflow}.json" for workflow in NEWEST_FIRST]
    assert paths.JOURNAL not in written
    assert ended(sessions) == NEWEST_FIRST
    assert (sessions / "other.json").read_text() == '{"owner": {"id": "you"}, "about": "me"}'


def test_out_of_time(store: FileStore, sessions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest sessions get the note and the others stay unchanged. The next call continues with them."""
    before = {path.name: path.read_bytes() for path in sessions.iterdir()}
    with pytest.raises(SessionError) as refusal:
        end(store, "me", timeout_s=stop_clock(monkeypatch, 2))
    assert refusal.value.message == "no time left: the end of the conversation is not noted in 2 of its sessions"
    assert ended(sessions) == ["new", "middle"]
    for name in ("old.json", "timeless.json", "other.json"):
        assert (sessions / name).read_bytes() == before[name]
    end(store, "me", timeout_s=stop_clock(monkeypatch, 2))
    assert ended(sessions) == NEWEST_FIRST


def test_out_of_time_when_it_goes_on(store: FileStore, sessions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    end(store, "me", timeout_s=60)
    with pytest.raises(SessionError) as refusal:
        go_on(store, "me", timeout_s=stop_clock(monkeypatch, 3))
    assert refusal.value.message == "no time left: the end of the conversation is still noted in 1 of its sessions"
    assert ended(sessions) == ["timeless"]


def test_the_time_is_for_all_sessions_together(
    store: FileStore, sessions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent CLI kills its hook after some time; each session may only wait for what is left of it."""
    transaction = FileStore.transaction
    limits: list[float] = []

    def noted(store: FileStore, timeout_s: float, *, create: bool = True) -> Any:
        limits.append(timeout_s)
        return transaction(store, 5, create=create)

    monkeypatch.setattr(FileStore, "transaction", noted)
    end(store, "me", timeout_s=stop_clock(monkeypatch, 4))
    assert limits == [4, 3, 2, 1]


def test_a_session_that_was_dropped_since_it_was_seen(
    store: FileStore, sessions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transaction = FileStore.transaction

    def drop_first(store: FileStore, timeout_s: float, *, create: bool = True) -> Any:
        (sessions / "middle.json").unlink(missing_ok=True)
        return transaction(store, timeout_s, create=create)

    monkeypatch.setattr(FileStore, "transaction", drop_first)
    end(store, "me", timeout_s=60)
    assert sorted(path.stem for path in sessions.iterdir()) == ["new", "old", "other", "timeless"]


def test_nothing_to_note_takes_no_lock(store: FileStore, sessions: Path) -> None:
    end(store, "nobody", timeout_s=0)
    assert list(sessions.parent.iterdir()) == [sessions]
