"""Test `session handoff`: its options, output and exit codes."""

import json
from pathlib import Path

import pytest

from session.commands import handoff
from tests.conftest import Run
from tests.entry.laying import lay, load, under_way
from tests.entry.repositories import commit_files, git

Out = pytest.CaptureFixture[str]


def test_it_prints_the_summarys_path(project: Path, run: Run) -> None:
    under_way(project)
    ended = run("session", "handoff", "--action", "wrote the form")
    assert (ended.code, ended.stderr) == (0, f"created ia/state in {project}\n")
    assert "# Session Summary" in (project / ended.stdout.strip()).read_text()
    assert load(project, "state.json")["last_action"] == "wrote the form"


def test_no_session_is_under_way(project: Path, capfd: Out) -> None:
    assert handoff.main([]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("no session is under way: ")
    assert list(project.iterdir()) == []
    assert handoff.main(["--decision", "we stop here"]) == 0
    assert "- we stop here" in next((project / ".claude/progress/summaries").iterdir()).read_text()


@pytest.mark.parametrize(
    "words",
    [["--tokens", "many"], ["--tokens", "-1"], ["--note", " "], ["--decision"], ["extra"], ["--note", "\udcff"]],
)
def test_bad_words(project: Path, capfd: Out, words: list[str]) -> None:
    under_way(project)
    assert handoff.main(words) == 1
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert load(project, "state.json")["dirty"] is True


def test_json(project: Path, capfd: Out) -> None:
    under_way(project)
    assert handoff.main(["--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert set(answer) == {"summary", "headline", "commit", "problems"}
    assert answer["commit"] is None


def test_a_broken_list_is_exit_code_1(project: Path, capfd: Out) -> None:
    under_way(project)
    lay(project, "feature-list.json", "{half")
    assert handoff.main([]) == 1
    out, err = capfd.readouterr()
    assert (project / out.strip()).exists()
    assert "feature-list.json" in err


def test_a_secret_is_warned_about(project: Path, capfd: Out) -> None:
    under_way(project)
    assert handoff.main(["--note", "the key is ghp_" + "a" * 36]) == 0
    assert "warning: --note[0] looks like a secret" in capfd.readouterr().err


def test_commit(project: Path, capfd: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    commit_files(project, 1)
    git(project, "config", "user.name", "Someone")
    git(project, "config", "user.email", "someone@example.com")
    (project / "new.txt").write_text("x")
    under_way(project)
    assert handoff.main(["--commit", "--action", "wrote new.txt"]) == 0
    assert (
        git(project, "log", "-1", "--format=%s") == "Session checkpoint: IMPLEMENT, 0 of 0 features done: wrote new.txt"
    )
    assert "new.txt" in git(project, "show", "--name-only", "--format=", "HEAD")
    assert f"committed as {git(project, 'log', '-1', '--format=%h')}" in capfd.readouterr().err


def test_a_refused_commit_comes_after_everything_else(project: Path, capfd: Out) -> None:
    under_way(project)  # no repository
    assert handoff.main(["--commit"]) == 1
    out, err = capfd.readouterr()
    assert (project / out.strip()).exists()
    assert load(project, "state.json")["dirty"] is False
    assert err.strip().splitlines()[-1]
