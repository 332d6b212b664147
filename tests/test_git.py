"""Live sessions with real git: `stash -u` and `clean -fd` leave them alone, and archives can be committed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from session.store.paths import IGNORE_RULES
from tests.conftest import Run

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org")
    done = subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)
    return done.stdout.decode()


@pytest.fixture
def repository(project: Path) -> Path:
    git(project, "init", "-q")
    (project / "code.py").write_text("x = 1\n")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "first")
    return project


@pytest.fixture
def live(repository: Path, run: Run) -> dict[str, bytes]:
    """Make two live sessions and an archive; return the sessions' files."""
    for name in ("workflow:pr", "other", "ended"):
        assert run("set", name, "init", '{"n": 1}').code == 0
    assert run("save", "ended").code == 0
    folder = repository / "ia/state/sessions"
    return {path.name: path.read_bytes() for path in folder.glob("*.json")}


def there(repository: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (repository / "ia/state/sessions").glob("*.json")}


def test_git_sees_nothing_of_live_state(repository: Path, run: Run) -> None:
    assert run("set", "workflow:pr", "init").code == 0
    assert git(repository, "status", "--porcelain", "--untracked-files=all") == ""


def test_git_sees_archives(repository: Path, live: dict[str, bytes]) -> None:
    [archive] = (repository / "ia/state/sessions/archives").iterdir()
    path = f"ia/state/sessions/archives/{archive.name}"
    assert git(repository, "status", "--porcelain", "--untracked-files=all") == f"?? {path}\n"
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "archive")
    assert git(repository, "ls-files") == f"code.py\n{path}\n"


@pytest.mark.parametrize("change", [False, True])
@pytest.mark.parametrize(
    "commands",
    [
        [["stash", "-u"]],
        [["clean", "-fdq"]],
        [["stash", "-u"], ["clean", "-fdq"]],
        [["clean", "-fdq"], ["stash", "-u"]],
        [["stash", "-u"], ["clean", "-fdq"], ["stash", "-u"], ["clean", "-fdq"]],
        [["add", "."], ["commit", "-q", "-m", "archive"], ["clean", "-fdq"], ["stash", "-u"]],
        [["checkout", "-q", "-b", "other"], ["reset", "-q", "--hard"]],
    ],
    ids=lambda commands: ", ".join(words[0] for words in commands),
)
def test_live_sessions_stay(
    repository: Path, run: Run, live: dict[str, bytes], commands: list[list[str]], change: bool
) -> None:
    if change:
        (repository / "code.py").write_text("x = 2\n")
        (repository / "new.py").write_text("y = 1\n")
    for words in commands:
        git(repository, *words)
        assert there(repository) == live
    assert (repository / "ia/state/.gitignore").read_bytes() == IGNORE_RULES
    assert run("set", "workflow:pr", "next").code == 0
    assert run("save", "workflow:pr").code == 0


def test_from_the_root_of_a_monorepo(repository: Path, run: Run) -> None:
    package = repository / "packages/a"
    (package / "ia/state").mkdir(parents=True)
    assert run("set", "w", "init", cwd=package).code == 0
    git(repository, "stash", "-u")
    git(repository, "clean", "-fdq")
    assert (package / "ia/state/sessions/w.json").is_file()


def test_cleaning_ignored_files_too_takes_them_and_the_next_set_starts_anew(
    repository: Path, run: Run, live: dict[str, bytes]
) -> None:
    git(repository, "clean", "-fdxq")
    assert run("get", "--all").stdout == "[]\n"
    assert run("set", "w", "init", "--new").code == 0
    assert git(repository, "status", "--porcelain", "--untracked-files=all") == ""


def test_rules_of_the_users_own_are_kept(project: Path, run: Run) -> None:
    (project / "ia/state").mkdir(parents=True)
    (project / "ia/state/.gitignore").write_text("# ours\n")
    assert run("set", "w", "init").code == 0
    assert run("set", "w", "next").code == 0
    assert (project / "ia/state/.gitignore").read_text() == "# ours\n"


def test_rules_that_the_user_removed_do_not_come_back(project: Path, run: Run) -> None:
    assert run("set", "w", "init").code == 0
    (project / "ia/state/.gitignore").unlink()
    assert run("set", "w", "next").code == 0
    assert run("save", "w").code == 0
    assert not (project / "ia/state/.gitignore").exists()


def test_a_folder_that_another_tool_made_gets_rules(project: Path, sessions: Path, run: Run) -> None:
    (sessions / "w.json").write_text('{"step": "init", "steps": ["init"]}')
    assert run("get", "w").code == 0
    assert not (project / "ia/state/.gitignore").exists()  # not by reading
    ended = run("set", "w", "next")
    assert (ended.code, ended.stderr) == (0, "")
    assert (project / "ia/state/.gitignore").read_bytes() == IGNORE_RULES
