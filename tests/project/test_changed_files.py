"""The changed files in a work session's log, with real git and without it."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from session.project import changed_files
from session.store.files import FileStore
from tests.project.conftest import Call, write

COMMAND = "session_manager"


def git(folder: Path, *words: str, at: str | None = None) -> None:
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    if at:
        env |= {"GIT_COMMITTER_DATE": at, "GIT_AUTHOR_DATE": at}
    settings = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *settings, *words], cwd=folder, env=env, check=True, capture_output=True)


def put(folder: Path, name: str, text: str, *, old: bool = False) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    if old:
        os.utime(path, (1, 1))


@pytest.fixture
def repository(project: Path) -> Path:
    """A repository with an old commit and old changes that are not committed."""
    git(project, "init", "-q")
    for name in ("kept.py", "changed.py", "committed.py", "gone.py", "dirty before.py"):
        put(project, name, "old", old=True)
    git(project, "add", "-A")
    git(project, "commit", "-qm", "long ago", at="2020-01-01T00:00:00Z")
    put(project, "dirty before.py", "dirty", old=True)
    put(project, "untracked before.py", "old", old=True)
    return project


def lists(folder: Path) -> tuple[list[str], list[str]]:
    [log] = (folder / "SESSION_LOGS").glob("*.json")
    told = json.loads(log.read_text())
    return told["filesCreated"], told["filesModified"]


def test_commits_and_what_is_not_committed(call: Call, repository: Path) -> None:
    assert call(COMMAND, "start", "1.A.5").code == 0
    put(repository, "committed.py", "new")
    put(repository, "été/created then changed.py", "1")
    git(repository, "add", "-A", "--", "committed.py", "été")
    git(repository, "commit", "-qm", "one")
    put(repository, "été/created then changed.py", "2")
    put(repository, "changed.py", "new")
    put(repository, "staged.py", "1")
    git(repository, "add", "staged.py")
    put(repository, "untracked.py", "1")
    put(repository, "came and went.py", "1")
    git(repository, "add", "came and went.py")
    git(repository, "commit", "-qm", "two")
    for name in ("came and went.py", "gone.py"):
        (repository / name).unlink()
    assert call(COMMAND, "end").code == 0
    created, modified = lists(repository / "ia/state")
    assert created == ["staged.py", "untracked.py", "été/created then changed.py"]
    assert modified == ["changed.py", "committed.py"]


def test_the_first_commits_of_a_repository(call: Call, project: Path) -> None:
    assert call(COMMAND, "start", "1.A.5").code == 0
    git(project, "init", "-q")
    put(project, "a.py", "1")
    git(project, "add", "a.py")
    git(project, "commit", "-qm", "one")
    assert call(COMMAND, "end").code == 0
    assert lists(project / "ia/state") == (["a.py"], [])


def test_the_state_is_no_work(call: Call, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With $PRISM_ROOT the state can be inside a repository that does not ignore it."""
    monkeypatch.setenv("PRISM_ROOT", str(repository))
    assert call(COMMAND, "start", "1.A.5").code == 0
    put(repository, "SESSION_CONTEXT.txt", "x")
    put(repository, "CHECKPOINTS/CP_20260120_100000/checkpoint.json", "{}")
    put(repository, "SESSION_LOGS.md", "x")
    assert call(COMMAND, "end").code == 0
    assert lists(repository) == (["SESSION_LOGS.md"], [])


def test_a_state_below_the_top(call: Call, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "prism").mkdir()
    monkeypatch.setenv("PRISM_ROOT", str(repository / "prism"))
    assert call(COMMAND, "start", "1.A.5").code == 0
    put(repository, "prism/work.js", "x")
    assert call(COMMAND, "end").code == 0
    assert lists(repository / "prism") == (["prism/work.js"], [])


def test_what_was_noted_before_is_kept(call: Call, repository: Path) -> None:
    (repository / "ia/state").mkdir(parents=True)
    record = {"id": "a", "startTime": "2021-01-01T00:00:00Z", "filesCreated": ["x", 3], "filesModified": ["changed.py"]}
    write(repository / "ia/state", {"currentSession": record})
    put(repository, "changed.py", "new")
    put(repository, "new.py", "new")
    assert call(COMMAND, "end").code == 0
    assert lists(repository / "ia/state") == (["x", 3, "new.py"], ["changed.py"])


@pytest.mark.parametrize("record", ["a", {"id": "a"}, {"id": "a", "startTime": "soon"}, {"id": "a", "startTime": 3}])
def test_without_a_time_nothing_is_said(call: Call, repository: Path, record: object) -> None:
    (repository / "ia/state").mkdir(parents=True)
    write(repository / "ia/state", {"currentSession": record})
    put(repository, "new.py", "new")
    assert call(COMMAND, "end").code == 0
    assert lists(repository / "ia/state") == ([], [])


def test_without_git(call: Call, repository: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    assert call(COMMAND, "start", "1.A.5").code == 0
    put(repository, "new.py", "new")
    ended = call(COMMAND, "end", env={"PATH": str(tmp_path / "bin")})
    assert (ended.code, ended.stderr) == (0, "")
    assert lists(repository / "ia/state") == ([], [])


def test_without_a_repository(call: Call, project: Path) -> None:
    assert call(COMMAND, "start", "1.A.5").code == 0
    put(project, "new.py", "new")
    assert call(COMMAND, "end").code == 0
    assert lists(project / "ia/state") == ([], [])


def test_a_repository_runs_nothing_of_its_own(call: Call, repository: Path) -> None:
    """Reading a cloned repository never starts a program that the repository configures."""
    trap = repository / ".git/trap.sh"
    trap.write_text("#!/bin/sh\ntouch trapped\ncat\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "filter.x.clean", "gpg.program", "core.pager", "diff.x.textconv"):
        git(repository, "config", key, str(trap))
    git(repository, "config", "log.showSignature", "true")
    (repository / ".git/info/attributes").write_text("* filter=x diff=x\n")
    assert call(COMMAND, "start", "1.A.5").code == 0
    put(repository, "changed.py", "new")
    assert call(COMMAND, "end").code == 0
    assert lists(repository / "ia/state") == ([], ["changed.py"])
    assert not (repository / "trapped").exists()


def test_very_many_files_are_counted(repository: Path) -> None:
    for n in range(changed_files.MOST_FILES + 5):
        put(repository, f"many/{n:04}", "x")
    done = changed_files.find_changed(FileStore(str(repository), ""), int(time.time() * 1000) - 3_600_000)
    assert (len(done.created), done.modified, done.left_out) == (changed_files.MOST_FILES, [], 5)
