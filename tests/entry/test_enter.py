"""`session enter` on real projects: its report, and the files that it writes."""

import json
import os
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest

from session.entry import enter as protocol
from session.entry import enter_report
from session.entry.enter import Report
from session.host import trust
from session.store.files import FileStore
from tests.entry.repositories import commit_files, git


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def enter(project: Path, said: list[str]) -> Any:
    def entered(root: Path = project, **options: Any) -> Report:
        store = FileStore(str(root), "")
        given = {"force": False, "yes": False, "owner": "", "timeout_s": 10.0, **options}
        return protocol.enter(store, tell=said.append, **given)

    return entered


def lay(project: Path, name: str, value: Any) -> Path:
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def state_of(project: Path) -> dict[str, Any]:
    return dict(json.loads((project / ".claude/progress/state.json").read_text()))


def metrics_of(project: Path) -> list[dict[str, Any]]:
    found = [json.loads(path.read_text()) for path in (project / ".claude/progress/metrics").iterdir()]
    return sorted(found, key=lambda each: str(each["started_at"]))


FEATURES = ".claude/progress/feature-list.json"
STATE = ".claude/progress/state.json"


def test_an_empty_folder(enter: Any, project: Path) -> None:
    report = enter()
    lines = enter_report.lines(report)
    assert "  [1/4] Directory: WARNING - No project markers found in" in lines
    assert "  Tip: Run from project root or pass path as argument\n" in lines
    assert report.problems == []
    assert enter_report.summary(report)["next_state"] == "INIT"
    assert (project / ".claude/config").is_dir()
    state = state_of(project)
    assert (state["state"], state["dirty"], state["next_state"], state["history"]) == ("START", True, "INIT", [])
    assert "last_passing_commit" not in state
    [metrics] = metrics_of(project)
    assert metrics["session_id"] == state["session_id"]
    assert metrics["health_checks"] == {"passed": 0, "failed": 0, "skipped": 1}


def test_json_is_json_whatever_the_folder_is_called(enter: Any, tmp_path: Path) -> None:
    odd = tmp_path / 'a "b"\\\n\x1b[31m é'
    odd.mkdir()
    report = enter(odd)
    told = enter_report.summary(report)
    assert json.loads(json.dumps(told))["directory"] == str(odd)
    assert "\x1b" not in enter_report.lines(report)
    assert enter_report.lines(report).count("\n") == enter_report.lines(enter(tmp_path)).count("\n")


@pytest.mark.parametrize("commits", [0, 1, 3, 8])
def test_repositories(commits: int, enter: Any, project: Path) -> None:
    commit_files(project, commits)
    report = enter()
    shown = report.commits
    assert [subject for _, subject in shown] == [f"commit {number}" for number in reversed(range(commits))][:5]
    assert "Git context: OK" in enter_report.lines(report)
    assert ("       none\n" in enter_report.lines(report)) is (commits == 0)
    first = 3 if commits == 8 else 0
    assert report.recent.files == [f"file{number}.txt" for number in range(first, commits)]
    assert report.recent.source == ("GIT" if commits else "NONE")
    (project / "file0.txt").write_text("changed")
    assert enter().recent.files[:1] == (["file0.txt"] if commits else [])


def test_a_repository_that_is_none(enter: Any, project: Path) -> None:
    (project / ".git").mkdir()
    report = enter()
    assert "  [2/4] Git context: UNKNOWN (.git holds no repository)\n" in enter_report.lines(report)
    assert enter_report.summary(report)["git"] == [".git holds no repository"]
    assert report.problems == []


def test_a_worktree_is_a_project_of_its_own(enter: Any, project: Path, tmp_path: Path) -> None:
    commit_files(project, 2)
    tree = tmp_path / "tree"
    git(project, "worktree", "add", "-q", str(tree), "-b", "side")
    report = enter(tree)
    assert report.is_repository
    assert [subject for _, subject in report.commits] == ["commit 1", "commit 0"]
    assert not (project / STATE).exists()


