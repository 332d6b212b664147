"""Journals of this user, and journals that came with a clone, in every way in which real git checks a file out."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from session.host.git.journal_origin import journal_origin
from session.store.paths import JOURNAL
from tests.conftest import needs_root
from tests.host.git.test_hostile import HOOKS, markers, settings
from tests.host.git.test_repository import git

__all__ = ["markers"]

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")

STATE = "ia/state"
NAME = f"{STATE}/.journal"
BODY = b"session-journal 1\nabc\n[]\n$Id$ caf\xc3\xa9\n"
CAME_ALONG = "git tracks it, and it is unchanged: it came with the repository (cd "


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """Make a repository that has a journal."""
    folder = tmp_path / "theirs"
    (folder / STATE).mkdir(parents=True)
    (folder / NAME).write_bytes(BODY)
    git(folder, "init", "-q")
    save(folder)
    return folder


def save(folder: Path) -> None:
    git(folder, "add", "-f", ".")
    git(folder, "commit", "-q", "-m", "x")


def clone(theirs: Path, *options: str) -> Path:
    """Clone the repository; return the clone's folder."""
    folder = theirs.parent / "clone"
    git(theirs.parent, *options, "clone", "-q", str(theirs), str(folder))
    return folder


def origin(folder: Path) -> str:
    return journal_origin(str(folder / STATE), JOURNAL)


def test_without_a_journal(theirs: Path, project: Path) -> None:
    assert origin(project) == ""
    (theirs / NAME).unlink()
    assert origin(theirs) == ""
    (theirs / NAME).mkdir()
    assert origin(theirs) == ""


def test_without_a_repository(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / STATE).mkdir(parents=True)
    (project / NAME).write_bytes(BODY)
    assert origin(project) == ""
    monkeypatch.setenv("PATH", "")
    assert origin(project) == ""


@pytest.mark.parametrize("has_commit", [False, True])
def test_an_untracked_journal_is_ours(project: Path, has_commit: bool) -> None:
    git(project, "init", "-q")
    if has_commit:
        git(project, "commit", "-q", "--allow-empty", "-m", "x")
    (project / STATE).mkdir(parents=True)
    (project / NAME).write_bytes(BODY)
    assert origin(project) == ""
    (project / STATE / ".gitignore").write_text("*\n")
    assert origin(project) == ""


def test_one_that_came_with_a_clone_is_not(theirs: Path) -> None:
    folder = clone(theirs)
    remedy = f"cd {folder / STATE} && git rm --cached -f .journal && rm .journal"
    assert origin(folder) == f"git tracks it, and it is unchanged: it came with the repository ({remedy})"
    os.utime(folder / NAME, (1, 1))
    assert origin(folder).startswith(CAME_ALONG)
    subprocess.run(["/bin/sh", "-c", remedy], check=True, capture_output=True)
    assert origin(folder) == ""
    assert not (folder / NAME).exists()
    (folder / NAME).write_bytes(b"another")
    assert origin(folder) == ""


def test_one_that_was_written_over_it_is_ours(theirs: Path) -> None:
    folder = clone(theirs)
    for body in (b"", b"x", BODY + b"\n", BODY[:-1], BODY.replace(b"abc", b"abd")):
        (folder / NAME).write_bytes(body)
        assert origin(folder) == ""


def test_one_that_is_staged_only(project: Path) -> None:
    git(project, "init", "-q")
    (project / STATE).mkdir(parents=True)
    (project / NAME).write_bytes(BODY)
    git(project, "add", "-f", NAME)
    assert origin(project).startswith(CAME_ALONG)


def test_one_that_is_only_in_the_last_commit(theirs: Path) -> None:
    folder = clone(theirs)
    git(folder, "rm", "-q", "--cached", NAME)
    assert origin(folder) == f"{CAME_ALONG}{folder / STATE} && rm .journal)"
    (folder / NAME).write_bytes(b"other")
    git(folder, "add", "-f", NAME)
    (folder / NAME).write_bytes(BODY)
    assert origin(folder).startswith(CAME_ALONG)
    (folder / NAME).write_bytes(b"a third")
    assert origin(folder) == ""


@pytest.mark.parametrize(
    "attributes",
    ["text eol=crlf", "ident", "text working-tree-encoding=latin1", "text=auto eol=crlf", "eol=crlf ident", "-text"],
)
@pytest.mark.parametrize("setting", ["core.autocrlf=false", "core.autocrlf=true", "core.eol=crlf"])
def test_one_that_git_converts_while_it_checks_it_out(theirs: Path, attributes: str, setting: str) -> None:
    (theirs / ".gitattributes").write_text(f".journal {attributes}\n")
    git(theirs, "add", ".gitattributes")
    git(theirs, "commit", "-q", "-m", "x")
    folder = clone(theirs, "-c", setting)
    git(folder, "config", *setting.split("="))
    assert origin(folder).startswith(CAME_ALONG)
    (folder / NAME).write_bytes(b"session-journal 1\nof our own\n")
    assert origin(folder) == ""


def test_one_that_git_would_never_write_back_as_it_is(theirs: Path) -> None:
    """It has line ends and an `$Id$` that another conversion removes, so git takes it for changed."""
    (theirs / NAME).write_bytes(b"a\r\nb\n$Id: of another file $\n")
    git(theirs, "add", "-f", ".")
    git(theirs, "commit", "-q", "-m", "x")
    (theirs / ".gitattributes").write_text(".journal text eol=crlf ident\n")
    git(theirs, "add", ".gitattributes")
    git(theirs, "commit", "-q", "-m", "x")
    folder = clone(theirs)
    assert (folder / NAME).read_bytes() != (theirs / NAME).read_bytes()
    os.utime(folder / NAME, (1, 1))
    assert origin(folder).startswith(CAME_ALONG)


