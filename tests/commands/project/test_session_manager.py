"""session_manager as users call it: a work session starts, ends and is logged; every command is recorded."""

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from session.root import STATE
from session.store.files import FileStore
from tests.project.conftest import Call, events, stored, write

COMMAND = "session_manager"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
LOG = r"1\.A\.5_\d{8}_\d{6}"


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def logs(folder: Path) -> list[Path]:
    return sorted((folder / "SESSION_LOGS").glob("*.json"), key=lambda path: (len(path.name), path.name))


class TestStart:
    def test_it_opens_a_session_in_its_phase(self, call: Call, prism: Path) -> None:
        write(prism, {"version": "1.0.0", "current": {"focus": "f"}, "updated": "then", "x": [1]})
        ended = call(COMMAND, "START", "2.B.7")
        assert (ended.code, ended.stderr) == (0, "")
        assert "║  Current Stage: 2.B      " in ended.stdout
        state = stored(prism)
        assert re.fullmatch(TIME, state.pop("lastUpdated"))
        assert re.fullmatch(TIME, state["currentSession"].pop("startTime"))
        assert state == {
            "version": "1.0.0",
            "current": {"focus": "f", "phase": "2.B"},
            "updated": "then",
            "x": [1],
            "currentSession": {
                "id": "2.B.7",
                "endTime": None,
                "completedItems": [],
                "filesCreated": [],
                "filesModified": [],
                "notes": [],
            },
        }
        assert [(one["command"], one["id"]) for one in events(prism)] == [("start", "2.B.7")]

    def test_a_project_begins(self, call: Call, project: Path) -> None:
        ended = call(COMMAND, "start", "fix login")
        assert ended.stdout.startswith("✅ State saved to ia/state/CURRENT_STATE.json\n")
        assert ended.stderr == f"created ia/state in {project}\n"
        assert "extracted" not in ended.stdout
        state = stored(project / "ia/state")
        assert list(state) == ["version", "lastUpdated", "currentSession", "history", "current"]
        assert (state["version"], state["history"], state["current"]) == ("1.0.0", [], {"phase": "fix login"})

    @pytest.mark.parametrize(
        ("session", "name"),
        [({"id": "1.A.4"}, "1.A.4"), ("1.A.4", "1.A.4"), ({}, "without an id"), ({"id": "a\x1b\n"}, "a\\u001b\\n")],
    )
    def test_one_at_a_time(self, call: Call, prism: Path, session: object, name: str) -> None:
        write(prism, {"currentSession": session})
        before = tree(prism)
        ended = call(COMMAND, "start", "1.A.5")
        assert (ended.code, ended.stdout) == (1, "")
        said = f"{prism}/CURRENT_STATE.json: a session is already open: {name}; nothing changed ("
        assert ended.stderr.startswith(said)
        assert tree(prism).keys() - before.keys() == {".lock"}
        assert before.items() <= tree(prism).items()

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ([], "start needs an id (usage: "),
            (["a", "b"], "unexpected argument: b (usage: "),
            ([""], "session id is empty"),
            (["../x"], "session id starts with '.'"),
            (["a/b"], "session id holds a slash or backslash"),
            (["a\nb"], "session id holds a control character"),
            (["x" * 181], "session id is longer than 180 bytes"),
            (["-x"], "session id starts with '-'"),
        ],
    )
    def test_wrong_words(self, call: Call, prism: Path, words: list[str], said: str) -> None:
        ended = call(COMMAND, "start", *words)
        assert (ended.code, ended.stdout) == (1, "")
        assert ended.stderr.startswith(said)
        assert ended.stderr.count("\n") == 1
        assert list(prism.iterdir()) == []

    @pytest.mark.parametrize(
        ("state", "said"),
        [
            ({"currentSession": 3}, "currentSession is not a session: 3"),
            ({"current": "1.A"}, 'current is not an object: "1.A"'),
        ],
    )
    def test_a_wrong_type(self, call: Call, prism: Path, state: object, said: str) -> None:
        before = write(prism, state).read_bytes()
        ended = call(COMMAND, "start", "1.A.5")
        assert (ended.code, ended.stdout) == (1, "")
        assert ended.stderr.startswith(f"{prism}/CURRENT_STATE.json: {said}; nothing changed")
        assert (prism / "CURRENT_STATE.json").read_bytes() == before
        assert not (prism / "SESSION_LOGS").exists()


