"""Tests of a commit of everything: it runs no program of the repository, or it is refused with a command."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from session.errors import SessionError
from session.host.git.commit import commit
from tests.host.git.test_repository import commit as made_before
from tests.host.git.test_repository import git

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")

MESSAGE = "F-1: it's done"


@pytest.fixture
def repository(project: Path) -> Path:
    git(project, "init", "-q")
    git(project, "config", "user.name", "T")
    git(project, "config", "user.email", "t@example.org")
    return project


def refusal(folder: Path) -> tuple[str, str]:
    """Return the message and the hint of a refused commit."""
    with pytest.raises(SessionError) as refused:
        commit(str(folder), MESSAGE)
    return refused.value.message, refused.value.hint


def by_hand(folder: Path) -> str:
    return f"by hand: git -C {folder} add -A . && git -C {folder} commit -m {shlex.quote(MESSAGE)}"


@pytest.mark.parametrize("commits", [0, 2])
def test_everything_is_committed(repository: Path, commits: int) -> None:
    for _ in range(commits):
        made_before(repository)
    (repository / "new").write_text("new\n")
    (repository / "gone").write_text("gone\n")
    git(repository, "add", "gone")
    (repository / "gone").unlink()
    (repository / ".gitignore").write_text("*.log\n")
    (repository / "a.log").write_text("ignored\n")
    short = commit(str(repository), "F-1: all of it")
    assert git(repository, "log", "-1", "--format=%h %s|%b|%an").strip() == f"{short} F-1: all of it||T"
    assert git(repository, "status", "--porcelain") == ""
    assert "a.log" not in git(repository, "ls-files")
    assert git(repository, "rev-list", "--count", "HEAD").strip() == str(commits + 1)


@pytest.mark.parametrize("commits", [0, 1])
def test_nothing_to_commit(repository: Path, commits: int) -> None:
    for _ in range(commits):
        made_before(repository)
    assert commit(str(repository), "none") == ""
    assert git(repository, "rev-list", "--all", "--count").strip() == str(commits)


@pytest.mark.parametrize(
    ("message", "subject"),
    [
        ("two\nlines\x1b[31m", "two"),
        ("# a heading", "# a heading"),
        ("--amend", "--amend"),
        ("  ", "session: a commit without a message"),
        ("é ✓", "é ✓"),
    ],
)
def test_a_message_is_one_harmless_line(repository: Path, message: str, subject: str) -> None:
    (repository / "new").write_text("new\n")
    commit(str(repository), message)
    found = git(repository, "log", "-1", "--format=%B").strip()
    assert found.startswith(subject)
    assert "\n" not in found
    assert "\x1b" not in found


def test_a_project_within_a_repository_and_a_worktree(repository: Path, tmp_path: Path) -> None:
    made_before(repository)
    (repository / "app").mkdir()
    (repository / "app" / "a").write_text("a\n")
    (repository / "elsewhere").write_text("of others\n")
    assert commit(str(repository / "app"), "app") != ""
    assert git(repository, "status", "--porcelain") == "?? elsewhere\n"
    git(repository, "worktree", "add", "-q", str(tmp_path / "other"))
    (tmp_path / "other" / "b").write_text("b\n")
    short = commit(str(tmp_path / "other"), "there")
    assert git(tmp_path / "other", "rev-parse", "--short", "HEAD").strip() == short
    assert not (repository / "b").exists()


@pytest.mark.parametrize("name", ["pre-commit", "commit-msg", "prepare-commit-msg", "post-commit"])
@pytest.mark.parametrize("place", [".git/hooks", "own", "global"])
def test_hooks_are_not_passed_by_in_silence(repository: Path, tmp_path: Path, name: str, place: str) -> None:
    hooks = tmp_path / "home" / "hooks" if place == "global" else repository / place
    hooks.mkdir(parents=True, exist_ok=True)
    (hooks / name).write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\n")
    if place == "own":
        git(repository, "config", "core.hooksPath", "own")
    elif place == "global":
        git(repository, "config", "--global", "core.hooksPath", "~/hooks")
    assert not os.access(hooks / name, os.X_OK)
    (hooks / name).chmod(0o755)
    (repository / "new").write_text("new\n")
    assert refusal(repository) == (f"not committed: the hook {name} would not run", by_hand(repository))
    assert git(repository, "diff", "--cached", "--name-only") == ""
    assert not (tmp_path / "ran").exists()
    (hooks / name).chmod(0o644)  # which git, too, passes by
    assert commit(str(repository), "now") != ""
    assert not (tmp_path / "ran").exists()


def test_the_words_by_hand_work(repository: Path) -> None:
    hook = repository / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\n")
    hook.chmod(0o755)
    (repository / "new").write_text("new\n")
    words = refusal(repository)[1].removeprefix("by hand: ")
    subprocess.run(["sh", "-c", words], check=True, capture_output=True)
    assert git(repository, "log", "-1", "--format=%s").strip() == MESSAGE


@pytest.mark.parametrize("scope", ["--local", "--global"])
def test_who_signs_does_it_by_hand(repository: Path, tmp_path: Path, scope: str) -> None:
    program = tmp_path / "gpg"
    program.write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\n")
    program.chmod(0o755)
    git(repository, "config", "gpg.program", str(program))
    (repository / "new").write_text("new\n")
    git(repository, "config", scope, "commit.gpgSign", "yes")
    assert refusal(repository) == ("not committed: commit.gpgSign asks for a signature", by_hand(repository))
    git(repository, "config", scope, "commit.gpgSign", "false")
    assert commit(str(repository), "now") != ""
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("scope", ["--local", "--global"])
def test_a_filter_counts_where_files_go_through_it(repository: Path, scope: str) -> None:
    git(repository, "config", scope, "filter.lfs.clean", "false")
    git(repository, "config", scope, "filter.lfs.required", "true")
    (repository / "a.txt").write_text("a\n")
    assert commit(str(repository), "none of them") != ""
    (repository / ".gitattributes").write_text("*.bin filter=lfs\n")
    assert commit(str(repository), "still none") != ""
    (repository / "a.bin").write_text("a\n")
    assert refusal(repository) == ("not committed: files go through the filter lfs", by_hand(repository))


@pytest.mark.parametrize("value", ["true", "TRUE", "Yes", "on", "1", None])
def test_every_way_to_ask_for_a_signature(repository: Path, value: str | None) -> None:
    with (repository / ".git" / "config").open("a") as file:
        file.write("[commit]\n\tgpgSign" + (f" = {value}" if value else "") + "\n")
    (repository / "new").write_text("new\n")
    assert refusal(repository)[0] == "not committed: commit.gpgSign asks for a signature"


def test_hooks_that_the_configuration_names(repository: Path) -> None:
    """Newer versions of git know such hooks."""
    git(repository, "config", "hook.check.command", "make check")
    (repository / "new").write_text("new\n")
    assert refusal(repository)[0] == "not committed: hooks that git's configuration names would not run"


@pytest.mark.parametrize("key", ["clean", "process"])
def test_a_filter_of_either_kind(repository: Path, key: str) -> None:
    git(repository, "config", f"filter.lfs.{key}", "false")
    (repository / ".gitattributes").write_text("*.bin filter=lfs\n")
    (repository / "a.bin").write_text("a\n")
    assert refusal(repository)[0] == "not committed: files go through the filter lfs"


def test_settings_that_would_change_or_refuse_the_commit(repository: Path) -> None:
    for name, value in {"commit.cleanup": "strip", "core.autocrlf": "input", "core.safecrlf": "true"}.items():
        git(repository, "config", name, value)
    (repository / "windows").write_bytes(b"a\r\n")
    assert commit(str(repository), "# a heading") != ""
    assert git(repository, "log", "-1", "--format=%B").strip() == "# a heading"


def test_a_long_message_is_cut(repository: Path) -> None:
    (repository / "new").write_text("new\n")
    commit(str(repository), "x" * 500)
    assert git(repository, "log", "-1", "--format=%B").strip() == "x" * 200 + "… (300 more characters)"


def test_a_file_monitor_is_not_run_and_changes_nothing(repository: Path, tmp_path: Path) -> None:
    git(repository, "config", "core.fsmonitor", f"touch '{tmp_path}/ran'; false")
    (repository / "new").write_text("new\n")
    assert commit(str(repository), "all") != ""
    assert not (tmp_path / "ran").exists()


def test_a_working_tree_elsewhere_is_not_committed(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "home" / "secret").write_text("secret\n")
    (repository / "new").write_text("new\n")
    git(repository, "config", "core.worktree", str(tmp_path / "home"))
    assert commit(str(repository), "all") != ""
    git(repository, "config", "--unset", "core.worktree")
    assert git(repository, "ls-tree", "-r", "--name-only", "HEAD").split() == ["new"]


def test_while_something_is_under_way(repository: Path) -> None:
    made_before(repository)
    (repository / ".git" / "MERGE_HEAD").write_text(git(repository, "rev-parse", "HEAD"))
    (repository / "new").write_text("new\n")
    assert refusal(repository) == ("not committed: a merge is under way", "finish it first")


def test_without_a_repository_or_an_identity(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(project) == ("not committed: no git repository", "git init")
    git(project, "init", "-q")
    git(project, "config", "user.useConfigOnly", "true")
    (project / "new").write_text("new\n")
    assert refusal(project)[0].startswith("not committed: git var: ")
    assert not (project / ".git" / "index").exists()
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "From the environment")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "e@example.org")
    assert commit(str(project), "all") != ""
    assert git(project, "log", "-1", "--format=%an").strip() == "From the environment"
    (project / ".git" / "index.lock").write_text("")
    (project / "more").write_text("new\n")
    assert "index.lock" in refusal(project)[0]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refusal(project)[0] == "not committed: git is not installed"


def test_a_disk_that_is_full_while_git_works(repository: Path) -> None:
    """Git fails instead of being killed, so it leaves no lock, and the message gives the way to go on."""
    made_before(repository)
    (repository / "large").write_bytes(os.urandom(100_000))
    code = "import sys; from session.host.git.commit import commit; commit(*sys.argv[1:])"
    words = shlex.join([sys.executable, "-P", "-c", code, str(repository), MESSAGE])
    done = subprocess.run(["sh", "-c", f"ulimit -f 20; exec {words}"], capture_output=True, text=True, check=False)
    last = done.stderr.splitlines()[-1]
    assert "not committed: git add: " in last
    assert f"(mend that, then {by_hand(repository)})" in last
    assert list((repository / ".git").glob("*.lock")) == []
    assert commit(str(repository), MESSAGE)