def test_a_hostile_repository_runs_nothing(enter: Any, project: Path, tmp_path: Path) -> None:
    commit_files(project, 8)
    bad = tmp_path / "bad"
    bad.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\ncat\n")
    bad.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    shutil.copy(bad, hooks / "post-index-change")
    for key in ("core.fsmonitor", "core.pager", "diff.external", "filter.x.clean", "diff.x.textconv", "gpg.program"):
        git(project, "config", key, str(bad))
    git(project, "config", "log.showSignature", "true")
    git(project, "config", "core.hooksPath", str(hooks))
    (project / ".gitattributes").write_text("* filter=x diff=x\n")
    (project / "file7.txt").write_text("changed")
    lay(project, FEATURES, {"features": [{"id": "F-1", "status": "tested", "evidence": {"tree": "0" * 40}}]})
    report = enter()
    assert report.commits
    assert report.recent.files == [f"file{number}.txt" for number in range(3, 8)]
    assert not (tmp_path / "ran").exists()


def test_commits_can_not_write_lines_of_ours(enter: Any, project: Path) -> None:
    git(project, "init", "-q")
    git(project, "commit", "-q", "--allow-empty", "-m", "x\x1b[2K\rPhase 1 \u202e")
    text = enter_report.lines(enter())
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\r" not in text


def test_the_last_passing_commit(enter: Any, project: Path) -> None:
    commit_files(project, 1)
    lay(project, ".claude/config/project.json", {"health_check": "test -e good"})
    (project / "good").touch()
    trust.trust(str(project), {"health_check": "test -e good"})
    enter()
    good = git(project, "rev-parse", "HEAD")
    assert state_of(project)["last_passing_commit"] == good
    (project / "good").unlink()
    git(project, "commit", "-q", "--allow-empty", "-m", "breaks")
    report = enter()
    assert (report.health.status, report.decision.next_state) == ("BROKEN", "FIX_BROKEN")
    state = state_of(project)
    assert (state["health_status"], state["last_passing_commit"]) == ("BROKEN", good)
    assert "  ⚠️  APP IS BROKEN - Fix before starting new work\n  Health command: test -e good\n" in enter_report.lines(
        report
    )
    (project / "good").touch()
    enter()
    assert state_of(project)["last_passing_commit"] == git(project, "rev-parse", "HEAD") != good


def test_force_skips_the_check_and_says_so(enter: Any, project: Path, said: list[str]) -> None:
    lay(project, ".claude/config/project.json", {"health_check": "touch ran"})
    report = enter(force=True, yes=True)
    assert report.health.result == "SKIP (--force)"
    assert said == []
    assert not (project / "ran").exists()
    state = state_of(project)
    assert (state["health_status"], state["health_forced_at"]) == ("UNKNOWN", state["health_checked_at"])
    assert enter(yes=True).health.status == "HEALTHY"


def test_a_list_of_features(enter: Any, project: Path) -> None:
    def planned(*statuses: str) -> dict[str, Any]:
        lay(project, FEATURES, {"features": [{"id": f"F-{at}", "status": each} for at, each in enumerate(statuses)]})
        report = enter()
        told = enter_report.summary(report)
        [line] = [line for line in enter_report.lines(report).splitlines() if "] Features: " in line]
        [state] = [line for line in enter_report.lines(report).splitlines() if "] Next state: " in line]
        return {**told, "line": line.partition("Features: ")[2], "state": state.partition("Next state: ")[2]}

    told = planned("tested", "pending", "in_progress")
    assert told["line"] == "PENDING (1 of 3 remaining)"
    assert (told["next_feature"], told["next_state"], told["skill"]) == ("F-2", "IMPLEMENT", "implementation/")
    assert planned("tested", "implemented")["line"] == "UNTESTED (1 of 2 to test)"
    told = planned("completed", "blocked", "blocked")
    assert told["line"] == "BLOCKED (2 of 3: F-1, F-2)"
    assert told["state"] == "IMPLEMENT (only blocked features left: F-1, F-2)"
    assert (told["feature_status"], told["blocked_features"]) == ("HAS_PENDING_FEATURES", ["F-1", "F-2"])
    told = planned("completed", "tested")
    assert (told["line"], told["feature_status"]) == ("COMPLETE (2 of 2 done)", "ALL_COMPLETE")
    assert told["state"] == "COMPLETE (all done)"