class TestEnd:
    def test_a_session_and_its_log(self, call: Call, prism: Path) -> None:
        write(prism, {"history": [{"id": "old"}], "updated": "then"})
        assert call(COMMAND, "start", "1.A.5").code == 0
        assert call("update_state", "complete", "Did X").code == 0
        record = stored(prism)["currentSession"]
        ended = call(COMMAND, "end")
        assert (ended.code, ended.stderr) == (0, "")
        [log] = logs(prism)
        assert re.fullmatch(LOG, log.stem)
        assert ended.stdout.startswith(f"✅ State saved to {prism}/CURRENT_STATE.json\n✅ Session log: {log}\n")
        told = json.loads(log.read_text())
        assert list(told) == ["id", "startTime", "endTime", "completedItems", "filesCreated", "filesModified", "notes"]
        assert {**told, "endTime": None} == record
        assert told["completedItems"] == [f"{datetime.now(UTC).date()}: Did X"]
        state = stored(prism)
        assert (state["currentSession"], state["lastUpdated"]) == (None, told["endTime"])
        assert state["history"] == [
            {"id": "old"},
            {"id": "1.A.5", "start": told["startTime"], "end": told["endTime"], "logFile": f"SESSION_LOGS/{log.name}"},
        ]
        assert [(one["command"], one["id"]) for one in events(prism)] == [("start", "1.A.5"), ("end", "1.A.5")]

    def test_none_is_open(self, call: Call, prism: Path) -> None:
        for state in (None, {}, {"currentSession": None}, {"currentSession": ""}):
            if state is not None:
                write(prism, state)
            before = tree(prism)
            ended = call(COMMAND, "end")
            said = "no session is open; nothing changed (session project start ID opens one)\n"
            assert (ended.code, ended.stdout, ended.stderr) == (1, "", said)
            assert {name: text for name, text in tree(prism).items() if name != ".lock"} == before
            (prism / ".lock").unlink(missing_ok=state is None)

    def test_a_session_that_is_but_an_id(self, call: Call, prism: Path) -> None:
        write(prism, {"currentSession": "1.A.5"})
        assert call(COMMAND, "end").code == 0
        [log] = logs(prism)
        told = json.loads(log.read_text())
        assert (told["id"], told["startTime"], told["completedItems"]) == ("1.A.5", None, [])
        assert stored(prism)["history"][0]["start"] is None

    @pytest.mark.parametrize(
        ("session_id", "stem"),
        [
            ("../../etc/x", "etc-x"),
            ("a\x1b/b", "a--b"),
            ("é", "é"),
            ("é/", "session"),
            ("é/a", "a"),
            ("", "session"),
            ("-", "session"),
            (None, "session"),
            (5, "session"),
            ("x" * 300, "x" * 180),
        ],
    )
    def test_ids_of_other_tools_get_a_log_too(self, call: Call, prism: Path, session_id: object, stem: str) -> None:
        write(prism, {"currentSession": {"id": session_id, "extra": [1]}})
        assert call(COMMAND, "end").code == 0
        [log] = logs(prism)
        assert log.stem[:-16] == stem
        assert json.loads(log.read_text())["extra"] == [1]
        assert call(COMMAND, "verify").code == 0 or not isinstance(session_id, str)

    def test_logs_of_one_second_are_numbered(self, call: Call, prism: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PYTHONPATH", f"{_stopped_clock(prism.parent)}{os.pathsep}{os.environ['PYTHONPATH']}")
        for _ in range(3):
            assert call(COMMAND, "start", "1.A.5").code == 0
            assert call(COMMAND, "end").code == 0
        stem = "1.A.5_20260129_224248"
        assert [path.stem for path in logs(prism)] == [stem, f"{stem}-2", f"{stem}-3"]
        named = [entry["logFile"] for entry in stored(prism)["history"]]
        assert named == [f"SESSION_LOGS/{stem}{number}.json" for number in ("", "-2", "-3")]

    @pytest.mark.parametrize(
        ("state", "said"),
        [
            ({"history": {}}, "history is not a list: {}"),
            ({"currentSession": {"completedItems": "x"}}, 'currentSession.completedItems is not a list: "x"'),
            ({"currentSession": {"filesCreated": 1}}, "currentSession.filesCreated is not a list: 1"),
        ],
    )
    def test_a_wrong_type(self, call: Call, prism: Path, state: dict[str, object], said: str) -> None:
        before = write(prism, {"currentSession": {"id": "a"}, **state}).read_bytes()
        ended = call(COMMAND, "end")
        assert (ended.code, ended.stdout) == (1, "")
        assert ended.stderr.startswith(f"{prism}/CURRENT_STATE.json: {said}; nothing changed")
        assert (prism / "CURRENT_STATE.json").read_bytes() == before
        assert logs(prism) == []

    def test_what_is_in_the_way_of_its_log_is_no_half_end(self, call: Call, prism: Path) -> None:
        write(prism, {"currentSession": {"id": "a"}})
        before = (prism / "CURRENT_STATE.json").read_bytes()
        (prism / "SESSION_LOGS").write_text("a file")
        ended = call(COMMAND, "end")
        assert (ended.code, ended.stdout) == (1, "")
        assert "SESSION_LOGS" in ended.stderr
        assert (prism / "CURRENT_STATE.json").read_bytes() == before
        assert not (prism / ".journal").exists()


def _stopped_clock(folder: Path) -> Path:
    """Return a folder for $PYTHONPATH that stops the clock of a command."""
    (folder / "stopped").mkdir()
    (folder / "stopped/sitecustomize.py").write_text(
        "from session.host import clock\nclock.now_ms = lambda: 1769726568473\n", encoding="utf-8"
    )
    return folder / "stopped"


class TestEvents:
    def test_reading_commands_are_noted(self, call: Call, prism: Path) -> None:
        write(prism, {})
        for words in (["status"], ["verify"], ["status", "--json"], ["start", "s"], ["verify"]):
            assert call(COMMAND, *words).code == 0
        noted = [(one["command"], one["id"]) for one in events(prism)]
        assert noted == [("status", None), ("verify", None), ("status", None), ("start", "s"), ("verify", "s")]
        for one in events(prism):
            assert list(one) == ["time", "command", "id"]
            assert re.fullmatch(TIME, one["time"])

    def test_nothing_is_created_where_nothing_is(self, call: Call, prism: Path, project: Path) -> None:
        for words in ([], ["status"], ["verify"], ["--help"], ["pause"], ["end"]):
            call(COMMAND, *words)
            call(COMMAND, *words, env={"PRISM_ROOT": ""})
        assert list(prism.iterdir()) == []
        assert list(project.iterdir()) == []

    def test_a_log_that_can_not_be_had_hinders_no_reader(self, call: Call, prism: Path) -> None:
        write(prism, {})
        (prism / "SESSION_LOGS").write_text("a file")
        ended = call(COMMAND, "status")
        assert (ended.code, ended.stderr) == (0, "")
        assert call(COMMAND, "start", "s").code == 1
        (prism / "SESSION_LOGS").unlink()
        (prism / "SESSION_LOGS/events.jsonl").mkdir(parents=True)
        ended = call(COMMAND, "verify")
        assert (ended.code, ended.stderr) == (0, "")
        ended = call(COMMAND, "start", "s")
        assert (ended.code, ended.stdout) == (1, "")
        assert ended.stderr == f"{prism}/SESSION_LOGS/events.jsonl is not a file; nothing changed (move it away)\n"
        assert stored(prism) == {}

    def test_a_lock_that_can_not_be_had_hinders_no_reader(self, call: Call, prism: Path) -> None:
        write(prism, {})
        (prism / ".lock").mkdir()
        for words in (["status"], ["verify"]):
            ended = call(COMMAND, *words)
            assert (ended.code, ended.stderr) == (0, "")
        assert not (prism / "SESSION_LOGS").exists()

    def test_a_lock_that_is_held_hinders_no_reader(self, call: Call, prism: Path) -> None:
        write(prism, {})
        with FileStore(str(prism), place=STATE).transaction(5):
            assert call(COMMAND, "status").code == 0
            ended = call(COMMAND, "start", "s", env={"WORKFLOW_SESSION_LOCK_TIMEOUT_S": "0"})
            assert (ended.code, ended.stdout) == (4, "")
        assert not (prism / "SESSION_LOGS").exists()

    def test_a_broken_state_is_noted_too(self, call: Call, prism: Path) -> None:
        (prism / "CURRENT_STATE.json").write_text("{bad")
        assert call(COMMAND, "verify").code == 1
        assert [(one["command"], one["id"]) for one in events(prism)] == [("verify", None)]

    def test_it_does_not_grow_without_bound(self, call: Call, prism: Path) -> None:
        write(prism, {})
        folder = prism / "SESSION_LOGS"
        folder.mkdir()
        old = b'{"time":"then","command":"status","id":null}\n' * 24_000
        (folder / "events.jsonl").write_bytes(old[: (1 << 20) - 100])  # the last line, cut by another tool
        assert call(COMMAND, "start", "s").code == 0
        assert len(list(folder.glob("events-*.jsonl"))) == 0
        assert call(COMMAND, "status").code == 0
        [kept] = folder.glob("events-*.jsonl")
        assert re.fullmatch(r"events-\d{8}_\d{6}", kept.stem)
        assert kept.read_bytes().startswith(old[: (1 << 20) - 100] + b"\n")
        assert json.loads(kept.read_bytes().splitlines()[-1])["command"] == "start"
        assert [one["command"] for one in events(prism)] == ["status"]


class TestStatus:
    def test_an_open_session(self, call: Call, prism: Path) -> None:
        record = {"id": "1.A.5\x1b", "startTime": "2026-01-29T22:42:48.473Z"}
        current = {"phase": "1.A", "focus": "a\nb", "blocker": "x" * 100}
        write(prism, {"currentSession": record, "lastUpdated": "2026-01-29T22:42:48.473Z", "current": current})
        lines = [line.strip("║").strip() for line in call(COMMAND, "status").stdout.splitlines()]
        assert lines[4:10] == [
            "Session:       1.A.5\\u001b",
            "Start Time:    2026-01-29 22:42:48",
            "Phase:         1.A",
            "Focus:         a\\nb",
            f"Blocker:       {'x' * 45}… (55 more characters)",
            "Last Updated:  2026-01-29T22:42:48",
        ]

    def test_counters(self, call: Call, prism: Path) -> None:
        write(prism, {"quick_stats": {"a": 7, "b": "1/0", "c\x1b": "1/3", "extracted": "9/9"}})
        lines = [line.strip("║").strip() for line in call(COMMAND, "status").stdout.splitlines()]
        assert lines[9:12] == [
            "A:                7",
            "B:                1 /   0  (  0.0%)",
            "C\\u001b:          1 /   3  ( 33.3%)",
        ]

    def test_corrupt(self, call: Call, prism: Path) -> None:
        (prism / "CURRENT_STATE.json").write_text("{bad")
        for words in (["status"], ["status", "--json"], ["end"], ["start", "s"]):
            ended = call(COMMAND, *words)
            assert (ended.code, ended.stdout) == (1, "")
            assert ended.stderr.startswith(f"{prism}/CURRENT_STATE.json is not valid JSON")
            assert "checkpoint restore" in ended.stderr
        assert (prism / "CURRENT_STATE.json").read_text() == "{bad"

    def test_odd(self, call: Call, prism: Path) -> None:
        write(prism, {"currentSession": 3})
        ended = call(COMMAND, "status")
        assert (ended.code, ended.stdout) == (1, "")
        assert ended.stderr.startswith(f"{prism}/CURRENT_STATE.json: currentSession is not a session: 3")


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["start", "--help"], ["verify", "-h"]])
def test_help(call: Call, project: Path, words: list[str]) -> None:
    ended = call(COMMAND, *words)
    assert (ended.code, ended.stderr) == (0, "")
    assert ended.stdout.startswith("usage: session project start ID | ")


def test_nothing_asked(call: Call, prism: Path) -> None:
    write(prism, {"currentSession": {"id": "1.A.5"}})
    ended = call(COMMAND)
    assert (ended.code, ended.stderr) == (0, "")
    assert ended.stdout.startswith("\nPRISM Session Manager v1.0\n")
    assert "║  Session:       1.A.5 " in ended.stdout


@pytest.mark.parametrize("words", [["end", "x"], ["status", "x"], ["status", "--json", "x"], ["verify", "-x"]])
def test_too_many_words(call: Call, prism: Path, words: list[str]) -> None:
    ended = call(COMMAND, *words)
    assert (ended.code, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"unexpected argument: {words[-1]} (usage: session project start ID | status | end | verify)\n"
    )
