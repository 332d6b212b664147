"""Reports of real sessions in a real repository: their order, ownership, runs, and unreadable files."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from session.host import clock
from session.host.project_store import open_store
from session.resume.reports import render, reports
from tests.conftest import REPOSITORY, needs_root
from tests.host.git.test_repository import add_names, commit, git

if TYPE_CHECKING:
    from session.resume.wording import Report

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")

NOW_MS = 1_800_000_000_000  # 2027-01-15T08:00:00Z


def ago(minutes: float) -> str:
    return clock.iso(NOW_MS - int(minutes * 60_000))


def put(
    sessions: Path, workflow: str, *, minutes: float = 60, owner: str = "", ended_at: str = "", **given: Any
) -> None:
    state = {"started_at": ago(180), "steps": ["init"], "step": "init", "updated_at": ago(minutes), **given}
    if owner:
        state["owner"] = {"id": owner, "ended_at": ended_at} if ended_at else {"id": owner}
    (sessions / f"{workflow}.json").write_text(json.dumps(state))


def all_of(owner: str = "", workflow: str = "") -> "list[Report]":
    listed, errors = reports(open_store(), owner=owner, now_ms=NOW_MS, workflow=workflow)
    assert errors == []
    return listed


def only(**given: str) -> "Report":
    [report] = all_of(**given)
    return report


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file that gets one line for each run of git."""
    (tmp_path / "bin").mkdir()
    log = tmp_path / "calls"
    log.touch()
    wrapper = tmp_path / "bin" / "git"
    wrapper.write_text(f'#!/bin/sh\necho "$*" >>"{log}"\nexec {shutil.which("git")} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return log


def test_nothing_to_resume(project: Path, calls: Path) -> None:
    git(project, "init", "-q")
    calls.write_text("")
    assert all_of() == []
    assert all_of(workflow="w") == []
    assert calls.read_text() == ""


def test_a_session_in_full(project: Path, sessions: Path) -> None:
    git(project, "init", "-q")
    commit(project, at_s=NOW_MS // 1000 - 7200)
    git(project, "checkout", "-q", "-b", "feat/x")
    head = commit(project, at_s=NOW_MS // 1000 - 600)
    (project / "new").touch()
    (project / "ia" / ".gitignore").write_text("*\n")
    history = [{"step": "init", "at": ago(180)}, {"step": "work", "at": ago(90)}]
    put(sessions, "w", steps=["init", "work"], step="work", history=history, context={"branch": "feat/x", "n": 8})
    assert only() == {
        "workflow": "w",
        "step": "work",
        "since": ago(90),
        "started_at": ago(180),
        "updated_at": ago(60),
        "age_s": 3600,
        "whose": "interrupted",
        "tracked": False,
        "context": {"branch": "feat/x", "n": 8},
        "runs": [],
        "repository": {"branch": "feat/x", "head": head, "dirty": 1, "dirty_files": ["new"], "commits_since": 1},
        "mismatches": [],
    }


def test_the_order(project: Path, sessions: Path) -> None:
    git(project, "init", "-q")
    put(sessions, "a elsewhere", minutes=5, owner="you")
    put(sessions, "b elsewhere", minutes=2, owner="you")
    put(sessions, "c old", minutes=500)
    put(sessions, "d ended", minutes=3, owner="you", ended_at=ago(1))
    put(sessions, "e mine", minutes=600, owner="me")
    put(sessions, "f mine", minutes=16, owner="me")
    put(sessions, "g untimed", updated_at=None)
    put(sessions, "h tracked", minutes=1, owner="me")
    git(project, "add", "-f", "ia/state/sessions/h tracked.json")
    listed = all_of(owner="me")
    assert [(each["workflow"], each["whose"], each["tracked"]) for each in listed] == [
        ("f mine", "mine", False),
        ("e mine", "mine", False),
        ("d ended", "interrupted", False),
        ("c old", "interrupted", False),
        ("g untimed", "interrupted", False),
        ("b elsewhere", "possibly active elsewhere", False),
        ("a elsewhere", "possibly active elsewhere", False),
        ("h tracked", "mine", True),
    ]


def test_git_is_asked_once_for_all(project: Path, sessions: Path, calls: Path) -> None:
    git(project, "init", "-q")
    commit(project)
    for number in range(20):
        put(sessions, f"w{number}", minutes=number, context={"branch": "none"})
    calls.write_text("")
    assert len(all_of()) == 20
    words = [line.split(" -c ")[-1].split()[1] for line in calls.read_text().splitlines()]
    assert sorted(words) == ["config", "ls-files", "rev-list", "status"]


def test_what_can_not_be_read_hides_nothing(sessions: Path) -> None:
    put(sessions, "good")
    (sessions / "bad.json").write_text("{")
    (sessions / "list.json").write_text("[1]")
    (sessions / "null.json").write_text("null")
    (sessions / "link.json").symlink_to("good.json")
    listed, errors = reports(open_store(), owner="", now_ms=NOW_MS)
    assert [each["workflow"] for each in listed] == ["good"]
    assert [str(error).partition(" ")[0] for error in errors] == [
        f"ia/state/sessions/{name}.json" for name in ("bad", "link", "list")
    ]


def test_only_what_can_not_be_read(sessions: Path) -> None:
    (sessions / "bad.json").write_text("{")
    listed, errors = reports(open_store(), owner="", now_ms=NOW_MS)
    assert (listed, len(errors)) == ([], 1)


def test_one_workflow(sessions: Path) -> None:
    put(sessions, "a")
    put(sessions, "b")
    (sessions / "bad.json").write_text("{")
    assert only(workflow="b")["workflow"] == "b"
    assert all_of(workflow="c") == []


def test_without_a_repository(sessions: Path) -> None:
    put(sessions, "w")
    assert only()["repository"] is None
    assert only()["mismatches"] == []


def test_without_git(project: Path, sessions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(project, "init", "-q")
    head = commit(project)
    put(sessions, "w", context={"branch": "other"})
    monkeypatch.setenv("PATH", "")
    report = only()
    assert report["repository"] == {"branch": "main", "head": head, "unknown": "git is not installed"}
    assert report["mismatches"] == [
        "git could not tell whether it tracks this session",
        'the session\'s branch is "other", which is no local branch, the repository is on "main"',
    ]


def damage(project: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the repository one in which git cannot tell what it tracks."""
    if way == "no git":
        monkeypatch.setenv("PATH", "")
    elif way == "another user's":
        for path in (project, project / ".git"):
            os.chown(path, 65534, 65534)
    elif way == "a git that hangs":
        (project / "bin").mkdir()
        (project / "bin" / "git").write_text("#!/bin/sh\nsleep 60\n")
        (project / "bin" / "git").chmod(0o755)
        monkeypatch.setenv("PATH", f"{project / 'bin'}:{os.environ['PATH']}")
    else:
        (project / ".git" / "index").write_text("torn")


@pytest.mark.parametrize(
    "way", ["no git", "a torn index", "a git that hangs", pytest.param("another user's", marks=needs_root)]
)
def test_where_git_can_not_tell_no_session_is_ones_own(
    project: Path, sessions: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    git(project, "init", "-q")
    put(sessions, "mine", owner="me")
    put(sessions, "new", minutes=1)
    damage(project, way, monkeypatch)
    listed = all_of(owner="me")
    assert [(each["workflow"], each["whose"], each["tracked"]) for each in listed] == [
        ("new", "unknown origin", None),
        ("mine", "unknown origin", None),
    ]
    for each in listed:
        for budget in (50, 60, 200, 2000):
            assert render(each, NOW_MS, budget).splitlines()[0].endswith(", unknown origin: perhaps someone else's")


def test_sessions_of_unknown_origin_come_after_ones_own(
    project: Path, sessions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"ours": False, "brought": True, "unknown": None, "elsewhere": False}
    for name in answers:
        put(sessions, name, minutes=5, owner="you" if name == "elsewhere" else "")
    monkeypatch.setattr("session.resume.origin.tracked", lambda store, repository, workflows: answers)
    assert [each["workflow"] for each in all_of()] == ["ours", "elsewhere", "unknown", "brought"]


def test_very_many_tracked_names_hide_nothing(project: Path, sessions: Path) -> None:
    """They take more than 1 MiB."""
    git(project, "init", "-q")
    put(sessions, "brought")
    git(project, "add", "-f", ".")
    add_names(project, "ia/state/sessions", 20_000, 150)
    put(sessions, "own")
    assert [(each["workflow"], each["tracked"]) for each in all_of()] == [("own", False), ("brought", True)]


def test_an_operation_and_no_commit(project: Path, sessions: Path) -> None:
    git(project, "init", "-q")
    (project / ".git" / "BISECT_LOG").touch()
    (project / "ia" / ".gitignore").write_text("*\n")
    put(sessions, "w")
    facts = {"branch": "main", "head": None, "dirty": 0, "dirty_files": [], "commits_since": 0, "operation": "bisect"}
    assert only()["repository"] == facts
    assert only()["mismatches"] == ["bisect in progress"]


def noted(step: str, **given: Any) -> dict[str, Any]:
    return {"step": step, "command": f"do {step}", "began_at": ago(90), **given}


def entry(step: str, **given: Any) -> dict[str, Any]:
    return {"at": ago(90), **noted(step, **given)}


def test_what_was_run(sessions: Path) -> None:
    history = [
        entry("find", done_at=ago(89), exit=0, output="first\n\x1b[1mhttps://host/pull/8\x1b[0m\n\n"),
        entry("create", earlier=[{"command": "do", "began_at": ago(95), "done_at": ago(94), "exit": 0}]),
        entry("fixed", done_at=ago(80), exit=0, earlier=[{"command": "do", "began_at": ago(95)}]),
        entry("failed", done_at=ago(80), exit=1),
        entry("odd", done_at=ago(80)),
    ]
    put(sessions, "w", steps=[each["step"] for each in history], step="odd", history=history)
    report = only()
    assert report["runs"] == [
        noted("find", done_at=ago(89), exit=0, output="https://host/pull/8"),
        noted("create"),
        noted("fixed", done_at=ago(80), exit=0),
        noted("failed", done_at=ago(80), exit=1),
        noted("odd", done_at=ago(80)),
    ]
    assert report["mismatches"] == [
        '"create" began 1 h ago, no result recorded: check before repeating',
        '"odd" ended 1 h ago, exit code not recorded: check before repeating',
    ]
    assert '\n  run: "find": exit 0, 1 h ago: "https://host/pull/8"\n' in render(report, NOW_MS, 1000)
    assert '\n  run: "failed": exit 1, 1 h ago\n' in render(report, NOW_MS, 1000)


def test_the_latest_run_of_a_step_counts(sessions: Path) -> None:
    history = [entry("a"), entry("b", done_at=ago(80), exit=0), entry("a", done_at=ago(70), exit=0)]
    put(sessions, "w", steps=["a", "b", "a"], step="a", history=history)
    assert [(run["step"], run.get("exit")) for run in only()["runs"]] == [("b", 0), ("a", 0)]
    assert only()["mismatches"] == []


def test_very_many_runs(sessions: Path) -> None:
    history = [entry(f"ok {n}", done_at=ago(80), exit=0) for n in range(30)] + [entry(f"open {n}") for n in range(30)]
    put(sessions, "w", steps=[each["step"] for each in history], step="open 29", history=history)
    report = only()
    assert [run["step"] for run in report["runs"]] == [f"ok {n}" for n in range(25, 30)] + [
        f"open {n}" for n in range(10, 30)
    ]
    assert len(report["mismatches"]) == 21
    assert report["mismatches"][-1] == "10 more commands without a recorded result"


@pytest.mark.parametrize("state", [{}, {"step": 7, "context": [1], "history": {}, "updated_at": [], "owner": 8}])
def test_states_of_any_shape(sessions: Path, state: dict[str, Any]) -> None:
    (sessions / "w.json").write_text(json.dumps(state))
    report = only()
    assert (report["step"], report["since"], report["updated_at"], report["age_s"]) == (None, None, None, None)
    assert (report["whose"], report["context"], report["runs"]) == ("interrupted", {}, [])
    assert render(report, NOW_MS).startswith('workflow "w": at an unknown step, interrupted\n')


def test_times_that_no_clock_tells(sessions: Path) -> None:
    put(sessions, "w", updated_at="0001-01-01T00:00:00Z", started_at="1969-12-31T23:59:59Z")
    report = only()
    assert (report["updated_at"], report["started_at"]) == (None, None)


def test_it_needs_nothing_but_the_standard_library(project: Path, sessions: Path) -> None:
    """A hook runs without site-packages."""
    git(project, "init", "-q")
    commit(project)
    put(sessions, "w", context={"branch": "other"}, history=[entry("init", done_at=ago(1), exit=0, output="said")])
    script = (
        f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n"
        "from session.resume.reports import render, reports\n"
        "from session.store.files import open_store\n"
        f"for each in reports(open_store(), owner='', now_ms={NOW_MS})[0]: print(render(each, {NOW_MS}))\n"
        "print(sorted({'rich', 'orjson', 'slugify', 'platformdirs'} & set(sys.modules)))\n"
    )
    process = subprocess.run([sys.executable, "-I", "-S", "-c", script], cwd=project, capture_output=True, check=True)
    assert process.stdout.decode().split("\n") == [*render(only(), NOW_MS).split("\n"), "[]", ""]
