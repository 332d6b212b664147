"""Test `session enter`, `session transition`, and the scripts that the entry protocol's skills call."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, Run
from tests.entry.repositories import commit_files

SCRIPTS = REPOSITORY / "scripts"


def test_one_screen_and_one_object(run: Run, project: Path) -> None:
    ended = run("session", "enter")
    assert (ended.code, ended.stderr) == (0, "")
    screen, _, answer = ended.stdout.partition("=== ENTRY COMPLETE ===\n\n")
    assert screen.startswith("=== SESSION ENTRY PROTOCOL ===\n\nPhase 1: Safety Validation\n")
    assert json.loads(answer)["directory"] == str(project)
    alone = run("session", "enter", "--json")
    assert json.loads(alone.stdout)["next_state"] == "INIT"


def test_another_folder(run: Run, project: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    ended = run("session", "enter", str(other), "--json", env={"WORKFLOW_SESSION_ROOT": str(project)})
    assert json.loads(ended.stdout)["directory"] == str(other)
    assert (other / ".claude/progress/state.json").exists()
    assert not (project / ".claude").exists()
    ended = run("session", "enter", "nowhere")
    assert (ended.code, ended.stdout) == (1, "")
    assert ended.stderr == "can't go to nowhere: No such file or directory\n"


def test_from_below(run: Run, project: Path) -> None:
    commit_files(project, 1)
    below = project / "a" / "b"
    below.mkdir(parents=True)
    ended = run("session", "enter", "--json", cwd=below)
    assert json.loads(ended.stdout)["directory"] == str(project)


def test_exit_codes(run: Run, project: Path) -> None:
    config = project / ".claude/config/project.json"
    config.parent.mkdir(parents=True)
    config.write_text('{"health_check": "false"}')
    for options, code in (((), 0), (("--strict",), 1), (("--strict", "--force"), 0)):
        assert run("session", "enter", "--yes", *options).code == code
    config.write_text("{")
    ended = run("session", "enter", "--json")
    assert ended.code == 1
    assert ended.stderr.startswith(f"{project}/.claude/config/project.json is not valid JSON")
    assert ended.stderr.count("\n") == 1
    assert json.loads(ended.stdout)["next_state"] == "INIT"


def test_an_odd_list_can_be_used_and_no_folder_is_this_one(run: Run, project: Path) -> None:
    path = project / ".claude/progress/feature-list.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"features": [{"status": "pending"}]}')
    ended = run("session", "enter", "", "--json")
    assert (ended.code, ended.stderr) == (0, ".claude/progress/feature-list.json: feature 1 has no id\n")
    answer = json.loads(ended.stdout)
    assert (answer["directory"], answer["next_state"]) == (str(project), "IMPLEMENT")


@pytest.mark.parametrize("words", [("--what",), ("a", "b"), ("--json=1",)])
def test_usage(words: tuple[str, ...], run: Run, project: Path) -> None:
    ended = run("session", "enter", *words)
    assert (ended.code, ended.stdout) == (1, "")
    assert ended.stderr.count("\n") == 1
    assert not (project / ".claude").exists()


def test_init_runs_what_is_trusted(run: Run, project: Path) -> None:
    config = project / ".claude/config/project.json"
    config.parent.mkdir(parents=True)
    config.write_text('{"init_script": "touch up", "health_check": "test -e up"}')
    ended = run("session", "enter", "--init")
    assert (ended.code, ended.stdout) == (1, "")
    assert "init_script of" in ended.stderr
    ended = run("session", "enter", "--init", "--yes", "--json")
    assert json.loads(ended.stdout)["health_status"] == "HEALTHY"
    assert ended.stderr == "init_script: touch up\nhealth_check: test -e up\n"


def test_transitions(run: Run, project: Path) -> None:
    assert run("session", "enter").code == 0
    ended = run("session", "transition", "INIT", "first", "of", "all")
    assert (ended.code, ended.stdout, ended.stderr) == (0, "START → INIT\n", "")
    ended = run("session", "transition", "TEST")
    assert (ended.code, ended.stdout) == (1, "")
    assert ended.stderr == "Invalid transition: INIT → TEST (Valid from INIT: IMPLEMENT)\n"
    ended = run("session", "transition", "implement")
    assert ended.stderr == (
        "Error: Invalid state 'implement'. Valid states: START FIX_BROKEN INIT IMPLEMENT TEST COMPLETE\n"
    )
    state = json.loads((project / ".claude/progress/state.json").read_text())
    assert [(step["from"], step["to"], step["reason"]) for step in state["history"]] == [
        ("START", "INIT", "first of all")
    ]
    assert run("session", "transition", "--show").stdout == "INIT\n"
    answer = json.loads(run("session", "transition", "--show", "--json").stdout)
    assert (answer["state"], answer["valid_next"], answer["history"]) == ("INIT", ["IMPLEMENT"], state["history"])


def test_what_entry_recommends_may_follow_once(run: Run, project: Path) -> None:
    state = project / ".claude/progress/state.json"
    state.parent.mkdir(parents=True)
    state.write_text('{"state": "IMPLEMENT", "history": [], "mine": 1}')
    assert run("session", "transition", "INIT").code == 1
    assert run("session", "enter").code == 0  # no features: INIT
    assert run("session", "transition", "INIT").code == 0
    state.write_text(state.read_text().replace('"INIT",\n  "entered_at"', '"TEST",\n  "entered_at"'))
    assert run("session", "transition", "INIT").code == 1
    assert json.loads(state.read_text())["mine"] == 1


def test_from_anywhere_to_fix_broken_when_it_is(run: Run, project: Path) -> None:
    state = project / ".claude/progress/state.json"
    state.parent.mkdir(parents=True)
    state.write_text('{"state": "TEST", "health_status": "HEALTHY"}')
    assert run("session", "transition", "FIX_BROKEN").code == 1
    assert run("session", "transition", "--validate", "COMPLETE", "FIX_BROKEN").code == 1
    state.write_text('{"state": "TEST", "health_status": "BROKEN"}')
    assert run("session", "transition", "--validate", "COMPLETE", "FIX_BROKEN").code == 0
    assert run("session", "transition", "FIX_BROKEN").code == 0


def test_a_test_that_failed_three_times(run: Run, project: Path) -> None:
    features = project / ".claude/progress/feature-list.json"
    features.parent.mkdir(parents=True)
    listed = [{"id": "A", "status": "implemented"}, {"id": "B", "status": "pending"}]
    features.write_text(json.dumps({"features": listed}))
    (features.parent / "state.json").write_text('{"state": "TEST", "feature_id": "A"}')
    for attempt in (1, 2, 3):
        ended = run("session", "transition", "IMPLEMENT", "red")
        assert ended.code == 0, ended
        assert ended.stdout.startswith("TEST → IMPLEMENT\n")
        state = json.loads((features.parent / "state.json").read_text())
        statuses = {each["id"]: each["status"] for each in json.loads(features.read_text())["features"]}
        if attempt < 3:
            assert (state["attempts"], state["feature_id"], statuses["A"]) == (attempt, "A", "in_progress")
            assert run("session", "transition", "TEST").code == 0
    assert (statuses, state["feature_id"]) == ({"A": "blocked", "B": "in_progress"}, "B")


def test_a_corrupt_state_is_named_and_kept(run: Run, project: Path) -> None:
    state = project / ".claude/progress/state.json"
    state.parent.mkdir(parents=True)
    state.write_text("{bad")
    for words in (("INIT",), ("--show",)):
        ended = run("session", "transition", *words)
        assert (ended.code, ended.stdout) == (1, "")
        assert ended.stderr.startswith(".claude/progress/state.json is not valid JSON")
    assert state.read_text() == "{bad"


def script(name: str, *args: str) -> tuple[int, str, str]:
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    process = subprocess.run([SCRIPTS / name, *args], env=env, capture_output=True, text=True, check=False, timeout=60)
    return process.returncode, process.stdout, process.stderr


@pytest.mark.parametrize("ending", ["", ".sh"])
def test_by_the_names_of_the_scripts(ending: str, project: Path) -> None:
    assert script("session-entry.sh", "--json")[0] == 0
    assert script(f"transition-state{ending}", "INIT", "why") == (0, "START → INIT\n", "")
    assert script(f"check-state{ending}") == (0, "INIT\n", "")
    assert json.loads(script(f"check-state{ending}", "--json")[1])["state"] == "INIT"
    assert script(f"validate-transition{ending}", "INIT", "IMPLEMENT") == (0, "", "")
    code, out, _ = script(f"validate-transition{ending}", "INIT", "COMPLETE")
    assert (code, out) == (1, "Invalid transition: INIT → COMPLETE\nValid from INIT: IMPLEMENT\n")
    code, out, err = script(f"transition-state{ending}")
    assert (code, out) == (1, "")
    assert err.startswith("Usage: session transition TO [REASON]")
    assert script(f"check-state{ending}", "IMPLEMENT")[0] == 1
    assert script(f"check-state{ending}")[1] == "INIT\n"


def test_scripts_work_from_a_shell_and_through_a_link(tmp_path: Path) -> None:
    linked = tmp_path / "entry"
    linked.symlink_to(SCRIPTS / "session-entry.sh")
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for words in (["bash", SCRIPTS / "session-entry.sh"], [linked]):
        process = subprocess.run([*words, "--json"], env=env, capture_output=True, text=True, check=False)
        assert (process.returncode, process.stderr) == (0, "")


def test_two_transitions_at_once_are_one(run: Run, project: Path) -> None:
    assert run("session", "enter").code == 0
    with ThreadPoolExecutor() as pool:
        codes = sorted(pool.map(lambda _: run("session", "transition", "IMPLEMENT").code, range(6)))
    assert codes == [0, 1, 1, 1, 1, 1]
    state = json.loads((project / ".claude/progress/state.json").read_text())
    assert [step["to"] for step in state["history"]] == ["IMPLEMENT"]
