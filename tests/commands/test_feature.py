"""Test `session feature`: its commands, answers and refusals. start and tested: see test_feature_run."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.commands.terminal import on_a_terminal, plain
from tests.conftest import REPOSITORY, command
from tests.entry.laying import feature, files, lay, listing, load
from tests.entry.repositories import commit_files


def one(project: Path, name: str) -> dict[str, Any]:
    return dict(next(each for each in load(project, "feature-list.json")["features"] if each["id"] == name))


def test_add_writes_what_was_said(project: Path, typed: Any) -> None:
    assert typed("add", "F-1", "Users", "can", "log", "in") == (0, "F-1 added\n", "")
    words = ("--priority", "P0", "--type", "fix", "--depends", "F-1, F-1", "--notes", "n", "--file", "a", "--file", "b")
    assert typed("add", "F-2", "Second", *words, "--tests", "make a", "--tests", "make b")[0] == 0
    assert one(project, "F-1") == {
        "id": "F-1",
        "description": "Users can log in",
        "type": "feature",
        "priority": "P1",
        "status": "pending",
        "tested": False,
        "dependencies": [],
        "tests": [],
        "files": [],
        "notes": "",
    }
    second = one(project, "F-2")
    assert (second["priority"], second["type"], second["notes"]) == ("P0", "fix", "n")
    assert (second["dependencies"], second["tests"], second["files"]) == (["F-1"], ["make a", "make b"], ["a", "b"])
    assert load(project, "feature-list.json")["project"] == project.name


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "Usage: session feature COMMAND ... (session feature --help lists the commands)"),
        (["lst"], "unknown word: lst (did you mean list?)"),
        (["--jsn"], "unknown option: --jsn (session feature --help lists the commands)"),
        (["add", "F-2"], "the following arguments are required: DESCRIPTION ("),
        (["add", "F 2", "x"], "not a feature's id, which is one word of up to 80 characters: F 2"),
        (["add", "F-2", " "], "the description is empty (session feature add ID DESCRIPTION)"),
        (["add", "F-2", "x", "--priority", "P3"], "argument --priority: invalid choice: 'P3' ("),
        (["add", "F-2", "x", "--tests", " "], "--tests is empty (session feature add --help)"),
        (["add", "F-2", "x", "--tests", "y" * 5000], "session feature add: --tests is longer than 4000 characters ("),
        (["add", "F-2", "x\udcff"], "the description is not valid UTF-8"),
        (["add", "F-1", "x"], "F-1 is in .claude/progress/feature-list.json already; nothing changed ("),
        (["add", "F-2", "x", "--depends", "F-2"], "no feature F-2 in .claude/progress/feature-list.json to depend on;"),
        (["show", "F-2"], "no feature F-2 in .claude/progress/feature-list.json (session feature list shows them)"),
        (["start", "F-2"], "no feature F-2 in"),
        (["implemented", "F-2"], "no feature F-2 in"),
        (["tested", "F-2"], "no feature F-2 in"),
        (["tested", "F-1"], "nothing to test F-1 with: without evidence nothing counts as tested ("),
        (["block", "F-1"], "the following arguments are required: REASON ("),
        (["block", "F-1", ""], "the reason is empty ("),
        (["block", "F-2", "why"], "no feature F-2 in"),
        (["unblock", "F-2"], "no feature F-2 in"),
    ],
)
def test_what_can_not_be_is_one_line(project: Path, typed: Any, words: list[str], why: str) -> None:
    lay(project, "feature-list.json", listing(feature("F-1")))
    before = files(project)
    code, out, err = typed(*words)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(why)
    assert files(project) == before


@pytest.mark.parametrize(
    "words", [["list"], ["next"], ["add", "F-2", "x"], ["start"], ["tested", "F-1"], ["block", "F-1", "x"]]
)
def test_a_broken_list_stays(project: Path, typed: Any, words: list[str]) -> None:
    lay(project, "feature-list.json", '{"features": [')
    before = files(project)
    code, out, err = typed(*words)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(".claude/progress/feature-list.json is not valid JSON")
    assert files(project) == before


def test_a_broken_state_stays_and_nothing_is_run(project: Path, typed: Any) -> None:
    lay(project, "feature-list.json", listing(feature("F-1", tests="touch ran")))
    lay(project, "state.json", "{")
    before = files(project)
    for words in (["start"], ["implemented", "F-1"], ["tested", "F-1", "--yes"]):
        code, _, err = typed(*words)
        assert (code, err.count("\n")) == (1, 1)
        assert ".claude/progress/state.json" in err
    assert files(project) == before
    assert not (project / "ran").exists()


@pytest.mark.parametrize(
    ("features", "why"),
    [
        (None, "no features are planned (session feature add ID DESCRIPTION)"),
        ([], ""),
        ([feature("F-1", "tested"), feature("F-2", "completed")], ""),
        ([feature("F-1", "blocked"), feature("F-2", dependencies=["F-1"])], "blocked: F-1; F-2 waits for F-1"),
    ],
)
def test_no_next_one(project: Path, typed: Any, features: list[dict[str, Any]] | None, why: str) -> None:
    if features is not None:
        lay(project, "feature-list.json", listing(*features))
    assert typed("next") == (0, "null\n", f"{why}\n" if why else "")


def test_the_next_one_as_it_stands_in_the_file(project: Path, typed: Any) -> None:
    listed_feature = '{"id": "F-1", "big": 12345678901234567890, "e": 1.5, "description": "é"}'
    lay(project, "feature-list.json", f'{{"features": [{listed_feature}]}}')
    code, out, err = typed("next")
    assert (code, err) == (0, "")
    assert out == '{\n  "id": "F-1",\n  "big": 12345678901234567890,\n  "e": 1.5,\n  "description": "é"\n}\n'


@pytest.mark.parametrize("name", ["get-current-feature", "get-current-feature.sh"])
def test_the_name_of_the_original(project: Path, name: str) -> None:
    lay(project, "feature-list.json", {"features": [feature("F-0", "tested"), feature("F-1"), feature("F-2")]})
    process = subprocess.run([REPOSITORY / "scripts" / name], cwd=project, capture_output=True, text=True, check=True)
    assert process.stdout == json.dumps(feature("F-1"), indent=2) + "\n"
    assert process.stderr == ""


class TestShown:
    @pytest.fixture
    def planned(self, project: Path) -> Path:
        commit_files(project, 1)
        (project / "ia/state").mkdir(parents=True, exist_ok=True)
        proof = {
            "command": "make",
            "exit_code": 0,
            "at": "2026-01-02T03:04:05.000Z",
            "output_tail": "all\x1b[2J well\n",
        }
        features = [
            feature("F-1", "tested", evidence={**proof, "tree": "0" * 40}),
            feature("F-2", "completed"),
            feature("F-3", "blocked", blocked_reason="no \x1b]0;key"),
            feature("F-4", dependencies=["F-3", "F-9"]),
            feature("F-5", "in_progress"),
        ]
        lay(project, "feature-list.json", listing(*features))
        return project

    def test_on_a_terminal(self, planned: Path) -> None:
        lines = [line.split() for line in plain(on_a_terminal("feature", "list").stdout).splitlines()]
        assert lines[0] == ["ID", "Priority", "Status", "Evidence", "Description", "In", "the", "way"]
        assert lines[2:7] == [
            ["F-1", "P1", "tested", "stale", "(passed", "2026-01-02)", "Feature", "F-1"],
            ["F-2", "P1", "completed", "none", "Feature", "F-2"],
            ["F-3", "P1", "blocked", "Feature", "F-3", "blocked:", "no", r"\u001b]0;key"],
            ["F-4", "P1", "pending", "Feature", "F-4", "waits", "for", "F-3,", "F-9"],
            ["F-5", "P1", "in_progress", "Feature", "F-5"],
        ]
        assert lines[-1] == ["2", "of", "5", "done;", "next", "is", "F-5"]
        shown = plain(on_a_terminal("feature", "show", "F-1").stdout)
        assert "exit_code   0\n" in shown
        assert shown.rstrip().endswith(r"all\u001b[2J well")

    def test_as_json(self, planned: Path, typed: Any) -> None:
        code, out, err = typed("list")
        assert (code, err) == (0, "")
        answer = json.loads(out)
        assert [each["stale"] for each in answer] == [True, False, False, False, False]
        assert [each["waits_for"] for each in answer] == [[], [], [], ["F-3", "F-9"], []]
        assert typed("list", "--json")[1] == out
        assert json.loads(typed("show", "F-1")[1]) == answer[0]


def test_whoever_adds_at_the_same_time_is_heard(project: Path) -> None:
    words = [command("session", "feature", "add", f"F-{number}", "x") for number in range(6)]
    running = [subprocess.Popen(each, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for each in words]
    assert [each.wait(60) for each in running] == [0] * 6
    assert sorted(each["id"] for each in load(project, "feature-list.json")["features"]) == [f"F-{n}" for n in range(6)]
