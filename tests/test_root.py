"""The search for the root from the working folder: a table of cases, then real git repositories."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from session import root as roots
from session.errors import SessionError
from tests.conftest import Run

# what there is below the folder `p` ("/" ends a folder), the working folder, the root; home is `p/home`
TABLE = [
    pytest.param([], "x/y", "x/y", id="no marker at all: the working folder"),
    pytest.param([".git/"], "x/y", "", id="nearest .git folder"),
    pytest.param([".git"], "x/y", "", id="nearest .git file"),
    pytest.param([".git/", "x/.git"], "x/y", "x", id="a repository in a repository"),
    pytest.param(["pyproject.toml"], "x/y", "", id="project file"),
    pytest.param(["package.json"], "x", "", id="package.json"),
    pytest.param(["Cargo.toml"], "x", "", id="Cargo.toml"),
    pytest.param(["go.mod"], "x", "", id="go.mod"),
    pytest.param(["setup.py", "Makefile"], "x/y", "x/y", id="other files mark nothing"),
    pytest.param(["pyproject.toml", "x/package.json"], "x/y", "x", id="nearest project file"),
    pytest.param([".git/", "x/package.json", "x/y/pyproject.toml"], "x/y", "", id="monorepo: .git before packages"),
    pytest.param(["package.json", "x/.git/"], "x/y", "x", id=".git before a project file above it"),
    pytest.param(["ia/state/"], "x/y", "", id="ia/state"),
    pytest.param(["ia/state/", "x/package.json"], "x/y", "", id="ia/state before project files"),
    pytest.param(["ia/state/", "x/ia/state/"], "x/y", "x", id="nearest ia/state"),
    pytest.param([".git/", "x/ia/state/"], "x/y", "x", id="ia/state nearer than .git"),
    pytest.param(["ia/state/", "x/.git/"], "x/y", "x", id=".git nearer than ia/state is not crossed"),
    pytest.param(["ia/state/", ".git/"], "x/y", "", id="both in one folder"),
    pytest.param(["ia/"], "x/y", "x/y", id="ia alone marks nothing"),
    pytest.param(["ia/state"], "x/y", "x/y", id="ia/state as a file marks nothing"),
    pytest.param(["home/.git/"], "home/x/y", "home/x/y", id="dotfiles in the home folder"),
    pytest.param(["home/ia/state/"], "home/x/y", "home/x/y", id="ia/state in the home folder"),
    pytest.param(["home/package.json"], "home/x", "home/x", id="a project file in the home folder"),
    pytest.param(["home/.git/", "home/x/.git/"], "home/x/y", "home/x", id="a repository below the home folder"),
    pytest.param(["home/.git/"], "home", "home", id="home is the working folder"),
    pytest.param(["home/ia/state/"], "home", "home", id="home with ia/state is the working folder"),
    pytest.param([], "home", "home", id="home with nothing is the working folder"),
]


@pytest.fixture
def p(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "p"
    (folder / "home").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder / "home"))
    return folder


def make(folder: Path, things: list[str]) -> None:
    for thing in things:
        path = folder / thing
        if thing.endswith("/"):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()


@pytest.mark.parametrize(("things", "cwd", "root"), TABLE)
def test_root(p: Path, monkeypatch: pytest.MonkeyPatch, things: list[str], cwd: str, root: str) -> None:
    make(p, things)
    (p / cwd).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(p / cwd)
    assert roots.find_root() == (str(p / root), root == cwd)


def test_a_linked_ia(p: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere/state").mkdir(parents=True)
    make(p, ["x/y/"])
    (p / "ia").symlink_to(tmp_path / "elsewhere")
    monkeypatch.chdir(p / "x/y")
    assert roots.find_root() == (str(p), False)


def test_a_dangling_ia_marks_nothing(p: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(p, ["x/", ".git/"])
    (p / "x/ia").symlink_to("nowhere")
    monkeypatch.chdir(p / "x")
    assert roots.find_root() == (str(p), False)


def test_a_linked_working_folder_is_what_it_leads_to(p: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(p, [".git/", "x/"])
    (tmp_path / "link").symlink_to(p / "x")
    monkeypatch.chdir(tmp_path / "link")
    assert roots.find_root() == (str(p), False)


def test_a_linked_home_is_still_the_home_folder(p: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(p, ["home/.git/", "home/x/"])
    (tmp_path / "link").symlink_to(p / "home")
    monkeypatch.setenv("HOME", str(tmp_path / "link"))
    monkeypatch.chdir(p / "home/x")
    assert roots.find_root() == (str(p / "home/x"), True)


@pytest.mark.parametrize("home", ["", "/nowhere", "relative"])
def test_without_a_home_folder(p: Path, monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    make(p, ["home/.git/", "home/x/"])
    monkeypatch.setenv("HOME", home)
    monkeypatch.chdir(p / "home/x")
    assert roots.find_root() == (str(p / "home"), False)


def test_the_uppermost_folder_counts_as_working_folder_only(p: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(p, ["x/"])
    monkeypatch.setattr(roots, "_is_folder", lambda path: path == "/ia/state")
    monkeypatch.chdir(p / "x")
    assert roots.find_root() == (str(p / "x"), True)
    monkeypatch.chdir("/")
    assert roots.find_root() == ("/", True)


class TestNamed:
    """$WORKFLOW_SESSION_ROOT takes precedence over the search."""

    @pytest.fixture(autouse=True)
    def _working_folder(self, p: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        make(p, [".git/", "ia/state/", "x/y/"])
        monkeypatch.chdir(p / "x")

    @pytest.mark.parametrize(
        ("named", "root", "is_here"),
        [
            ("{p}/home", "home", False),
            ("{p}/x", "x", True),
            ("{p}/x/../x/", "x", True),
            ("y", "x/y", False),
            ("..", "", False),
            (".", "x", True),
            ("", "", False),  # empty is not set
        ],
    )
    def test_a_folder(self, p: Path, monkeypatch: pytest.MonkeyPatch, named: str, root: str, is_here: bool) -> None:
        monkeypatch.setenv("WORKFLOW_SESSION_ROOT", named.format(p=p))
        assert roots.find_root() == (str(p / root), is_here)

    @pytest.mark.parametrize("named", ["{p}/missing", "missing", "{p}/file", "../file"])
    def test_no_folder(self, p: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
        (p / "file").touch()
        monkeypatch.setenv("WORKFLOW_SESSION_ROOT", named.format(p=p))
        with pytest.raises(SessionError, match="WORKFLOW_SESSION_ROOT is not a folder: ") as refused:
            roots.find_root()
        assert named.format(p=p) in refused.value.message
        assert refused.value.hint == "create it, or unset WORKFLOW_SESSION_ROOT"


def test_the_working_folder_is_gone(p: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(p, ["x/"])
    monkeypatch.chdir(p / "x")
    (p / "x").rmdir()
    with pytest.raises(SessionError, match="the working folder no longer exists"):
        roots.find_root()


def test_paths_are_absolute_from_below_and_relative_at_the_root(project: Path, run: Run) -> None:
    (project / "below").mkdir()
    (project / ".git").mkdir()
    assert run("set", "w", "s", cwd=project / "below").stderr == f"created ia/state in {project}\n"
    assert run("set", "v", "s").stderr == ""
    assert run("save", "w", cwd=project / "below").stdout.startswith(
        f"Archived to {project}/ia/state/sessions/archives/"
    )
    assert run("save", "v").stdout.startswith("Archived to ia/state/sessions/archives/")


def test_a_root_whose_path_is_not_utf8(tmp_path: Path, run: Run) -> None:
    root = tmp_path / os.fsdecode(b"caf\xe9")
    (root / "below").mkdir(parents=True)
    (root / ".git").mkdir()
    assert run("set", "w", "s", cwd=root / "below").code == 0
    saved = run("save", "w", cwd=root / "below")
    assert (saved.code, saved.stderr) == (0, "")
    [archive] = (root / "ia/state/sessions/archives").iterdir()
    assert saved.out.startswith(b"Archived to " + os.fsencode(archive) + b"\n")


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
class TestGit:
    """A git worktree and a submodule are roots of their own."""

    @staticmethod
    def git(folder: Path, *words: str) -> None:
        identity = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always")
        subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)

    @pytest.fixture
    def repository(self, tmp_path: Path) -> Path:
        folder = tmp_path / "repository"
        (folder / "ia/state").mkdir(parents=True)
        self.git(folder, "init", "-q")
        self.git(folder, "commit", "-q", "--allow-empty", "-m", "first")
        return folder

    def test_worktree(self, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        worktree = repository / ".worktrees" / "fix"
        self.git(repository, "worktree", "add", "-q", str(worktree))
        (worktree / "x").mkdir()
        monkeypatch.chdir(worktree / "x")
        assert roots.find_root() == (str(worktree), False)

    def test_submodule(self, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        library = tmp_path / "library"
        library.mkdir()
        self.git(library, "init", "-q")
        self.git(library, "commit", "-q", "--allow-empty", "-m", "first")
        self.git(repository, "submodule", "add", "-q", str(library), "lib")
        assert (repository / "lib/.git").is_file()
        (repository / "lib/x").mkdir()
        monkeypatch.chdir(repository / "lib/x")
        assert roots.find_root() == (str(repository / "lib"), False)
