"""Tests with a repository that tries to run programs in every way that git's configuration has."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from session.errors import SessionError
from session.host.git.commit import commit as commit_all
from session.host.git.repository import Repository
from session.host.git.tree_hash import tree
from tests.host.git.test_repository import commit, git

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")

HOOKS = ("post-index-change", "fsmonitor-watchman", "post-checkout", "reference-transaction", "pre-auto-gc")


@pytest.fixture
def markers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder where `mark NAME`, the program that the repository tries to run, makes a file."""
    folder = tmp_path / "markers"
    folder.mkdir()
    (tmp_path / "bin").mkdir()
    mark = tmp_path / "bin" / "mark"
    mark.write_text(f'#!/bin/sh\ntouch "{folder}/$1"\ncase "$1" in filter*|included|own) cat; esac\n')
    mark.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return folder


def settings() -> dict[str, str]:
    made = {
        "core.fsmonitor": "mark fsmonitor",
        "core.pager": "mark pager",
        "core.editor": "mark editor",
        "core.askPass": "mark askpass",
        "core.sshCommand": "mark ssh",
        "core.gitProxy": "mark proxy",
        "core.alternateRefsCommand": "mark alternates",
        "pager.status": "mark pager-status",
        "pager.config": "mark pager-config",
        "diff.external": "mark diff-external",
        "diff.driver.command": "mark diff-command",
        "diff.driver.textconv": "mark textconv",
        "merge.driver.driver": "mark merge",
        "gpg.program": "mark gpg",
        "log.showSignature": "true",
        "credential.helper": "!mark credential",
        "uploadpack.packObjectsHook": "mark pack",
        "status.submoduleSummary": "true",
        "diff.submodule": "log",
        "diff.ignoreSubmodules": "none",
        "submodule.recurse": "true",
        "submodule.lib.update": "!mark submodule",
        "submodule.lib.ignore": "none",
        "status.renames": "copies",
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
    }
    made |= {f"alias.{word}": f"!mark alias-{word}" for word in ("status", "ls-files", "rev-list", "config")}
    for number, name in enumerate(["plain", "a.b", "", "UPPER lower", 'quo"te', "é"]):
        made[f"filter.{name}.clean"] = f"mark filter-{number}-clean"
        made[f"filter.{name}.smudge"] = f"mark filter-{number}-smudge"
        made[f"filter.{name}.required"] = "true"
    made["filter.long.process"] = "mark filter-process"
    made["filter.long.clean"] = "mark filter-process-clean"
    return made


@pytest.fixture
def hostile(project: Path, tmp_path: Path, markers: Path) -> Path:
    """Make a repository with all these settings, and with files that `git status` must read."""
    git(project, "init", "-q")
    (tmp_path / "library").mkdir()
    git(tmp_path / "library", "init", "-q")
    commit(tmp_path / "library")
    git(project, "submodule", "--quiet", "add", str(tmp_path / "library"), "lib")
    names = ["plain", "dotted", "empty", "upper", "quoted", "accent", "long", "included", "own"]
    for name in names:
        (project / name).write_text("content\n")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "all")
    attributes = ["plain", "a.b", "", "UPPER", "quo", "é", "long", "included", "own"]
    lines = [f"{name} filter={value} diff=driver merge=driver\n" for name, value in zip(names, attributes, strict=True)]
    (project / ".gitattributes").write_text("".join(lines))
    for folder in (project / ".git", project / ".git" / "modules" / "lib"):
        for name in HOOKS:
            (folder / "hooks").mkdir(exist_ok=True)
            hook = folder / "hooks" / name
            hook.write_text(f"#!/bin/sh\nmark hook-{name}\n")
            hook.chmod(0o755)
    for folder in (project, project / "lib"):
        for key, value in settings().items():
            git(folder, "config", key, value)
    git(project, "config", "filter.UPPER.clean", "mark filter-upper")
    git(project, "config", "include.path", "more")
    (project / ".git" / "more").write_text('[filter "included"]\nclean = mark included\nrequired\n')
    git(project, "config", "extensions.worktreeConfig", "true")
    (project / ".git" / "config.worktree").write_text('[filter "own"]\nclean = mark own\n')
    for name in names:  # same size, other time: git must compare the content
        (project / name).write_text("CONTENT\n")
        os.utime(project / name, (1, 1))
    (project / "lib" / "file").write_text("LINE\n")
    for marker in markers.iterdir():
        marker.unlink()
    return project


def look_at_everything(project: Path) -> Repository:
    asked = Repository(str(project), timeout_s=30)
    head = asked.head()
    assert head is not None
    asked.operation()
    asked.has_branch("other")
    asked.tracked(str(project), ["x.json"])
    asked.commits_since(head.commit, [0])
    asked.dirty(3)
    return asked


def plain_status(folder: Path) -> None:
    subprocess.run(
        ["git", "status"], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
    )