def test_attributes_that_only_a_checkout_reads(theirs: Path) -> None:
    """Those in the index: the file that was checked out has an encoding in which git does not find them."""
    (theirs / ".gitattributes").write_text(".journal text eol=crlf\n")
    save(theirs)
    (theirs / ".git/info/attributes").write_text(".gitattributes working-tree-encoding=UTF-16\n")
    folder = clone(theirs)
    assert origin(folder).startswith(CAME_ALONG)
    (folder / ".gitattributes").write_bytes((folder / ".gitattributes").read_text().encode("utf-16"))
    assert origin(folder).startswith("git tracks it, and could not tell whether it is unchanged: its attributes ")


def test_a_filter_is_not_run_to_find_out(theirs: Path, markers: Path) -> None:
    (theirs / ".gitattributes").write_text(".journal filter=plain\n")
    save(theirs)
    folder = clone(theirs)
    assert origin(folder).startswith(CAME_ALONG)
    (folder / NAME).write_bytes(b"as a filter would write it")
    for key, value in settings().items():
        git(folder, "config", key, value)
    for name in HOOKS:
        (folder / ".git/hooks").mkdir(exist_ok=True)
        (folder / ".git/hooks" / name).write_text(f"#!/bin/sh\nmark hook-{name}\n")
        (folder / ".git/hooks" / name).chmod(0o755)
    for marker in markers.iterdir():
        marker.unlink()
    reason = origin(folder)
    assert reason.startswith("git tracks it, and could not tell whether it is unchanged: its attributes make git ")
    assert reason.endswith(f" (if it is not yours: cd {folder / STATE} && git rm --cached -f .journal && rm .journal)")
    assert [marker.name for marker in markers.iterdir()] == []


def test_a_linked_worktree(theirs: Path) -> None:
    folder = clone(theirs)
    git(folder, "rm", "-q", "-r", "--cached", "ia")
    git(folder, "commit", "-q", "-m", "without it")
    assert origin(folder) == ""
    git(folder, "worktree", "add", "-q", str(theirs.parent / "tree"), "HEAD~1")
    assert origin(theirs.parent / "tree").startswith(CAME_ALONG)
    (theirs.parent / "tree" / NAME).write_bytes(b"ours")
    assert origin(theirs.parent / "tree") == ""


@pytest.mark.parametrize("place", ["", "ia"])
def test_a_submodule(project: Path, theirs: Path, place: str) -> None:
    """A whole project as a submodule, or only the folder of its state."""
    if place:
        for entry in (theirs / "ia").iterdir():
            entry.rename(theirs / entry.name)
        save(theirs)
    git(project, "init", "-q")
    git(project, "submodule", "--quiet", "add", str(theirs), place or "lib")
    folder = project if place else project / "lib"
    assert (folder / NAME).read_bytes() == BODY
    assert origin(folder).startswith(CAME_ALONG)
    (folder / NAME).write_bytes(b"ours")
    assert origin(folder) == ""


def test_behind_a_link(theirs: Path) -> None:
    (theirs / "ia").rename(theirs / "other")
    (theirs / "ia").symlink_to("other")
    save(theirs)
    assert origin(clone(theirs)).startswith(CAME_ALONG)


def test_in_a_folder_of_any_name(theirs: Path) -> None:
    for name in ("*", ":(top)x", "a b'c", "-x", "é\n", 'q"'):
        shutil.copytree(theirs / "ia", theirs / name / "ia")
    save(theirs)
    folder = clone(theirs)
    for name in ("*", ":(top)x", "a b'c", "-x", "é\n", 'q"'):
        assert origin(folder / name).startswith(CAME_ALONG)
    shutil.copytree(theirs / "ia", folder / "x" / "ia")
    assert origin(folder / "x") == ""


def test_a_name_in_other_case(theirs: Path) -> None:
    """On a file system that does not tell cases apart, this is the file that the store opens."""
    (theirs / NAME).rename(theirs / STATE / ".JOURNAL")
    save(theirs)
    folder = clone(theirs)
    (folder / STATE / ".JOURNAL").rename(folder / NAME)
    assert origin(folder).startswith(CAME_ALONG)


def test_sha256(project: Path) -> None:
    git(project, "init", "-q", "--object-format=sha256")
    (project / STATE).mkdir(parents=True)
    (project / NAME).write_bytes(BODY)
    save(project)
    assert origin(project).startswith(CAME_ALONG)
    (project / NAME).write_bytes(b"ours")
    assert origin(project) == ""


def test_the_home_folder_is_asked_too(theirs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a project is cloned into the home folder, as for a container."""
    folder = clone(theirs)
    monkeypatch.setenv("HOME", str(folder))
    assert origin(folder).startswith(CAME_ALONG)


def test_where_git_does_not_tell_it_counts_as_the_users(theirs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a commit would be worse: a session may be in its file and in its archive."""
    folder = clone(theirs)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", "")
        assert origin(folder) == ""
    (folder / ".git/index").write_bytes(b"torn")
    assert origin(folder) == ""
    shutil.rmtree(folder / ".git")
    (folder / ".git").mkdir()
    assert origin(folder) == ""


@needs_root
def test_a_repository_of_someone_else(theirs: Path) -> None:
    folder = clone(theirs)
    for path in (folder, folder / ".git"):
        os.chown(path, 65534, 65534)
    assert origin(folder) == ""


def test_a_journal_that_is_a_link_is_left_to_the_store(theirs: Path) -> None:
    """It opens no link."""
    folder = clone(theirs)
    (folder / NAME).rename(folder / "other")
    (folder / NAME).symlink_to("../../other")
    assert origin(folder) == ""
