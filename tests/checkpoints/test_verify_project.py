"""Each check of `verify` passes on a good state, and fails with a reason on a bad one."""

import json
from pathlib import Path
from typing import Any

import pytest

from session.project import state_checks
from tests.project.conftest import Call, write

FACE = "session_manager"
GOOD: dict[str, Any] = {
    "version": "1.0.0",
    "lastUpdated": "2026-01-20T17:15:00",
    "updated": "2026-01-20T17:15:00.123Z",
    "currentSession": {"id": "s", "startTime": "2026-01-20", "endTime": None, "completedItems": [], "notes": "x"},
    "history": [{"id": "a", "start": "2026-01-20T17:15:00+01:00", "end": None}, {}],
    "last_completed": ["2026-01-20: a", "2024-02-29: b"],
    "next_tasks": [{"id": "1", "task": "t", "priority": "HIGH"}, {}],
    "current": {"phase": "1.A", "focus": None, "blocker": None, "mood": 3},
    "quick_stats": {"a": "7/62", "b": 8},
    "extraction": {"stage": "1", "progress": {"a": {"total": 62, "extracted": 7}}},
    "other": {"lastUpdated": "soon"},
}


def failed(call: Call, code: int = 1) -> dict[str, str]:
    """Run `verify`; return the reason of each check that fails, by the check's name."""
    ended = call(FACE, "verify", "--json")
    assert (ended.code, ended.stderr) == (code, "")
    answer = json.loads(ended.stdout)
    assert answer["passed"] is (code == 0)
    assert [check["name"] for check in answer["checks"]] == [
        "STATE_FILE_EXISTS",
        "STATE_IS_JSON",
        "STATE_SHAPE",
        "DATES",
        "SESSION_LOGS",
        "NEWEST_CHECKPOINT",
    ]
    assert all(check["passed"] is (check["reason"] == "") for check in answer["checks"])
    return {check["name"]: check["reason"] for check in answer["checks"] if check["reason"]}


def test_all_is_well(call: Call, prism: Path) -> None:
    write(prism, GOOD)
    assert failed(call, 0) == {}
    ended = call(FACE, "verify")
    assert (ended.code, ended.stdout.splitlines()[-1]) == (0, "  Total: 6/6 checks passed")


def test_everything_is_optional(call: Call, prism: Path) -> None:
    write(prism, {})
    assert failed(call, 0) == {}
    write(prism, dict.fromkeys(GOOD))
    assert failed(call, 0) == {}


def test_without_a_state(call: Call, prism: Path) -> None:
    unread = "the state can't be read"
    assert failed(call) == {
        "STATE_FILE_EXISTS": f"{prism}/CURRENT_STATE.json is not there",
        **dict.fromkeys(["STATE_IS_JSON", "STATE_SHAPE", "DATES", "SESSION_LOGS"], unread),
    }


@pytest.mark.parametrize("body", [b"{bad", b"", b"[1]", b'{"a": "\xff"}'])
def test_a_corrupt_state(call: Call, prism: Path, body: bytes) -> None:
    (prism / "CURRENT_STATE.json").write_bytes(body)
    reasons = failed(call)
    assert set(reasons) == {"STATE_IS_JSON", "STATE_SHAPE", "DATES", "SESSION_LOGS"}
    assert reasons["STATE_IS_JSON"].startswith(f"{prism}/CURRENT_STATE.json is not ")
    assert (prism / "CURRENT_STATE.json").read_bytes() == body
    ended = call(FACE, "verify")
    assert "  STATE_FILE_EXISTS: ✅ PASS\n  STATE_IS_JSON: ❌ FAIL (" in ended.stdout
    assert ended.stdout.endswith("  Total: 2/6 checks passed\n")


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("version", [], "version is a list, not a text or a number"),
        ("updated", 3, "updated is a number, not a text"),
        ("currentSession", 3, "currentSession is a number, not an object or a text"),
        ("currentSession", {"completedItems": "x"}, "currentSession.completedItems is a text, not a list"),
        ("history", {}, "history is an object, not a list"),
        ("history", ["x"], "history[0] is a text, not an object"),
        ("history", [{}, {"logFile": 3}], "history[1].logFile is a number, not a text"),
        ("last_completed", "oops", "last_completed is a text, not a list"),
        ("last_completed", [None], "last_completed[0] is null, not a text"),
        ("next_tasks", ["x"], "next_tasks[0] is a text, not an object"),
        ("next_tasks", [{"task": True}], "next_tasks[0].task is true, not a text"),
        ("current", "1.A", "current is a text, not an object"),
        ("current", {"blocker": ["x"]}, "current.blocker is a list, not a text"),
        ("quick_stats", [], "quick_stats is a list, not an object"),
        ("quick_stats", {"a\x1b": {}}, "quick_stats.a\\u001b is an object, not a text or a number"),
        ("extraction", 3, "extraction is a number, not an object"),
        ("extraction", {"progress": 3}, "extraction.progress is a number, not an object"),
        ("extraction", {"progress": {"a": 3}}, "extraction.progress.a is a number, not an object"),
        ("extraction", {"progress": {"a": {"total": "62"}}}, "extraction.progress.a.total is a text, not a number"),
    ],
)
def test_each_type(key: str, value: Any, reason: str) -> None:
    assert state_checks.wrong_types({**GOOD, key: value}) == [reason]
    assert state_checks.wrong_types(GOOD) == []


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("lastUpdated", "soon", "lastUpdated is no time: soon"),
        ("updated", "2026-13-01T00:00:00Z", "updated is no time: 2026-13-01T00:00:00Z"),
        ("currentSession", {"startTime": "\x1b"}, "currentSession.startTime is no time: \\u001b"),
        ("history", [{}, {"end": "x"}], "history[1].end is no time: x"),
        ("last_completed", ["a"], "last_completed[0] does not begin with a date: a"),
        (
            "last_completed",
            ["2026-01-20: a", "2026-02-30: b"],
            "last_completed[1] does not begin with a date: 2026-02-30: b",
        ),
        ("last_completed", ["20260120:: a"], "last_completed[0] does not begin with a date: 20260120:: a"),
        ("last_completed", ["2026-01-20 a"], "last_completed[0] does not begin with a date: 2026-01-20 a"),
    ],
)
def test_each_time(key: str, value: Any, reason: str) -> None:
    assert state_checks.wrong_times({**GOOD, key: value}) == [reason]
    assert state_checks.wrong_times(GOOD) == []


