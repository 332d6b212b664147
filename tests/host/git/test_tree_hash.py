"""Tests of the hash of a project's files: a commit keeps it, a change does not, nothing is written or run."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from session.host.git import tree_hash
from session.host.git.tree_hash import tree
from tests.host.git.test_repository import commit, git

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")


@pytest.fixture
def repository(project: Path) -> Path:
    git(project, "init", "-q")
    return project


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return the content and modification time of all files in the folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def by_git(folder: Path) -> str:
    """Return the hash that git computes for the files with a temporary index."""
    with tempfile.TemporaryDirectory() as place:
        environment = {**os.environ, "GIT_INDEX_FILE": f"{place}/index"}
        subprocess.run(["git", "add", "-A"], cwd=folder, env=environment, check=True)
        done = subprocess.run(["git", "write-tree"], cwd=folder, env=environment, check=True, capture_output=True)
    return done.stdout.decode().strip()


@pytest.mark.parametrize("commits", [0, 1, 3])
def test_it_is_the_tree_that_git_would_make(repository: Path, commits: int) -> None:
    for _ in range(commits):
        commit(repository)
    (repository / "new").write_text("untracked\n")
    (repository / 'Übersicht "a"').write_text("odd name\n")
    (repository / "run").write_text("#!/bin/sh\n")
    (repository / "run").chmod(0o755)
    (repository / "link").symlink_to("new")
    (repository / ".gitignore").write_text("*.log\n")
    (repository / "out.log").write_text("ignored\n")
    assert tree(str(repository)) == by_git(repository)


def test_a_commit_leaves_it_and_a_change_does_not(repository: Path) -> None:
    commit(repository)
    (repository / "file").write_text("changed\n")
    (repository / "more").write_text("new\n")
    before = tree(str(repository))
    git(repository, "add", "file")
    assert tree(str(repository)) == before
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "all")
    assert tree(str(repository)) == before
    (repository / "file").write_text("changes\n")  # of the same size
    assert tree(str(repository)) not in (before, None)
    (repository / "file").write_text("changed\n")
    assert tree(str(repository)) == before
    (repository / "more").unlink()
    assert tree(str(repository)) not in (before, None)


@pytest.mark.parametrize("tracked", [False, True])
@pytest.mark.parametrize("folder", [".claude/progress", "ia/state"])
def test_what_changes_all_the_time_does_not_count(repository: Path, folder: str, tracked: bool) -> None:
    commit(repository)
    before = tree(str(repository))
    (repository / folder).mkdir(parents=True)
    (repository / folder / "state.json").write_text("{}")
    if tracked:
        git(repository, "add", "-A")
        git(repository, "commit", "-q", "-m", "state, too")
    assert tree(str(repository)) == before
    (repository / folder / "state.json").write_text("{ }")
    assert tree(str(repository)) == before
    (repository / folder).parent.joinpath("config.json").write_text("{}")
    assert tree(str(repository)) != before


def test_nothing_is_written(repository: Path) -> None:
    commit(repository)
    git(repository, "config", "core.splitIndex", "true")
    git(repository, "config", "core.untrackedCache", "true")
    (repository / "file").write_text("changed\n")
    (repository / "new").write_text("x" * 100_000)
    before = everything(repository)
    assert tree(str(repository)) is not None
    assert everything(repository) == before


def test_nothing_is_left_behind(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = tmp_path / "cache" / "workflow-session" / "temporary"
    commit(repository)
    assert tree(str(repository)) is not None
    assert list(place.iterdir()) == []
    monkeypatch.setattr(tree_hash, "TIMEOUT_S", 0.0)
    reasons: list[str] = []
    assert tree(str(repository), reasons) is None
    assert reasons == ["git took longer than 0 s"]
    assert list(place.iterdir()) == []


def test_temporary_files_in_the_project_do_not_count(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(repository)
    before = tree(str(repository))
    monkeypatch.setenv("XDG_CACHE_HOME", str(repository / "cache"))
    place = repository / "cache" / "workflow-session" / "temporary"
    (place / "another").mkdir(parents=True)
    (place / "another" / "file").write_text("x")
    place.chmod(0o700)
    assert tree(str(repository)) == before


def test_a_worktree_has_its_own(repository: Path, tmp_path: Path) -> None:
    commit(repository)
    git(repository, "worktree", "add", "-q", str(tmp_path / "other"))
    assert tree(str(tmp_path / "other")) == tree(str(repository))
    (tmp_path / "other" / "file").write_text("changed\n")
    assert tree(str(tmp_path / "other")) not in (tree(str(repository)), None)


def test_a_project_within_a_repository_counts_alone(repository: Path) -> None:
    commit(repository)
    (repository / "app" / "src").mkdir(parents=True)
    (repository / "app" / "src" / "a.py").write_text("a\n")
    (repository / "app" / "ia" / "state").mkdir(parents=True)
    (repository / "app" / "ia" / "state" / "x").write_text("x\n")
    before = tree(str(repository / "app"))
    assert before is not None
    (repository / "file").write_text("of another project\n")
    assert tree(str(repository / "app")) == before
    (repository / "app" / "src" / "a.py").write_text("b\n")
    assert tree(str(repository / "app")) != before


def test_a_path_that_alternates_have_to_quote(tmp_path: Path) -> None:
    folder = tmp_path / 'a:b"c\\d'
    folder.mkdir()
    git(folder, "init", "-q")
    commit(folder)
    assert tree(str(folder)) == git(folder, "rev-parse", "HEAD^{tree}").strip()


def test_submodules_count_by_their_commit(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    git(tmp_path / "library", "init", "-q")
    commit(tmp_path / "library")
    git(repository, "submodule", "--quiet", "add", str(tmp_path / "library"), "lib")
    git(repository, "commit", "-q", "-m", "library")
    before = tree(str(repository))
    assert before == git(repository, "rev-parse", "HEAD^{tree}").strip()
    (repository / "lib" / "file").write_text("dirty\n")
    assert tree(str(repository)) == before
    commit(repository / "lib")
    assert tree(str(repository)) not in (before, None)


def test_files_that_git_is_at_a_loss_with(repository: Path) -> None:
    commit(repository)
    before = tree(str(repository))
    (repository / "nested").mkdir()
    git(repository / "nested", "init", "-q")  # a repository without commits: git add refuses it
    assert tree(str(repository)) == before


def test_without_a_repository(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def why(folder: Path) -> list[str]:
        reasons: list[str] = []
        assert tree(str(folder), reasons) is None
        return reasons

    assert why(project) == ["no git repository"]
    git(project, "init", "-q", "--bare")
    assert why(project) == ["no git repository"]
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / ".git").write_text("gitdir: nowhere\n")
    assert why(tmp_path / "broken") == [".git names a folder that is not there"]
    (tmp_path / "real").mkdir()
    git(tmp_path / "real", "init", "-q")
    (tmp_path / "real" / ".git" / "index").write_bytes(b"no index\n")
    assert why(tmp_path / "real")[0].startswith("git ls-files: ")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert why(tmp_path / "real") == ["git is not installed"]


def test_a_working_tree_elsewhere_does_not_count(repository: Path, tmp_path: Path) -> None:
    commit(repository)
    before = tree(str(repository))
    (tmp_path / "home" / "secret").write_text("secret\n")
    git(repository, "config", "core.worktree", str(tmp_path / "home"))
    assert tree(str(repository)) == before


def test_a_file_as_new_as_the_index_is_read_again(repository: Path) -> None:
    """A change in the same moment as `git add`, of the same size: git goes by the time of the index."""
    commit(repository)
    git(repository, "config", "core.trustctime", "false")
    before = tree(str(repository))
    assert before is not None
    moment = (1_700_000_000, 1_700_000_000)  # of an earlier second: a copy made now has another one
    (repository / "file").write_text("LINE\n")
    os.utime(repository / "file", moment)
    git(repository, "add", "file")
    (repository / "file").write_text("line\n")
    for path in (repository / "file", repository / ".git" / "index"):
        os.utime(path, moment)
    assert tree(str(repository)) == before


def test_a_project_within_a_repository_has_the_tree_of_its_folder(repository: Path) -> None:
    (repository / "app").mkdir()
    commit(repository)
    commit(repository / "app")
    before = tree(str(repository / "app"))
    assert before == git(repository, "rev-parse", "HEAD:app").strip()
    commit(repository, "of another project")
    assert tree(str(repository / "app")) == before


def test_line_breaks_that_git_refuses_to_convert(repository: Path) -> None:
    commit(repository)
    git(repository, "config", "core.autocrlf", "input")
    git(repository, "config", "core.safecrlf", "true")
    (repository / "windows").write_bytes(b"a\r\n")
    reasons: list[str] = []
    assert tree(str(repository), reasons) is not None
    assert reasons == []
