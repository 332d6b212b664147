"""Compare the entry protocol with its scripts' recorded behaviour, except where that was wrong or has changed."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY, Ended
from tests.entry.repositories import commit_files

CASES: list[dict[str, Any]] = json.loads((REPOSITORY / "tests/cases/entry_protocol.json").read_text(encoding="utf-8"))
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
# what is there beyond what the scripts wrote, and what state.json has beyond what they put into it, by contract
OURS = ("ia/", ".claude/progress/metrics/", ".claude/progress/.lock", ".claude/progress/.gitignore")
ADDED = ("session_id", "dirty", "next_state", "health_checked_at", "last_passing_commit")

Case = dict[str, Any]


def perform(case: Case, project: Path) -> Ended:
    if "package.json" in case["before"] and shutil.which("node") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("Node is missing: install nodejs")
    for name, content in case["before"].items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    if case["git_commits"]:
        commit_files(project, case["git_commits"])
    name, *args = case["argv"]
    done = subprocess.run(
        [REPOSITORY / "scripts" / name, *args],
        cwd=project,
        env=os.environ,
        input=case["stdin"].encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def found(project: Path) -> dict[str, str]:
    files = {path.relative_to(project).as_posix(): path for path in project.rglob("*") if path.is_file()}
    kept = {name: path for name, path in files.items() if not name.startswith((*OURS, ".git/"))}
    return {name: path.read_text(encoding="utf-8") for name, path in kept.items()}


def matches(expected: str, text: str, project: Path) -> bool:
    pattern = re.escape(expected.replace("<PROJ>", str(project))).replace("<SHA>", "[0-9a-f]{7,}").replace("<TS>", TIME)
    return re.fullmatch(pattern, text) is not None


def check_screen(expected: str, screen: str, project: Path) -> None:
    """Assert that every line is as recorded; the object may have more keys at its end."""
    lines, _, told = screen.partition("\n{")
    wanted, _, object_ = expected.partition("\n{")
    assert matches(wanted, lines, project), screen
    keys = json.loads("{" + object_.replace("<PROJ>", str(project)))
    report = json.loads("{" + told)
    assert list(report)[: len(keys)] == list(keys)
    assert {key: report[key] for key in keys} == keys


def check_files(case: Case, project: Path) -> None:
    after = found(project)
    wanted = {name: text for name, text in case["expect"]["after"].items() if text is not None}
    assert set(after) == set(wanted)
    assert all((project / name).is_dir() for name, text in case["expect"]["after"].items() if text is None)
    for name, text in wanted.items():
        if name == ".claude/progress/state.json" and text != case["before"].get(name):
            state = json.loads(after[name])
            for key in ADDED:
                state.pop(key, None)
            assert re.fullmatch(TIME, state["entered_at"])
            assert {**state, "entered_at": "<TS>"} == json.loads(text)
        else:
            assert after[name] == text


# By contract, COMPLETE is no end: work may begin anew.
MORE = {"Valid from COMPLETE: none": "Valid from COMPLETE: IMPLEMENT, INIT"}


@pytest.mark.parametrize("case", [c for c in CASES if c["verdict"] == "keep"], ids=lambda case: str(case["id"]))
def test_kept(case: Case, project: Path) -> None:
    ended = perform(case, project)
    expect = case["expect"]
    stdout = expect["stdout"]
    for old, new in MORE.items():
        stdout = stdout.replace(old, new)
    if case["id"] == "validate-noargs":  # usage is on stderr
        assert (ended.code, ended.stdout) == (1, "")
        assert ended.stderr == (
            "Usage: session transition --validate FROM TO "
            "(States: START, FIX_BROKEN, INIT, IMPLEMENT, TEST, COMPLETE)\n"
        )
        return
    assert (ended.code, ended.stderr) == (expect["exit"], expect["stderr"])
    if case["argv"][0] == "session-entry.sh":
        check_screen(stdout, ended.stdout, project)
        check_files(case, project)
    else:
        assert ended.stdout == stdout
        assert found(project) == case["before"]


# What is done instead of what was recorded: exit code, texts on the screen, what the object says, a text on stderr.
BETTER: dict[str, tuple[int, tuple[str, ...], dict[str, Any], str]] = {
    "entry-git-3": (0, ("Recent files: GIT (file0.txt,file1.txt,file2.txt)",), {"next_state": "INIT"}, ""),
    "entry-health-recovered": (
        0,
        ("Health check: SKIP (health_check was not run: session trust shows it, and asks)",),
        {"health_status": "UNKNOWN", "current_state": "FIX_BROKEN", "next_state": "INIT"},
        "health_check of <PROJ> is not trusted: not run",
    ),
    "entry-config-corrupt": (
        1,
        ("Project config: CORRUPT (.claude/config/project.json)", "Health check: SKIP ("),
        {"health_status": "UNKNOWN", "next_state": "INIT"},
        "<PROJ>/.claude/config/project.json is not valid JSON",
    ),
    "entry-state-corrupt": (
        1,
        ("State: RECOVERED (START; what was there is .claude/progress/state.corrupt-",),
        {"current_state": "START", "next_state": "INIT"},
        ".claude/progress/state.json is not valid JSON",
    ),
    "entry-state-no-state-key": (0, ("State: EXISTS (START)",), {"current_state": "START"}, ""),
    "entry-features-empty": (
        0,
        ("Features: EMPTY (need INIT)", "Next state: INIT (no features)", "Skill: initialization/"),
        {"feature_status": "NO_FEATURE_LIST", "next_state": "INIT"},
        "",
    ),
    "entry-features-implemented": (
        0,
        ("Features: UNTESTED (1 of 1 to test)", "Next state: TEST (", "Skill: testing/"),
        {"feature_status": "HAS_PENDING_FEATURES", "next_state": "TEST"},
        "",
    ),
    "entry-file-history-object": (0, ("Recent files: TRACKED (0 files)",), {"recent_files": []}, ""),
    "hook-broken-bad-stdin": (0, (), {}, ""),
    "transition-fixbroken": (0, ("START → FIX_BROKEN\n",), {}, ""),
}


@pytest.mark.parametrize("case", [c for c in CASES if c["verdict"] == "bug"], ids=lambda case: str(case["id"]))
def test_done_better(case: Case, project: Path) -> None:
    code, texts, told, wrong = BETTER[case["id"]]
    ended = perform(case, project)
    assert ended.code == code
    assert all(text in ended.stdout for text in texts), ended.stdout
    if told:
        report = json.loads("{" + ended.stdout.partition("\n{")[2])
        assert {key: report[key] for key in told} == told
    assert ended.stderr.count("\n") == bool(wrong)
    assert wrong.replace("<PROJ>", str(project)) in ended.stderr
    for name, text in case["before"].items():  # what is nobody's is kept
        if not name.endswith("/state.json"):
            assert (project / name).read_text(encoding="utf-8") == text


def test_health_that_is_good_again_is_written(project: Path) -> None:
    [case] = [case for case in CASES if case["id"] == "entry-health-recovered"]
    case = {**case, "argv": ["session-entry.sh", "--yes"]}
    ended = perform(case, project)
    assert "Health check: OK (configured check passed)\n" in ended.stdout
    assert ended.stderr == "health_check: true\n"
    state = json.loads((project / ".claude/progress/state.json").read_text())
    assert (state["health_status"], state["state"], state["next_state"]) == ("HEALTHY", "FIX_BROKEN", "INIT")


def test_a_broken_state_is_kept_aside(project: Path) -> None:
    [case] = [case for case in CASES if case["id"] == "entry-state-corrupt"]
    perform(case, project)
    [aside] = (project / ".claude/progress").glob("state.corrupt-*.json")
    assert aside.read_text() == "{bad"
    assert json.loads((project / ".claude/progress/state.json").read_text())["state"] == "START"


def test_every_case_is_run() -> None:
    assert {case["id"] for case in CASES if case["verdict"] == "bug"} == set(BETTER)
    assert {case["verdict"] for case in CASES} == {"keep", "bug"}
