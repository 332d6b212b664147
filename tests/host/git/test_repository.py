"""Compare the facts about a repository with those of real git, in every state of a repository."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from session.host.git.dot_git import is_branch_name
from session.host.git.repository import MOST_COMMITS, Repository
from tests.conftest import needs_root

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")


def git(folder: Path, *words: str, at_s: int | None = None, fails: bool = False) -> str:
    settings = ("user.name=T", "user.email=t@example.org", "init.defaultBranch=main", "protocol.file.allow=always")
    options = [word for setting in settings for word in ("-c", setting)]
    dates = {} if at_s is None else {"GIT_COMMITTER_DATE": f"{at_s} +0000", "GIT_AUTHOR_DATE": f"{at_s} +0000"}
    environment = {**os.environ, **dates}
    done = subprocess.run(["git", *options, *words], cwd=folder, capture_output=True, env=environment, check=False)
    assert (done.returncode != 0) == fails, done.stderr.decode()
    return os.fsdecode(done.stdout)


def commit(folder: Path, name: str = "file", *, at_s: int | None = None) -> str:
    with (folder / name).open("a") as file:
        file.write("line\n")
    git(folder, "add", "--", name)
    git(folder, "commit", "-q", "-m", "a commit", at_s=at_s)
    return git(folder, "rev-parse", "HEAD").strip()


def said(folder: Path) -> tuple[str, str, str]:
    """Return branch, commit and operation under way; check that nothing failed."""
    repository = Repository(str(folder))
    head = repository.head()
    assert head is not None
    assert repository.reasons == []
    return head.branch, head.commit, repository.operation()


@pytest.fixture
def repository(project: Path) -> Path:
    git(project, "init", "-q")
    return project


@pytest.fixture
def without_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.parametrize("count", [0, 1, 3, 8])
def test_commits(repository: Path, count: int) -> None:
    started_s = 1_800_000_000
    commits = [commit(repository, at_s=started_s + n) for n in range(count)]
    assert said(repository) == ("main", commits[-1] if count else "", "")
    if count:
        times = [1000 * (started_s + n) for n in range(-1, count + 1)]
        asked = Repository(str(repository))
        assert asked.commits_since(commits[-1], times) == [count, *range(count - 1, -1, -1), 0]
        assert asked.commits_since(commits[-1], []) == []
        assert asked.reasons == []


def test_commits_are_counted_by_the_second_and_to_a_limit(repository: Path) -> None:
    stream = "".join(
        f"commit refs/heads/main\ncommitter T <t@example.org> {1_800_000_000 + n} +0000\ndata 1\nx\n"
        for n in range(MOST_COMMITS + 10)
    )
    subprocess.run(["git", "fast-import", "--quiet"], cwd=repository, input=stream.encode(), check=True)
    last = 1_800_000_000 + MOST_COMMITS + 9
    asked = Repository(str(repository))
    head = asked.head()
    assert head is not None
    times = [0, -5, 1000 * last, 1000 * last + 999, 1000 * (last - 4) + 1, 1000 * last + 1000]
    assert asked.commits_since(head.commit, times) == [MOST_COMMITS, MOST_COMMITS, 0, 0, 4, 0]


@pytest.mark.usefixtures("without_git")
def test_no_repository(project: Path) -> None:
    asked = Repository(str(project))
    assert asked.top is None
    assert (asked.head(), asked.operation(), asked.dirty(3), asked.has_branch("main")) == (None, "", None, None)
    assert asked.tracked(str(project), ["x.json"]) == set()
    assert asked.reasons == []


def test_no_git(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = commit(repository)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert said(repository) == ("main", head, "")
    asked = Repository(str(repository))
    assert asked.has_branch("main")
    assert asked.has_branch("other") is False
    assert asked.dirty(3) is None
    assert asked.commits_since(head, [0]) is None
    assert asked.tracked(str(repository), ["x.json"]) is None
    assert asked.reasons == ["git is not installed"]


def test_a_git_of_the_project_is_not_run(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "git").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (repository / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f".::{repository}")
    asked = Repository(str(repository))
    assert asked.dirty(3) is None
    assert asked.reasons == ["git is not installed"]
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["feat/x", "release/v1.2", "feat/été", "a.b", "@", "分支/一", "feat/a-b_c#1", "HEAD2"])
def test_branch_names(repository: Path, name: str) -> None:
    head = commit(repository)
    git(repository, "checkout", "-q", "-b", name)
    assert said(repository) == (name, head, "")
    git(repository, "pack-refs", "--all")
    assert said(repository) == (name, head, "")
    asked = Repository(str(repository))
    assert asked.has_branch(name)
    assert asked.has_branch("main")
    assert asked.has_branch(f"{name}-not") is False
    assert asked.has_branch(name[:-1]) is False
    assert asked.reasons == []


def test_an_unborn_branch_beside_others(repository: Path) -> None:
    commit(repository)
    git(repository, "checkout", "-q", "--orphan", "fresh/start")
    assert said(repository) == ("fresh/start", "", "")
    assert Repository(str(repository)).has_branch("fresh/start") is False
    assert Repository(str(repository)).has_branch("fresh") is False


def test_detached(repository: Path) -> None:
    first = commit(repository)
    commit(repository)
    git(repository, "checkout", "-q", first)
    assert said(repository) == ("", first, "")


def test_a_loose_ref_hides_the_packed_one(repository: Path) -> None:
    commit(repository)
    git(repository, "pack-refs", "--all")
    head = commit(repository)
    assert said(repository) == ("main", head, "")


def test_a_branch_that_stands_for_another(repository: Path) -> None:
    head = commit(repository)
    git(repository, "symbolic-ref", "refs/heads/alias", "refs/heads/main")
    git(repository, "symbolic-ref", "HEAD", "refs/heads/alias")
    assert said(repository) == ("alias", head, "")


def test_sha256(project: Path) -> None:
    git(project, "init", "-q", "--object-format=sha256")
    head = commit(project)
    assert len(head) == 64
    assert said(project) == ("main", head, "")


def test_a_worktree(repository: Path, tmp_path: Path) -> None:
    head = commit(repository)
    git(repository, "pack-refs", "--all")
    git(repository, "worktree", "add", "-q", "-b", "feat/tree", str(tmp_path / "tree"))
    assert said(tmp_path / "tree") == ("feat/tree", head, "")
    own = commit(tmp_path / "tree", "other")
    assert said(tmp_path / "tree") == ("feat/tree", own, "")
    assert said(repository) == ("main", head, "")
    git(tmp_path / "tree", "checkout", "-q", "--detach", head)
    assert said(tmp_path / "tree") == ("", head, "")
    assert Repository(str(tmp_path / "tree")).has_branch("feat/tree")
    (tmp_path / "tree" / "new").touch()
    dirty = Repository(str(tmp_path / "tree")).dirty(3)
    assert dirty is not None
    assert dirty.files == ["new"]


def test_a_worktree_of_a_bare_repository(repository: Path, tmp_path: Path) -> None:
    head = commit(repository, "x.json")
    git(tmp_path, "clone", "-q", "--bare", str(repository), "bare.git")
    git(tmp_path / "bare.git", "worktree", "add", "-q", "-b", "tree", str(tmp_path / "tree"))
    assert said(tmp_path / "tree") == ("tree", head, "")
    asked = Repository(str(tmp_path / "tree"))
    dirty = asked.dirty(3)
    assert dirty is not None
    assert dirty.count == 0
    assert asked.tracked(str(tmp_path / "tree"), ["x.json"]) == {"x.json"}


def test_a_submodule(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    git(tmp_path / "library", "init", "-q")
    head = commit(tmp_path / "library")
    git(repository, "submodule", "--quiet", "add", str(tmp_path / "library"), "lib")
    commit(repository)
    assert said(repository / "lib") == ("main", head, "")
    commit(repository / "lib")
    (repository / "lib" / "untracked").touch()
    dirty = Repository(str(repository)).dirty(3)
    assert dirty is not None
    assert dirty.files == ["lib"]


@pytest.fixture
def conflict(repository: Path) -> Path:
    """Make a branch `other` that cannot be merged, rebased or picked without a conflict."""
    commit(repository)
    git(repository, "checkout", "-q", "-b", "other")
    for text in ("theirs\n", "theirs again\n"):
        (repository / "file").write_text(text)
        git(repository, "commit", "-q", "-a", "-m", "theirs")
    git(repository, "checkout", "-q", "main")
    (repository / "file").write_text("ours\n")
    git(repository, "commit", "-q", "-a", "-m", "ours")
    return repository


@pytest.mark.parametrize(
    ("words", "operation", "detached"),
    [
        (["merge", "other"], "merge", False),
        (["rebase", "other"], "rebase", True),
        (["rebase", "--apply", "other"], "rebase", True),
        (["cherry-pick", "other"], "cherry-pick", False),
        (["cherry-pick", "other~1", "other"], "cherry-pick", False),
        (["revert", "HEAD~1"], "revert", False),
    ],
)
def test_an_operation_in_progress(conflict: Path, words: list[str], operation: str, detached: bool) -> None:
    git(conflict, *words, fails=True)
    branch, head, found = said(conflict)
    assert (branch, head) == ("" if detached else "main", git(conflict, "rev-parse", "HEAD").strip())
    assert found == operation
    git(conflict, operation, "--abort")
    assert said(conflict)[2] == ""


def test_patches_in_progress(conflict: Path) -> None:
    patch = git(conflict, "format-patch", "--stdout", "main..other")
    (conflict / "patch").write_text(patch)
    git(conflict, "am", "patch", fails=True)
    assert said(conflict)[2] == "am"


def test_a_cherry_pick_between_two_commits(conflict: Path) -> None:
    git(conflict, "cherry-pick", "other~1", "other", fails=True)
    git(conflict, "commit", "-q", "-a", "-m", "resolved")
    assert said(conflict)[2] == "cherry-pick or revert"


def test_a_bisection(repository: Path) -> None:
    for _ in range(4):
        commit(repository)
    git(repository, "bisect", "start", "HEAD", "HEAD~3")
    branch, head, operation = said(repository)
    assert (branch, head, operation) == ("", git(repository, "rev-parse", "HEAD").strip(), "bisect")


def test_dirty_files(repository: Path) -> None:
    for name in ("changed", "deleted", "staged", "moved", "line\nbreak", "with -> arrow"):
        commit(repository, name)
    assert (clean := Repository(str(repository)).dirty(3)) is not None
    assert (clean.count, clean.files, clean.more) == (0, [], False)
    (repository / "changed").write_text("new")
    (repository / "deleted").unlink()
    (repository / "staged").write_text("new")
    (repository / "line\nbreak").write_text("new")
    (repository / "with -> arrow").write_text("new")
    git(repository, "add", "staged")
    git(repository, "mv", "moved", "was moved")
    (repository / "folder").mkdir()
    (repository / "folder" / "untracked").touch()
    os.close(os.open(os.fsencode(repository) + b"/\xff", os.O_CREAT))
    (repository / ".gitignore").write_text("ignored\n")
    (repository / "ignored").touch()
    dirty = Repository(str(repository)).dirty(100)
    assert dirty is not None
    expected = {"changed", "deleted", "staged", "moved", "was moved", "line\nbreak", "with -> arrow", "folder/"}
    assert set(dirty.files) == expected | {".gitignore", "\udcff"}
    assert dirty.count == len(dirty.files)
    few = Repository(str(repository)).dirty(2)
    assert few is not None
    assert (few.count, few.files) == (dirty.count, dirty.files[:2])


def test_a_rename_in_the_configuration_is_two_files(repository: Path) -> None:
    commit(repository, "one")
    git(repository, "config", "status.renames", "copies")
    git(repository, "mv", "one", "two")
    dirty = Repository(str(repository)).dirty(100)
    assert dirty is not None
    assert sorted(dirty.files) == ["one", "two"]


def test_the_index_is_left_alone(repository: Path) -> None:
    commit(repository)
    time.sleep(0.01)
    os.utime(repository / "file")
    before = (repository / ".git" / "index").stat().st_mtime_ns
    (repository / ".git" / "index.lock").touch()  # of another git at work
    assert Repository(str(repository)).dirty(3) is not None
    assert (repository / ".git" / "index").stat().st_mtime_ns == before


def test_tracked(repository: Path) -> None:
    folder = repository / "ia" / "state" / "sessions"
    (folder / "archives").mkdir(parents=True)
    for name in ("w:pr.json", "*.json", ":odd.json", "é.json", "new\nline.json", "archives/old.json", "x.md"):
        (folder / name).write_text("{}")
        git(repository, "add", "-f", f":(literal)ia/state/sessions/{name}")
    (folder / "own.json").write_text("{}")
    expected = {"w:pr.json", "*.json", ":odd.json", "é.json", "new\nline.json"}
    for others in (["own.json", "none.json", "archives"], [f"{n:09}.json" for n in range(2000)]):
        names = [*expected, *others]
        assert Repository(str(repository)).tracked(str(folder), names) == expected
        assert Repository(str(repository / "ia")).tracked(str(folder), names) == expected
        assert Repository(str(repository)).tracked(str(repository / "nowhere"), names) == set()
    assert Repository(str(repository)).tracked(str(folder), ["*.json"]) == {"*.json"}
    assert Repository(str(repository)).tracked(str(folder), ["o*.json", "?.json"]) == set()
    assert Repository(str(repository)).tracked(str(folder), []) == set()


@pytest.mark.parametrize("count", [0, 2000])
def test_tracked_where_the_file_system_ignores_case(
    repository: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """As on macOS and Windows, where `ia` may be tracked as `IA`."""
    monkeypatch.setattr("session.host.git.repository._CASE", ",icase")
    folder = repository / "ia" / "state"
    folder.mkdir(parents=True)
    add_names(repository, "IA/State", 3, 5)
    names = ["00001.json", "x.json", *(f"own {n:09}.json" for n in range(count))]
    assert Repository(str(repository)).tracked(str(folder), names) == {"00001.json"}


def add_names(repository: Path, folder: str, count: int, length: int) -> None:
    """Add `count` files with names of `length` characters to the index; they need not exist."""
    blob = git(repository, "hash-object", "-w", "/dev/null").strip()
    lines = (f"100644 {blob}\t{folder}/{n:0{length}}.json\n" for n in range(count))
    subprocess.run(["git", "update-index", "--index-info"], cwd=repository, input="".join(lines).encode(), check=True)


@pytest.mark.parametrize("count", [1, 3000])
def test_other_tracked_files_do_not_hide_one(repository: Path, count: int) -> None:
    """Even if their names are many MiB."""
    folder = repository / "ia" / "state" / "sessions"
    folder.mkdir(parents=True)
    (folder / "theirs.json").touch()
    git(repository, "add", "-f", "ia/state/sessions/theirs.json")
    add_names(repository, "ia/state/sessions", 50_000, 150)
    add_names(repository, "ia/state/other", 50_000, 150)
    asked = Repository(str(repository), timeout_s=30)
    names = ["theirs.json", *(f"own {n}.json" for n in range(count))]
    assert asked.tracked(str(folder), names) == {"theirs.json"}
    assert asked.reasons == []


@pytest.mark.parametrize("name", ["*", "[x]", "a\\b", "?", ":odd", "é\n", "-x"])
def test_tracked_in_a_folder_of_any_name(repository: Path, name: str) -> None:
    for folder in (name, "xx", "x", "a", "b"):
        (repository / folder).mkdir()
        (repository / folder / f"in {folder}.json").touch()
    git(repository, "add", ".")
    file = f"in {name}.json"
    for names in ([file, "x.json"], [file, *(f"{n:09}.json" for n in range(2000))]):
        assert Repository(str(repository)).tracked(str(repository / name), names) == {file}


@pytest.mark.parametrize("way", ["link", "submodule"])
def test_tracked_behind_a_link_and_in_a_submodule(repository: Path, tmp_path: Path, way: str) -> None:
    other = repository / "other" if way == "link" else tmp_path / "other"
    (other / "state" / "sessions").mkdir(parents=True)
    (other / "state" / "sessions" / "x.json").write_text("{}")
    if way == "link":
        (repository / "ia").symlink_to("other")
        git(repository, "add", ".")
    else:
        git(other, "init", "-q")
        commit(other, "state/sessions/x.json")
        git(repository, "submodule", "--quiet", "add", str(other), "ia")
    commit(repository)
    assert Repository(str(repository)).tracked(str(repository / "ia/state/sessions"), ["x.json"]) == {"x.json"}


def test_a_folder_in_a_repository(repository: Path) -> None:
    head = commit(repository)
    (repository / "a" / "b").mkdir(parents=True)
    assert said(repository / "a" / "b") == ("main", head, "")
    assert Repository(str(repository / "a" / "b")).top == str(repository)


def test_the_home_folder_counts_for_itself_only(tmp_path: Path) -> None:
    home = tmp_path / "home"
    git(home, "init", "-q")
    (home / "project").mkdir()
    (home / "project" / "x.json").touch()
    git(home, "add", ".")
    within = Repository(str(home / "project"))
    assert (within.top, within.tracked(str(home / "project"), ["x.json"])) == (None, set())
    assert said(home) == ("main", "", "")
    assert Repository(str(home)).tracked(str(home / "project"), ["x.json"]) == {"x.json"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("gitdir: /no/such/folder\n", ".git names a folder that is not there"),
        ("gitdir: ../home\n", ".git holds no repository"),
        ("nonsense", ".git is neither a folder nor a link to one"),
        ("", ".git is neither a folder nor a link to one"),
        ("gitdir: \0\n", ".git names a folder that is not there"),
    ],
)
def test_a_git_file_that_points_nowhere(project: Path, content: str, reason: str) -> None:
    (project / ".git").write_text(content)
    asked = Repository(str(project))
    assert (asked.head(), asked.operation(), asked.dirty(3), asked.has_branch("x")) == (None, "", None, None)
    assert asked.reasons == [reason]


def test_an_empty_git_folder_is_not_that_of_a_folder_above(repository: Path) -> None:
    commit(repository)
    (repository / "inner" / ".git").mkdir(parents=True)
    (repository / "inner" / "x.json").touch()
    asked = Repository(str(repository / "inner"))
    assert asked.head() is None
    assert asked.tracked(str(repository / "inner"), ["x.json"]) is None
    assert asked.reasons[0] == ".git holds no repository"
    assert asked.reasons[1].startswith("git ls-files: not a git repository")


@pytest.mark.parametrize("make", ["fifo", "link", "device"])
def test_a_git_that_is_no_file(project: Path, make: str) -> None:
    if make == "fifo":
        os.mkfifo(project / ".git")
    else:
        (project / ".git").symlink_to("/dev/zero" if make == "device" else "/no/such/folder")
    asked = Repository(str(project))
    assert asked.head() is None
    assert asked.reasons == [".git can't be read"]


def test_what_is_odd_is_asked_of_git(repository: Path) -> None:
    """HEAD is a symbolic link, as old versions of git made it."""
    head = commit(repository)
    (repository / ".git" / "HEAD").unlink()
    (repository / ".git" / "HEAD").symlink_to("refs/heads/main")
    assert said(repository) == ("main", head, "")
    asked = Repository(str(repository))
    assert asked.has_branch("main")
    assert asked.has_branch("none") is False
    assert asked.has_branch("../main") is False
    assert asked.reasons == []
    git(repository, "checkout", "-q", "--orphan", "fresh")
    (repository / ".git" / "HEAD").unlink()
    (repository / ".git" / "HEAD").symlink_to("refs/heads/fresh")
    assert said(repository) == ("fresh", "", "")


def test_a_head_beside_the_branches(repository: Path) -> None:
    head = commit(repository)
    git(repository, "update-ref", "refs/other/x", head)
    git(repository, "symbolic-ref", "HEAD", "refs/other/x")
    assert said(repository) == ("refs/other/x", head, "")


@pytest.mark.parametrize(
    "content",
    ["", "ref: refs/heads/../../../../etc/hostname\n", "ref: refs/heads/.invalid\n", "ref: x\n", "zzz\n", "0123456\n"],
)
def test_a_head_that_git_can_not_read(repository: Path, content: str) -> None:
    commit(repository)
    (repository / ".git" / "HEAD").write_text(content)
    asked = Repository(str(repository))
    assert asked.head() is None
    assert len(asked.reasons) == 1
    assert asked.reasons[0].startswith("git symbolic-ref: ")


def test_a_ref_of_another_shape(repository: Path) -> None:
    commit(repository)
    (repository / ".git" / "refs" / "heads" / "main").write_text("torn")
    asked = Repository(str(repository))
    assert asked.head() is None
    assert [reason.partition(":")[0] for reason in asked.reasons] == ["git symbolic-ref"]


def test_a_corrupt_repository(repository: Path) -> None:
    head = commit(repository)
    (repository / ".git" / "index").write_bytes(b"torn")
    shutil.rmtree(repository / ".git" / "objects")
    (repository / ".git" / "objects").mkdir()
    asked = Repository(str(repository))
    assert asked.dirty(3) is None
    assert asked.commits_since(head, [0]) is None
    assert asked.tracked(str(repository), ["x.json"]) is None
    assert [reason.partition(":")[0] for reason in asked.reasons] == ["git status", "git rev-list", "git ls-files"]
    assert all(reason.isprintable() for reason in asked.reasons)


@needs_root
def test_a_repository_of_someone_else(repository: Path) -> None:
    head = commit(repository)
    for path in (repository, repository / ".git"):
        os.chown(path, 65534, 65534)
    assert said(repository) == ("main", head, "")
    asked = Repository(str(repository))
    assert asked.dirty(3) is None
    [reason] = asked.reasons
    assert reason.startswith("git status: detected dubious ownership in repository at '")


def test_a_git_that_hangs(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").write_text("#!/bin/sh\necho run >>calls\nsleep 600 & sleep 600\n")
    (tmp_path / "bin" / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    asked = Repository(str(repository), timeout_s=0.2)
    assert asked.tracked(str(repository), ["x.json"]) is None
    assert asked.dirty(3) is None
    assert asked.reasons == ["git took longer than 0.2 s"]


def test_a_git_that_says_too_much(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    script = '#!/bin/sh\nfor w; do [ "$w" = config ] && exit; done\nwhile :; do printf "?? aaaaaaaaaa\\0"; done\n'
    (tmp_path / "bin" / "git").write_text(script)
    (tmp_path / "bin" / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    asked = Repository(str(repository), timeout_s=60)
    dirty = asked.dirty(3)
    assert dirty is not None
    assert (dirty.count, dirty.files, dirty.more) == ((1 << 20) // 14, ["aaaaaaaaaa"] * 3, True)
    assert asked.tracked(str(repository), ["x.json"]) is None
    assert asked.reasons == ["git ls-files writes too much"]


@given(st.text(max_size=20))
@example("a/b").via("a name in two parts")
def test_names_that_are_read_by_are_names_to_git(name: str) -> None:
    """Every accepted branch name stays below refs/heads, and git accepts it too."""
    if not is_branch_name(name):
        return
    assert os.path.normpath(f"/refs/heads/{name}") == f"/refs/heads/{name}"
    done = subprocess.run(["git", "check-ref-format", b"refs/heads/" + os.fsencode(name)], check=False)
    assert done.returncode == 0


@pytest.mark.parametrize(
    "name", ["", "..", "a/../b", "/a", "a/", "a//b", ".a", "a/.b", "-a", "a b", "a\0", "\ud800", "x" * 2000]
)
def test_names_that_are_not_read_by(name: str) -> None:
    assert not is_branch_name(name)


def test_the_files_of_the_first_commit_whatever_is_configured(repository: Path) -> None:
    commit(repository)
    git(repository, "config", "log.showRoot", "false")
    changed = Repository(str(repository)).changed_since(0)
    assert changed is not None
    assert (changed.created, changed.modified) == (["file"], [])


def subjects(commits: list[tuple[str, str]] | None) -> list[str] | None:
    return None if commits is None else [subject for _, subject in commits]


def commit_as(folder: Path, subject: str, *, at_s: int | None = None) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", subject, at_s=at_s)
    return git(folder, "rev-parse", "HEAD").strip()


class TestSinceCommit:
    @pytest.mark.parametrize("most", [1, 2, 3, 4])
    def test_the_newest_commits_and_whether_there_are_more(self, repository: Path, most: int) -> None:
        first = commit(repository)
        for number in range(3):
            commit_as(repository, f"later {number}")
        since = Repository(str(repository)).since_commit(first, most)
        assert since is not None
        assert subjects(since.commits) == ["later 2", "later 1", "later 0"][:most]
        assert since.more is (most < 3)

    def test_files_are_compared_with_what_is_there_now(self, repository: Path) -> None:
        for name in ("changed", "deleted", "same", "back"):
            (repository / name).write_text("1")
        first = commit_as(repository, "first")
        for name in ("changed", "back"):
            (repository / name).write_text("2")
        commit_as(repository, "second")
        (repository / "back").write_text("1")
        (repository / "deleted").unlink()
        (repository / "untracked").touch()
        since = Repository(str(repository)).since_commit(first, 9)
        assert since is not None
        assert since.files == [("M", "changed"), ("D", "deleted"), ("?", "untracked")]
        assert subjects(since.commits) == ["second"]

    def test_a_commit_that_is_not_there(self, repository: Path) -> None:
        for commits in range(2):
            asked = Repository(str(repository))
            assert asked.since_commit("0" * 40, 9) is None
            assert asked.reasons == [f"the repository does not know the commit {'0' * 40}"], commits
            commit(repository)

    def test_a_branch_without_a_commit(self, repository: Path) -> None:
        first = commit(repository)
        git(repository, "symbolic-ref", "HEAD", "refs/heads/new")
        asked = Repository(str(repository))
        assert asked.since_commit(first, 9) is None
        assert asked.reasons == [f"the repository does not know the commit {first}"]


class TestChangedSince:
    NOW_S = 1_800_000_000

    def changed(self, repository: Path, at_ms: int) -> tuple[list[str], list[str]]:
        changed = Repository(str(repository)).changed_since(at_ms)
        assert changed is not None
        return changed.created, changed.modified

    def lay(self, repository: Path, name: str, text: str, at_s: float) -> None:
        (repository / name).write_text(text)
        os.utime(repository / name, (at_s, at_s))

    def test_commits_from_that_second_on(self, repository: Path) -> None:
        for seconds in range(3):
            self.lay(repository, f"f{seconds}", "1", self.NOW_S + seconds)
            commit_as(repository, "x", at_s=self.NOW_S + seconds)
        for at_ms, created in ((0, ["f0", "f1", "f2"]), (1000, ["f1", "f2"]), (1999, ["f1", "f2"]), (2000, ["f2"])):
            assert self.changed(repository, self.NOW_S * 1000 + at_ms) == (created, [])
        assert self.changed(repository, self.NOW_S * 1000 + 3000) == ([], [])

    def test_what_was_created_and_modified_later_is_created(self, repository: Path) -> None:
        self.lay(repository, "old", "1", self.NOW_S)
        commit_as(repository, "x", at_s=self.NOW_S)
        for name in ("old", "new"):
            self.lay(repository, name, "2", self.NOW_S + 10)
        commit_as(repository, "y", at_s=self.NOW_S + 10)
        for name in ("old", "new"):
            self.lay(repository, name, "3", self.NOW_S + 20)
        commit_as(repository, "z", at_s=self.NOW_S + 20)
        for name in ("old", "new"):
            self.lay(repository, name, "4", self.NOW_S + 30)
        assert self.changed(repository, self.NOW_S * 1000 + 5000) == (["new"], ["old"])

    def test_what_was_created_anew_is_created(self, repository: Path) -> None:
        for second, text in enumerate(("1", "2", "", "3")):
            path = repository / "file"
            path.unlink(missing_ok=True)
            if text:
                self.lay(repository, "file", text, self.NOW_S + second)
            commit_as(repository, "x", at_s=self.NOW_S + second)
        assert self.changed(repository, self.NOW_S * 1000 + 1000) == (["file"], [])

    def test_what_no_longer_exists_is_left_out(self, repository: Path) -> None:
        for name in ("committed", "working", "stays"):
            self.lay(repository, name, "1", self.NOW_S)
        commit_as(repository, "x", at_s=self.NOW_S)
        (repository / "committed").unlink()
        commit_as(repository, "y", at_s=self.NOW_S + 1)
        (repository / "working").unlink()
        assert self.changed(repository, 0) == (["stays"], [])

    def test_uncommitted_files_by_their_time(self, repository: Path) -> None:
        for name in ("tracked", "before"):
            self.lay(repository, name, "1", self.NOW_S)
        commit_as(repository, "x", at_s=self.NOW_S)
        at_ms = (self.NOW_S + 10) * 1000
        self.lay(repository, "tracked", "2", self.NOW_S + 10)  # this very moment counts
        self.lay(repository, "before", "2", self.NOW_S + 9)
        (repository / "folder").mkdir()
        self.lay(repository, "folder/untracked", "1", self.NOW_S + 11)
        self.lay(repository, "added", "1", self.NOW_S + 11)
        git(repository, "add", "added")
        self.lay(repository, "too old", "1", self.NOW_S + 9.999)
        assert self.changed(repository, at_ms) == (["added", "folder/untracked"], ["tracked"])


class TestRecent:
    def test_commits_from_that_second_on(self, repository: Path) -> None:
        for seconds in range(3):
            commit_as(repository, f"x{seconds}", at_s=1_800_000_000 + seconds)
        asked = Repository(str(repository))
        assert subjects(asked.recent_commits(2)) == ["x2", "x1"]
        assert subjects(asked.recent_commits(9, 1_800_000_001_999)) == ["x2", "x1"]
        assert subjects(asked.recent_commits(9, 1_800_000_002_000)) == ["x2"]
        assert subjects(asked.recent_commits(9, -1)) == ["x2", "x1", "x0"]

    def test_files_of_the_last_five_commits(self, repository: Path) -> None:
        for number in range(7):
            commit(repository, f"f{number}")
        asked = Repository(str(repository))
        assert asked.recent_files(9) == [f"f{number}" for number in range(2, 7)]
        assert asked.recent_files(2) == ["f2", "f3"]
        assert asked.recent_files(9, commits=6) == [f"f{number}" for number in range(1, 7)]
        assert asked.recent_files(9, commits=7) == [f"f{number}" for number in range(7)]  # fewer: every file

    def test_a_new_repository_has_none(self, repository: Path) -> None:
        asked = Repository(str(repository))
        assert (asked.recent_commits(9), asked.recent_files(9), asked.reasons) == ([], [], [])


@pytest.mark.parametrize("name", ["a..b", "a.lock", "a.lock/b", "a.", "-a", "a/.b", "a~b", "a b", "a@{b"])
def test_a_file_whose_name_no_branch_may_have_is_none(repository: Path, name: str) -> None:
    short = commit(repository)
    path = repository / ".git" / "refs" / "heads" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(short + "\n")
    assert Repository(str(repository)).has_branch(name) is False
