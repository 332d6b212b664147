"""Documents are in the project, or in a folder for conversations only, which the first document makes."""

import stat
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.conversation.conftest import Call, stored


def test_in_the_project(project: Path, run: Run) -> None:
    (project / ".git").mkdir()
    (project / "below").mkdir()
    ended = run("session", "doc", "init", "--convo-id", "c", cwd=project / "below")
    path = project / "ia/state/conversations/c/SESSION_STATE.md"
    assert ended.stderr == f"created ia/state in {project}\n"
    assert f"\n  Path: {path}\n" in ended.stdout
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ended = run("session", "doc", "init", "--convo-id", "d")
    assert "\n  Path: ia/state/conversations/d/SESSION_STATE.md\n" in ended.stdout
    assert ended.stderr == ""
    assert (project / "ia/state/.gitignore").is_file()
    assert run("session", "list", "--json").code == 0  # what else is in the project takes no notice


def test_a_folder_that_is_not_there_yet(project: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKFLOW_SESSION_CONVERSATIONS", "a/b")
    assert call("check", "--convo-id", "c").code == 1
    assert call("list").stdout == "[]\n"
    assert list(project.iterdir()) == []
    ended = call("init", "--convo-id", "c")
    assert (ended.code, ended.stderr) == (0, f"created a/b in {project}\n")
    assert ended.stdout.endswith(f"  Path: {project}/a/b/c/SESSION_STATE.md\n")
    assert call("init", "--convo-id", "d").stderr == ""
    assert sorted(path.name for path in (project / "a/b").iterdir()) == [".lock", "c", "d"]
    assert stored(project / "a/b", "d").startswith("---\nconversation_id: d\n")


def test_a_file_in_its_place(project: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "file").write_text("x")
    for named in ("file", "file/below"):
        monkeypatch.setenv("WORKFLOW_SESSION_CONVERSATIONS", named)
        ended = call("init", "--convo-id", "c")
        assert ended.code == 1
        said = f"WORKFLOW_SESSION_CONVERSATIONS is not a folder: {named} (name another one, or unset it)\n"
        assert ended.stderr == said


def test_another_store_is_refused(base: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKFLOW_SESSION_STORE", "postgresql://x")
    assert "stores in files only" in call("check", "--convo-id", "c").stderr


def test_it_is_no_home_of_a_projects_state(base: Path, run: Run) -> None:
    """The first write makes conversations only, and no .gitignore in a folder that belongs to the user."""
    assert run("session", "doc", "init", "--convo-id", "c").code == 0
    assert sorted(path.name for path in base.iterdir()) == [".lock", "c"]
    assert [path.name for path in (base / "c").iterdir()] == ["SESSION_STATE.md"]


def test_who_died_is_cleared_up_after(base: Path, call: Call) -> None:
    assert call("init", "--convo-id", "c").code == 0
    (base / "c/.temporary").write_text("half a document")
    (base / ".lock").write_text("         1\n")
    assert call("update", "--convo-id", "c", "--field", "Focus", "--value", "x").code == 0
    assert [path.name for path in (base / "c").iterdir()] == ["SESSION_STATE.md"]
