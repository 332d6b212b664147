"""Evidence of tests: its content, and when it is stale."""

from pathlib import Path
from typing import Any

import pytest

from session.entry import evidence
from session.entry.run_command import CommandResult
from session.host.git import tree_hash
from tests.entry.laying import feature, lay
from tests.entry.repositories import commit_files, git

PASSED = CommandResult("make", 0, 1.25, "all well")
FAILED = CommandResult("make test", 1, 0.5, "not well")


def proved(tree: str | None, status: str = "tested", **more: Any) -> dict[str, Any]:
    return feature("F-1", status, evidence={"command": "make", "exit_code": 0, "tree": tree, **more})


def test_where_tests_run(project: Path) -> None:
    commit_files(project, 2)
    files = evidence.read_working_tree(str(project))
    assert files.tree == git(project, "rev-parse", "HEAD^{tree}")
    assert files.commit == git(project, "rev-parse", "HEAD")
    assert files.reasons == ()


def test_where_there_is_no_repository_or_no_commit(project: Path) -> None:
    files = evidence.read_working_tree(str(project))
    assert (files.tree, files.commit, files.reasons) == (None, None, ())
    commit_files(project, 0)
    files = evidence.read_working_tree(str(project))
    assert files.tree is not None
    assert (files.commit, files.reasons) == (None, ())


def test_a_record_of_several_commands() -> None:
    files = evidence.WorkingTree("t", "c", ())
    assert evidence.record([PASSED, FAILED], files, "2026-01-02T03:04:05.000Z") == {
        "command": "make && make test",
        "exit_code": 1,
        "duration_s": 1.75,
        "at": "2026-01-02T03:04:05.000Z",
        "tree": "t",
        "commit": "c",
        "output_tail": "not well",
    }


def test_stale_until_it_is_changed_back(project: Path) -> None:
    commit_files(project, 1)
    features = [proved(evidence.read_working_tree(str(project)).tree)]
    assert evidence.stale(features, str(project)) == []
    (project / "file0.txt").write_text("changed")
    assert evidence.stale(features, str(project)) == ["F-1"]
    (project / "file0.txt").write_text("0")
    assert evidence.stale(features, str(project)) == []
    lay(project, "state.json", {})
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "state")
    assert evidence.stale(features, str(project)) == []


@pytest.mark.parametrize(
    "known",
    [
        [],
        [feature("F-1", "tested")],
        [feature("F-1", "tested", evidence="made up")],
        [proved(None)],
        [proved("a tree", "in_progress")],
        [proved("a tree", "blocked")],
    ],
)
def test_git_is_not_asked_without_need(
    project: Path, known: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object) -> str:
        raise AssertionError("git was asked")

    monkeypatch.setattr(evidence, "tree", asked)
    assert evidence.stale(known, str(project)) == []


def test_what_git_can_not_tell_is_not_stale(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert evidence.stale([proved("a tree")], str(project)) == []
    commit_files(project, 1)
    assert evidence.stale([proved("a tree")], str(project)) == ["F-1"]
    monkeypatch.setattr(tree_hash, "TIMEOUT_S", 0.0)
    assert evidence.stale([proved("a tree")], str(project)) == []


@pytest.mark.parametrize(
    ("known", "is_stale", "said"),
    [
        (feature("F-1"), False, ""),
        (feature("F-1", "tested"), False, "none"),
        (feature("F-1", "completed", evidence=[]), False, "none"),
        (proved("t", at="2026-01-02T03:04:05.000Z"), False, "passed 2026-01-02"),
        (proved("t", at="2026-01-02T03:04:05.000Z"), True, "stale (passed 2026-01-02)"),
        (proved("t", at=3), False, "passed"),
        (proved("t", exit_code=1), False, "failed"),
        (proved("t", exit_code=None), False, "timed out"),
        (proved("t", exit_code=False), False, "failed"),
    ],
)
def test_in_a_few_words(known: dict[str, Any], is_stale: bool, said: str) -> None:
    assert evidence.about(known, is_stale=is_stale) == said
