"""Many processes at once: no completion is lost, one session opens, one end is logged."""

import json
from pathlib import Path

import pytest

from session.root import STATE
from session.store.files import FileStore
from tests.project.conftest import Call, events, stored, write
from tests.together import be_patient
from tests.together import together as at_once

WRITERS = 32


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    be_patient(monkeypatch)


def together(prism: Path, *commands: list[str]) -> list[tuple[int, str, str]]:
    store = FileStore(str(prism), place=STATE)
    return at_once(store, *([f"session.commands.{words[0]}", *words[1:]] for words in commands))


def test_32_completions(prism: Path, call: Call) -> None:
    """The open work session holds all tasks, the state the newest ten, and every process succeeded."""
    assert call("session_manager", "start", "1.A.5").code == 0
    ended = together(prism, *[["update_state", "complete", f"task {n}"] for n in range(WRITERS)])
    assert [(code, err) for code, _, err in ended] == [(0, "")] * WRITERS
    state = stored(prism)
    done = [entry.partition(": ")[2] for entry in state["currentSession"]["completedItems"]]
    assert sorted(done) == sorted(f"task {n}" for n in range(WRITERS))
    assert state["last_completed"] == list(reversed(state["currentSession"]["completedItems"]))[:10]


def test_32_updates_of_every_kind(prism: Path) -> None:
    write(prism, {"quick_stats": {f"n{n}": "0/100" for n in range(8)}, "keep": [1]})
    commands = [["update_state", "stats", f"n{n}", str(n + 1)] for n in range(8)]
    commands += [["update_state", "next", f"1.{n}", f"task {n}"] for n in range(8)]
    commands += [["update_state", "complete", f"did {n}"] for n in range(8)]
    commands += [["session_manager", "status"] for _ in range(8)]
    ended = together(prism, *commands)
    assert [(code, err) for code, _, err in ended] == [(0, "")] * len(commands)
    state = stored(prism)
    assert state["quick_stats"] == {f"n{n}": f"{n + 1}/100" for n in range(8)}
    assert sorted(task["id"] for task in state["next_tasks"]) == [f"1.{n}" for n in range(8)]
    assert sorted(entry.partition(": ")[2] for entry in state["last_completed"]) == [f"did {n}" for n in range(8)]
    assert state["keep"] == [1]


def test_one_session_opens_and_one_end_is_logged(prism: Path) -> None:
    write(prism, {})
    ended = together(prism, *[["session_manager", "start", f"s{n}"] for n in range(8)])
    [winner] = [n for n, (code, _, _) in enumerate(ended) if code == 0]
    assert stored(prism)["currentSession"]["id"] == f"s{winner}"
    for code, out, err in [one for n, one in enumerate(ended) if n != winner]:
        assert (code, out) == (1, "")
        assert f"a session is already open: s{winner}" in err
    ended = together(prism, *[["session_manager", "end"]] * 8)
    assert sorted(code for code, _, _ in ended) == [0] + [1] * 7
    [log] = (prism / "SESSION_LOGS").glob("*.json")
    assert json.loads(log.read_text())["id"] == f"s{winner}"
    assert [entry["id"] for entry in stored(prism)["history"]] == [f"s{winner}"]
    assert [(one["command"], one["id"]) for one in events(prism)] == [("start", f"s{winner}"), ("end", f"s{winner}")]