def test_many_reasons_are_counted(call: Call, prism: Path) -> None:
    write(prism, {"last_completed": list(range(9)), "quick_stats": {"\x1b" * 300: []}})
    assert failed(call)["STATE_SHAPE"].endswith("last_completed[2] is a number, not a text; and 7 more")


class TestLogs:
    def history(self, prism: Path, *named: object) -> None:
        write(prism, {"history": [{"id": "a", "logFile": one} for one in named]})
        (prism / "SESSION_LOGS").mkdir(exist_ok=True)
        (prism / "SESSION_LOGS/good_1.json").write_text('{"id": "good"}')

    @pytest.mark.parametrize(
        "named",
        [
            "SESSION_LOGS/good_1.json",
            "C:\\PRISM\\SESSION_LOGS\\good_1.json",
            "/old/SESSION_LOGS/good_1.json",
            "good_1.json",
            None,
        ],
    )
    def test_wherever_it_was(self, call: Call, prism: Path, named: str | None) -> None:
        self.history(prism, named)
        assert failed(call, 0) == {}

    @pytest.mark.parametrize(
        ("named", "reason"),
        [
            ("SESSION_LOGS/gone.json", "SESSION_LOGS/gone.json is not there"),
            ("SESSION_LOGS/../../etc/passwd", "SESSION_LOGS/../../etc/passwd is not there"),
            ("..", ".. can't be read: name starts with '.': .."),
            ("a\x1b", "a\\u001b can't be read: name holds a control character: a\\u001b"),
            (
                "bad.json",
                "bad.json is not valid JSON: expecting property name enclosed in double quotes at character 1",
            ),
            ("list.json", "list.json holds no log"),
        ],
    )
    def test_each_fault(self, call: Call, prism: Path, named: str, reason: str) -> None:
        self.history(prism, "good_1.json", named)
        (prism / "SESSION_LOGS/bad.json").write_text("{bad")
        (prism / "SESSION_LOGS/list.json").write_text("[]")
        assert failed(call) == {"SESSION_LOGS": reason}

    def test_after_a_session(self, call: Call, prism: Path) -> None:
        assert call(FACE, "start", "1.A.5").code == 0
        assert call(FACE, "end").code == 0
        assert failed(call, 0) == {}
        [log] = (prism / "SESSION_LOGS").glob("1.A.5_*.json")
        log.unlink()
        assert failed(call) == {"SESSION_LOGS": f"SESSION_LOGS/{log.name} is not there"}


class TestNewestCheckpoint:
    def checkpoint(self, prism: Path, name: str, text: str) -> None:
        (prism / "CHECKPOINTS" / name).mkdir(parents=True)
        (prism / "CHECKPOINTS" / name / "checkpoint.json").write_text(text)

    def good(self, name: str) -> str:
        return json.dumps({"checkpoint_id": name, "created": "2026-01-20T10:00:00", "files": [], "state_snapshot": {}})

    def test_the_newest_counts(self, call: Call, prism: Path) -> None:
        write(prism, {})
        self.checkpoint(prism, "CP_20260119_000000", "{bad")
        assert "NEWEST_CHECKPOINT" in failed(call)
        self.checkpoint(prism, "CP_20260120_100000", self.good("CP_20260120_100000"))
        assert failed(call, 0) == {}
        self.checkpoint(prism, "CP_20260121_000000", "{bad")
        assert failed(call)["NEWEST_CHECKPOINT"].startswith("CP_20260121_000000: is not valid JSON")

    def test_one_without_a_state(self, call: Call, prism: Path) -> None:
        write(prism, {})
        self.checkpoint(prism, "CP_20260121_000000", '{"checkpoint_id": "CP_20260121_000000"}')
        assert failed(call) == {"NEWEST_CHECKPOINT": "CP_20260121_000000: it holds no project state"}