def test_the_traps_work(hostile: Path, markers: Path) -> None:
    """Plain git runs the programs; without this, the next test would prove nothing."""
    plain_status(hostile)
    ran = {marker.name for marker in markers.iterdir()}
    assert {"fsmonitor", "filter-0-clean", "filter-1-clean", "filter-process", "included", "own"} <= ran


def test_nothing_is_run(hostile: Path, markers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_EXTERNAL_DIFF", "GIT_SSH_COMMAND", "GIT_PAGER", "GIT_EDITOR", "GIT_ASKPASS", "GIT_PROXY_COMMAND"):
        monkeypatch.setenv(name, f"mark {name}")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "mark environment")
    monkeypatch.setenv("GIT_TRACE", str(markers / "trace"))
    asked = look_at_everything(hostile)
    assert asked.reasons == []
    dirty = asked.dirty(20)
    assert dirty is not None
    assert sorted(dirty.files) == sorted(
        [".gitattributes", "plain", "dotted", "empty", "upper", "quoted", "accent", "long", "included", "own"]
    )
    assert [marker.name for marker in markers.iterdir()] == []


def test_nothing_is_run_for_the_history(hostile: Path, markers: Path) -> None:
    commit(hostile, "another")
    first = git(hostile, "rev-list", "--max-parents=0", "HEAD").strip()
    for marker in markers.iterdir():
        marker.unlink()
    asked = Repository(str(hostile), timeout_s=30)
    assert [subject for _, subject in asked.recent_commits(3) or ()] == ["a commit", "all"]
    for facts in (asked.since_commit(first, 3), asked.changed_since(0)):
        assert facts is not None
    for commits in (1, 5):
        assert "plain" in (asked.recent_files(20, commits) or ())
    assert asked.reasons == []
    assert [marker.name for marker in markers.iterdir()] == []


def test_nothing_is_run_for_the_hash_of_all_files(hostile: Path, markers: Path) -> None:
    reasons: list[str] = []
    assert tree(str(hostile), reasons) is not None
    assert reasons == []
    (hostile / "lib" / ".gitattributes").write_text("* filter=plain\n")
    assert tree(str(hostile), reasons) is not None
    assert [marker.name for marker in markers.iterdir()] == []


@pytest.fixture
def submodule(project: Path, tmp_path: Path, markers: Path) -> Path:
    """Make a repository whose submodule runs a filter that only its own configuration has, and differs in content."""
    git(project, "init", "-q")
    commit(project)
    (tmp_path / "library").mkdir()
    git(tmp_path / "library", "init", "-q")
    commit(tmp_path / "library")
    git(project, "submodule", "--quiet", "add", str(tmp_path / "library"), "lib")
    git(project, "commit", "-q", "-m", "a library")
    for setting, value in {"diff.ignoreSubmodules": "none", "submodule.lib.ignore": "none", "user.name": "T"}.items():
        git(project, "config", setting, value)
    git(project, "config", "user.email", "t@example.org")
    (project / "lib" / ".gitattributes").write_text("* filter=inner\n")
    (project / "lib" / "file").write_text("LINE\n")
    os.utime(project / "lib" / "file", (1, 1))
    git(project / "lib", "config", "filter.inner.clean", "mark filter-inner")
    (project / "file").write_text("changed\n")
    return project / "lib"


def test_a_submodule_is_not_looked_into(submodule: Path, project: Path, markers: Path) -> None:
    first = git(project, "rev-list", "--max-parents=0", "HEAD").strip()
    for marker in markers.iterdir():
        marker.unlink()
    asked = look_at_everything(project)
    assert asked.since_commit(first, 9) is not None
    assert asked.changed_since(0) is not None
    assert asked.recent_files(9) is not None
    assert asked.reasons == []
    assert tree(str(project)) is not None
    assert commit_all(str(project), "all") != ""
    assert git(project, "show", "--format=", "--name-only").split() == ["file"]
    assert [marker.name for marker in markers.iterdir()] == []
    plain_status(project)
    assert [marker.name for marker in markers.iterdir()] == ["filter-inner"]


def test_a_submodule_counts_by_its_commit(submodule: Path, project: Path, markers: Path) -> None:
    git(submodule, "-c", "filter.inner.clean=", "commit", "-q", "--allow-empty", "-m", "another")
    for marker in markers.iterdir():
        marker.unlink()
    before = tree(str(project))
    assert commit_all(str(project), "all") != ""
    assert git(project, "show", "--format=", "--name-only", "--ignore-submodules=dirty").split() == ["file", "lib"]
    assert tree(str(project)) == before
    assert [marker.name for marker in markers.iterdir()] == []


