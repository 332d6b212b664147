"""update_state as users call it: its output, its changes of the state, its errors."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.project.conftest import Call, stored, write

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
COMMAND = "update_state"
WRITERS = [["complete", "x"], ["next", "1.A.2", "x"], ["stats", "a", "1"], ["blocker", "x"], ["clear-blocker"]]
USAGE = "(usage: session project complete TEXT | "


def today() -> str:
    return datetime.now(UTC).date().isoformat()


@pytest.fixture
def state_path(project: Path) -> str:
    return "ia/state/CURRENT_STATE.json"


class TestWrites:
    def test_words_are_joined_and_case_does_not_matter(self, call: Call, prism: Path) -> None:
        assert call(COMMAND, "COMPLETE", "Did", "X,", " Y").stdout.endswith(f"Added: {today()}: Did X,  Y\n")
        assert call(COMMAND, "Next", "1.A.2", "Extract", "machines").stdout.endswith(
            "Next task: 1.A.2 - Extract machines\n"
        )
        assert call(COMMAND, "Blocker", "-", "--waiting").stdout.endswith("Blocker: - --waiting\n")
        assert stored(prism)["current"] == {"phase": "1.A", "blocker": "- --waiting"}
        assert call(COMMAND, "CLEAR-BLOCKER").stdout.endswith("Blocker cleared: - --waiting\n")
        assert call(COMMAND, "Stats", "databases", "8").stdout.endswith("Updated databases: 8/62\n")
        assert stored(prism)["last_completed"] == [f"{today()}: Did X,  Y"]

    def test_in_a_project(self, call: Call, project: Path, state_path: str) -> None:
        ended = call(COMMAND, "complete", "x")
        assert ended.stdout == f"✅ State updated: {state_path}\nAdded: {today()}: x\n"
        assert ended.stderr == f"created ia/state in {project}\n"
        state = stored(project / "ia/state")
        assert list(state) == ["version", "lastUpdated", "currentSession", "history", "last_completed", "updated"]
        assert re.fullmatch(TIME, state["updated"])
        (project / "below").mkdir()
        ended = call(COMMAND, "complete", "y", cwd=project / "below")
        assert ended.stdout == f"✅ State updated: {project}/{state_path}\nAdded: {today()}: y\n"

    @pytest.mark.parametrize("words", WRITERS[:-1], ids=lambda words: words[0])
    def test_a_missing_state_is_created(self, call: Call, prism: Path, words: list[str]) -> None:
        ended = call(COMMAND, *words)
        assert (ended.code, ended.stderr) == (0, "")
        assert ended.stdout.startswith(f"✅ State updated: {prism}/CURRENT_STATE.json\n")
        assert stored(prism)["extraction"]["progress"]["databases"]["total"] == 62

    @pytest.mark.parametrize("words", WRITERS[:-1], ids=lambda words: words[0])
    def test_the_other_time_and_what_is_unknown_are_kept(self, call: Call, prism: Path, words: list[str]) -> None:
        old = {
            "zeta": {"é": [1, None]},
            "lastUpdated": "then",
            "updated": "then",
            "big": 2**70,
            "deep": {"a": "\ud800"},
        }
        write(prism, old)
        assert call(COMMAND, *words).code == 0
        new = stored(prism)
        assert re.fullmatch(TIME, new.pop("updated"))
        assert {key: new[key] for key in old if key != "updated"} == {k: v for k, v in old.items() if k != "updated"}
        assert list(json.loads((prism / "CURRENT_STATE.json").read_text()))[:5] == list(old)

    def test_clearing_no_blocker_changes_nothing(self, call: Call, prism: Path) -> None:
        ended = call(COMMAND, "clear-blocker")
        assert (ended.code, ended.stdout, ended.stderr) == (0, "No blocker was set\n", "")
        assert not (prism / "CURRENT_STATE.json").exists()
        assert call(COMMAND, "blocker", "x").code == 0
        assert call(COMMAND, "clear-blocker").code == 0
        once = (prism / "CURRENT_STATE.json").read_bytes()
        ended = call(COMMAND, "clear-blocker")
        assert (ended.code, ended.stdout, ended.stderr) == (0, "No blocker was set\n", "")
        assert (prism / "CURRENT_STATE.json").read_bytes() == once

    def test_a_text_of_any_characters(self, call: Call, prism: Path) -> None:
        text = 'a\x1b[31m\n\u202e"b" \\ 🚀 \u0085 ٣'
        ended = call(COMMAND, "complete", text)
        assert ended.stdout.splitlines()[1:] == [f'Added: {today()}: a\\u001b[31m\\n\\u202e"b" \\ 🚀 \\u0085 ٣']
        assert stored(prism)["last_completed"] == [f"{today()}: {text}"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["frobnicate"], "unknown command: frobnicate"),
            ([""], "the command is empty"),
            (["complete"], "complete needs a text"),
            (["complete", ""], "complete needs a text"),
            (["complete", " \n", ""], "complete needs a text"),
            (["blocker"], "blocker needs a text"),
            (["next"], "next needs an id and a text"),
            (["next", "1.A.2"], "next needs an id and a text"),
            (["next", "1.A.2", " "], "next needs an id and a text"),
            (["next", "", "x"], "next needs an id and a text"),
            (["stats"], "stats needs a name and a number"),
            (["stats", "a"], "stats needs a name and a number"),
            (["stats", "", "1"], "stats needs a name and a number"),
            (["stats", "a", "1", "2"], "stats needs a name and a number"),
            (["stats", "a", "-1"], "not N or N/TOTAL, whole numbers of up to 15 digits: -1"),
            (["stats", "a", "8/"], "not N or N/TOTAL, whole numbers of up to 15 digits: 8/"),
            (["stats", "a", "eight\x1b"], "not N or N/TOTAL, whole numbers of up to 15 digits: eight\\u001b"),
            (["clear-blocker", "x"], "unexpected argument: x"),
            (["complete", "a task", "--json"], "unexpected argument: --json"),
            (["blocker", "x", "--json"], "unexpected argument: --json"),
            (["status", "x"], "unexpected argument: x"),
            (["--frob"], "unknown command: --frob"),
        ],
    )
    def test_wrong_words(self, call: Call, prism: Path, words: list[str], said: str) -> None:
        path = write(prism, {"updated": "then"})
        before = path.read_bytes()
        ended = call(COMMAND, *words)
        assert (ended.code, ended.stdout) == (1, "")
        assert ended.stderr.startswith(f"{said} {USAGE}")
        assert ended.stderr.count("\n") == 1
        assert path.read_bytes() == before
        assert [entry.name for entry in prism.iterdir()] == ["CURRENT_STATE.json"]

    def test_bytes_that_are_no_text(self, call: Call, prism: Path) -> None:
        ended = call(COMMAND, "complete", b"\xff")
        assert (ended.code, ended.stdout, ended.stderr) == (1, "", "the text is not valid UTF-8\n")
        assert list(prism.iterdir()) == []

    @pytest.mark.parametrize("words", WRITERS, ids=lambda words: words[0])
    @pytest.mark.parametrize("body", [b"{bad", b"", b"\0" * 512, b"[]", b"null", b'{"a": "\xff"}'])
    def test_a_corrupt_state_stays_as_it_is(self, call: Call, prism: Path, words: list[str], body: bytes) -> None:
        path = prism / "CURRENT_STATE.json"
        path.write_bytes(body)
        ended = call(COMMAND, *words)
        assert (ended.code, ended.stdout) == (1, "")
        assert ended.stderr.startswith(f"{path} is not ")
        assert "checkpoint restore" in ended.stderr
        assert ended.stderr.count("\n") == 1
        assert path.read_bytes() == body

    @pytest.mark.parametrize(
        ("words", "state", "said"),
        [
            (["complete", "x"], {"last_completed": "oops"}, 'last_completed is not a list: "oops"'),
            (["complete", "x"], {"next_tasks": 3}, "next_tasks is not a list: 3"),
            (["complete", "x"], {"currentSession": [1]}, "currentSession is not an object: [1]"),
            (["next", "a", "x"], {"next_tasks": {}}, "next_tasks is not a list: {}"),
            (["next", "a", "x"], {"current": "1.A"}, 'current is not an object: "1.A"'),
            (["blocker", "x"], {"current": []}, "current is not an object: []"),
            (["stats", "a", "1"], {"quick_stats": []}, "quick_stats is not an object: []"),
            (["stats", "a", "1"], {"quick_stats": {"a": "many"}}, 'quick_stats.a is not a counter: "many"'),
        ],
    )
    def test_a_wrong_type(self, call: Call, prism: Path, words: list[str], state: object, said: str) -> None:
        path = write(prism, state)
        before = path.read_bytes()
        ended = call(COMMAND, *words)
        assert (ended.code, ended.stdout) == (1, "")
        assert ended.stderr.startswith(f"{path}: {said}; nothing changed (")
        assert path.read_bytes() == before

    def test_a_folder_in_its_place(self, call: Call, prism: Path) -> None:
        (prism / "CURRENT_STATE.json").mkdir()
        ended = call(COMMAND, "complete", "x")
        assert (ended.code, ended.stdout) == (1, "")
        assert ended.stderr == f"{prism}/CURRENT_STATE.json is not a file; nothing changed (move it away)\n"

    def test_a_root_that_is_not_there(self, call: Call, tmp_path: Path) -> None:
        ended = call(COMMAND, "complete", "x", env={"PRISM_ROOT": str(tmp_path / "gone")})
        assert (ended.code, ended.stdout) == (1, "")
        assert ended.stderr.startswith(f"PRISM_ROOT is not a folder: {tmp_path}/gone")


class TestStatus:
    def test_what_it_shows(self, call: Call, prism: Path) -> None:
        write(
            prism,
            {
                "current": {"phase": "1.A", "focus": "a\x1b[2J\nb", "blocker": "x" * 300},
                "quick_stats": {"databases": "7/62", "new\nline": 3},
            },
        )
        lines = call(COMMAND, "status").stdout.splitlines()
        assert lines[3:5] == ["Phase: 1.A", "Focus: a\\u001b[2J\\nb"]
        assert lines[5] == f"Blocker: {'x' * 200}… (100 more characters)"
        assert lines[6] == "Stats: databases 7/62, new\\nline 3"

    @pytest.mark.parametrize("extracted", [7, "7/831 modules"])
    def test_the_sum_stands_for_all(self, call: Call, prism: Path, extracted: object) -> None:
        write(prism, {"quick_stats": {"databases": "7/62", "extracted": extracted}})
        assert call(COMMAND, "status").stdout.splitlines()[6] == f"Stats: {extracted}"

    @pytest.mark.parametrize("state", [{}, {"current": [], "quick_stats": "x", "extraction": 3}])
    def test_what_is_missing_or_odd_is_none(self, call: Call, prism: Path, state: object) -> None:
        write(prism, state)
        lines = call(COMMAND, "status").stdout.splitlines()
        assert lines[3:7] == ["Phase: None", "Focus: None", "Blocker: None", "Stats: None"]

    def test_without_a_state(self, call: Call, project: Path, state_path: str) -> None:
        ended = call(COMMAND, "status")
        said = f"no project state yet: {state_path} (the first update creates it)\n"
        assert (ended.code, ended.stdout, ended.stderr) == (1, "", said)
        ended = call(COMMAND)
        assert (ended.code, ended.stderr) == (0, said)
        assert ended.stdout.startswith("\nPRISM State Updater v1.0\n")
        assert call(COMMAND, "status", "--json").stdout == "null\n"
        assert list(project.iterdir()) == []

    def test_as_json(self, call: Call, prism: Path) -> None:
        write(prism, {"current": {"phase": "1.A"}, "quick_stats": {"a": "7/62"}, "currentSession": "s"})
        assert json.loads(call(COMMAND, "status", "--json").stdout) == {
            "path": f"{prism}/CURRENT_STATE.json",
            "session": {"id": "s"},
            "phase": "1.A",
            "focus": None,
            "blocker": None,
            "next_tasks": [],
            "last_completed": [],
            "counters": {"a": {"value": 7, "total": 62}},
            "lastUpdated": None,
            "updated": None,
        }

    def test_corrupt(self, call: Call, prism: Path) -> None:
        (prism / "CURRENT_STATE.json").write_text("{bad")
        for words in ([], ["status"], ["status", "--json"]):
            ended = call(COMMAND, *words)
            assert (ended.code, ended.stdout) == (1, "")
            assert "checkpoint restore" in ended.stderr


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["complete", "--help"], ["stats", "-h"], ["frob", "--help"]])
def test_help(call: Call, project: Path, words: list[str]) -> None:
    ended = call(COMMAND, *words)
    assert (ended.code, ended.stderr) == (0, "")
    assert ended.stdout.startswith("usage: session project complete TEXT | ")
    assert list(project.iterdir()) == []