def test_odd_features_are_named(enter: Any, project: Path) -> None:
    lay(project, FEATURES, {"features": [{"id": "A", "status": "done"}, {"id": "A"}, {}]})
    report = enter()
    assert report.problems == []  # the list can be used
    assert enter_report.summary(report)["problems"] == [
        f"{FEATURES}: A has an unknown status, taken for pending: done",
        f"{FEATURES}: A is listed twice",
        f"{FEATURES}: feature 3 has no id",
    ]
    assert report.decision.next_state == "IMPLEMENT"


@pytest.mark.parametrize("content", ["{bad", "7", "null", "\udc80", ""])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        (STATE, "State: RECOVERED (START; what was there is .claude/progress/state.corrupt-"),
        (FEATURES, "Features: CORRUPT (.claude/progress/feature-list.json)"),
        (".claude/config/project.json", "Project config: CORRUPT (.claude/config/project.json)"),
        (".claude/progress/file_history.json", "Recent files: "),
    ],
)
def test_a_corrupt_file_in_each_place(content: str, name: str, text: str, enter: Any, project: Path) -> None:
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    report = enter()
    assert len(report.problems) == 1, report.problems
    assert name in report.problems[0]
    assert text in enter_report.lines(report)
    assert enter_report.summary(report)["problems"] == report.problems
    kept = list((project / ".claude/progress").glob("state.corrupt-*")) if name == STATE else [path]
    assert [each.read_bytes() for each in kept] == [content.encode("utf-8", "surrogateescape")]
    assert state_of(project)["health_status"] in ("UNKNOWN", "HEALTHY")