def test_nothing_is_committed_where_something_would_run(hostile: Path, markers: Path) -> None:
    before = git(hostile, "rev-parse", "HEAD"), git(hostile, "diff", "--cached", "--name-only")
    for marker in markers.iterdir():
        marker.unlink()
    with pytest.raises(SessionError, match="not committed: the hook post-index-change would not run"):
        commit_all(str(hostile), "all")
    for hook in (hostile / ".git" / "hooks").iterdir():
        hook.unlink()
    with pytest.raises(SessionError, match="not committed: files go through the filter "):
        commit_all(str(hostile), "all")
    assert [marker.name for marker in markers.iterdir()] == []
    (hostile / ".gitattributes").unlink()  # what it takes to have this committed all the same
    for section in ("filter.a.b", "filter.", "filter.UPPER lower", 'filter.quo"te', "filter.é"):
        git(hostile, "config", "--remove-section", section)
    git(hostile, "config", "user.name", "T")
    git(hostile, "config", "user.email", "t@example.org")
    for marker in markers.iterdir():
        marker.unlink()
    assert commit_all(str(hostile), "all") != ""
    assert [marker.name for marker in markers.iterdir()] == []
    assert (git(hostile, "rev-parse", "HEAD"), git(hostile, "diff", "--cached", "--name-only")) != before


def test_a_filter_that_can_not_be_switched_off(hostile: Path, markers: Path) -> None:
    with (hostile / ".git" / "config").open("a") as file:
        file.write('[filter "a=b"]\nclean = mark equals\n')
    with (hostile / ".gitattributes").open("a") as file:
        file.write("plain filter=a=b\n")
    asked = look_at_everything(hostile)
    assert asked.reasons == ["a filter is configured that can't be switched off"]
    assert [marker.name for marker in markers.iterdir()] == []


@pytest.mark.parametrize("way", ["upload", "ssh", "helper"])
def test_nothing_is_fetched(project: Path, tmp_path: Path, markers: Path, way: str) -> None:
    """Objects that are missing on purpose, from a remote that would run something."""
    git(project, "init", "-q")
    commit(project)
    tree = git(project, "rev-parse", "HEAD^{tree}").strip()
    (project / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    urls = {"upload": str(tmp_path / "home"), "ssh": "ssh://host/x", "helper": "ext::mark helper"}
    remote = {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": urls[way],
        "remote.origin.uploadpack": "mark upload;",
        "core.sshCommand": "mark ssh",
        "protocol.ext.allow": "always",
        "protocol.allow": "always",
    }
    for key, value in remote.items():
        git(project, "config", key, value)
    asked = look_at_everything(project)
    assert [reason.partition(":")[0] for reason in asked.reasons] == ["git status"]
    assert [marker.name for marker in markers.iterdir()] == []
    plain_status(project)
    assert [marker.name for marker in markers.iterdir()] == [way]


def test_a_working_tree_elsewhere_is_only_read(hostile: Path, tmp_path: Path, markers: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(hostile, elsewhere, symlinks=True)
    git(hostile, "config", "core.worktree", str(elsewhere))
    before = sorted((path, path.lstat().st_mtime_ns) for path in elsewhere.rglob("*"))
    look_at_everything(hostile)
    assert sorted((path, path.lstat().st_mtime_ns) for path in elsewhere.rglob("*")) == before
    assert [marker.name for marker in markers.iterdir()] == []


def lay_out_as_a_repository(folder: Path) -> None:
    git(folder, "init", "-q", "--bare", ".")
    git(folder, "config", "core.bare", "false")
    git(folder, "config", "core.worktree", ".")
    git(folder, "config", "core.fsmonitor", "mark bare")


def test_a_folder_laid_out_as_a_repository_is_none(project: Path, markers: Path) -> None:
    lay_out_as_a_repository(project)
    (project / "x.json").touch()
    asked = Repository(str(project))
    assert asked.top is None
    assert asked.tracked(str(project), ["x.json"]) == set()
    plain_status(project)
    assert [marker.name for marker in markers.iterdir()] == ["bare"]


def test_what_is_tracked_is_not_hidden_by_a_repository_around_it(project: Path, markers: Path) -> None:
    """As one that is cloned could have its sessions taken for the user's own."""
    git(project, "init", "-q")
    folder = project / "ia" / "state" / "sessions"
    folder.mkdir(parents=True)
    (folder / "x.json").write_text("{}")
    git(project, "add", "-f", "ia/state/sessions/x.json")
    lay_out_as_a_repository(folder)
    assert git(folder, "ls-files") == ""
    assert Repository(str(project)).tracked(str(folder), ["x.json"]) == {"x.json"}
    assert [marker.name for marker in markers.iterdir() if marker.name != "bare"] == []


def test_nor_is_it_one_beside_a_git_that_is_empty(project: Path, markers: Path) -> None:
    lay_out_as_a_repository(project)
    (project / ".git").mkdir()
    (project / "x.json").touch()
    asked = Repository(str(project))
    assert (asked.head(), asked.dirty(3), asked.tracked(str(project), ["x.json"])) == (None, None, None)
    assert asked.reasons[0] == ".git holds no repository"
    assert asked.reasons[1].startswith("git ls-files: ")
    assert [marker.name for marker in markers.iterdir()] == []