@pytest.mark.parametrize("name", [STATE, FEATURES, ".claude/config/project.json", ".claude/progress/file_history.json"])
@pytest.mark.parametrize("kind", ["folder", "link", "pipe"])
def test_what_is_no_file(name: str, kind: str, enter: Any, project: Path, tmp_path: Path) -> None:
    path = project / name
    path.parent.mkdir(parents=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        (tmp_path / "target").write_text("{}")
        path.symlink_to(tmp_path / "target")
    else:
        os.mkfifo(path)
    report = enter()
    assert enter_report.summary(report)["next_state"] == "INIT"
    assert (
        stat.S_IFMT(path.lstat().st_mode) == {"folder": stat.S_IFDIR, "link": stat.S_IFLNK, "pipe": stat.S_IFIFO}[kind]
    )
    if kind != "folder" or name == STATE:
        assert len(report.problems) == 1, report.problems
        assert name.rpartition("/")[2] in report.problems[0]
    if kind == "link":
        assert (tmp_path / "target").read_text() == "{}"


def test_a_session_that_did_not_hand_off(enter: Any, project: Path) -> None:
    enter()
    first = state_of(project)
    first.update(state="IMPLEMENT", feature_id="F-2", history=[{"from": "INIT", "to": "IMPLEMENT", "reason": "go"}])
    lay(project, STATE, first)
    report = enter()
    assert report.state_update.crashed is not None
    text = enter_report.lines(report)
    assert "did not hand off. It was in IMPLEMENT, feature F-2; last: INIT → IMPLEMENT (go)\n" in text
    assert "Nothing was changed\n" in text
    second = state_of(project)
    assert {**second, "session_id": "", "next_state": "", "health_checked_at": ""} == {
        **first,
        "session_id": "",
        "next_state": "",
        "health_checked_at": "",
    }
    assert second["session_id"] != first["session_id"]
    old, new = metrics_of(project)
    assert (old["session_id"], old["outcome"], old["ended_at"]) == (first["session_id"], "not handed off", None)
    assert (new["session_id"], new["outcome"]) == (second["session_id"], None)
    [trace] = [json.loads(line) for line in (project / ".claude/progress/traces.jsonl").read_text().splitlines()]
    assert (trace["session_id"], trace["outcome"]) == (first["session_id"], "not handed off")


def test_the_way_back_after_a_crash_is_offered_if_there_is_one(enter: Any, project: Path) -> None:
    enter()
    lay(project, ".claude/progress/checkpoint.json", {"at": "2026-01-01T00:00:00Z"})
    text = enter_report.lines(enter())
    assert "Nothing was changed; session recover crash goes back to the last auto-checkpoint\n" in text


def test_what_a_session_that_died_did_last(enter: Any, project: Path) -> None:
    enter()
    handed_off = {**state_of(project), "last_action": "F-1 tested"}  # by the session before
    lay(project, STATE, handed_off)
    report = enter()
    assert report.state_update.crashed is not None
    assert report.state_update.crashed.last == "F-1 tested"
    [metrics] = [each for each in metrics_of(project) if each["outcome"] is None]
    step = {"from": "INIT", "to": "IMPLEMENT", "at": metrics["started_at"], "reason": ""}
    lay(project, STATE, {**state_of(project), "history": [step]})
    report = enter()
    assert report.state_update.crashed is not None
    assert report.state_update.crashed.last == "INIT → IMPLEMENT"
    [metrics] = [each for each in metrics_of(project) if each["outcome"] is None]
    step["at"] = metrics["started_at"]
    lay(project, STATE, {**state_of(project), "history": [step], "last_action": "F-2 started"})
    lay(project, f".claude/progress/metrics/{metrics['session_id']}.json", {**metrics, "features_touched": ["F-2"]})
    report = enter()
    assert report.state_update.crashed is not None
    assert report.state_update.crashed.last == "F-2 started"


def test_our_own_files_are_nobodys_work(enter: Any, project: Path) -> None:
    commit_files(project, 1)
    enter()
    git(project, "add", "-A", "-f")
    git(project, "commit", "-q", "-m", "all")
    assert enter().recent.files == ["file0.txt"]


def test_the_same_conversation_goes_on(enter: Any, project: Path) -> None:
    enter(owner="me")
    first = state_of(project)
    report = enter(owner="me")
    assert report.state_update.crashed is None
    assert state_of(project)["session_id"] == first["session_id"]
    [metrics] = metrics_of(project)
    assert metrics["health_checks"]["skipped"] == 2
    assert enter(owner="other").state_update.crashed is not None
    assert enter().state_update.crashed is not None
    assert "owner" not in state_of(project)


def test_summaries(enter: Any, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = tmp_path / "shared"
    monkeypatch.setenv("TMPDIR", str(shared))
    (shared / "summary").mkdir(parents=True)
    assert enter().summary == ""
    ours = lay(project, ".claude/progress/summaries/2026.md", "text of it")
    os.utime(ours, (1000, 1000))
    report = enter()
    assert report.summary == str(ours)
    assert "text of it" not in enter_report.lines(report)
    newer = shared / "summary" / "session_1.md"
    newer.write_text("newer")
    assert enter().summary == str(newer)
    os.utime(newer, (500, 500))
    assert enter().summary == str(ours)
    os.utime(newer, (2000, 2000))
    for odd in ("notes.md", "session_2.txt", ".session_3.md"):
        (shared / "summary" / odd).write_text("")
    (shared / "summary" / "session_4.md").symlink_to(ours)
    (shared / "summary" / "session_5.md").mkdir()
    assert enter().summary == str(newer)
    if os.geteuid() == 0:
        os.chown(newer, 12345, 12345)
        assert enter().summary == str(ours)


@pytest.mark.parametrize(
    ("history", "count", "files"),
    [
        ([{"path": "a.py", "timestamp": "t", "operation": "edit"}, {"path": "b.py"}], 2, ["a.py", "b.py"]),
        ({"files": [{"path": "a.py"}], "last_updated": "x"}, 1, ["a.py"]),
        ({"last_updated": "x"}, 0, []),
        (["a.py", "b.py"], 2, ["a.py", "b.py"]),
        ([{"path": str(number)} for number in range(20)], 20, ["15", "16", "17", "18", "19"]),
    ],
)
def test_files_that_were_tracked(history: Any, count: int, files: list[str], enter: Any, project: Path) -> None:
    lay(project, ".claude/progress/file_history.json", history)
    report = enter()
    assert f"Recent files: TRACKED ({count} files)\n" in enter_report.lines(report)
    assert report.recent.files == files


def test_a_folder_that_can_not_be_used_is_named_once(enter: Any, project: Path, tmp_path: Path) -> None:
    (project / ".claude").mkdir()
    (project / ".claude/progress").symlink_to(tmp_path)
    report = enter()
    assert report.problems == [".claude/progress is a symbolic link: refused (move it away)"]


def test_a_store_that_can_not_be_used(enter: Any, project: Path) -> None:
    (project / ".claude").write_text("")
    report = enter()
    assert len(report.problems) == 1, report.problems
    assert "State: UNUSABLE (START; nothing was written)" in enter_report.lines(report)
    assert enter_report.summary(report)["session_id"] is None
