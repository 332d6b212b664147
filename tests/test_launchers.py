"""The launchers: from a checkout, installed, through links, moved, and in hostile folders."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import slugify
import text_unidecode

from tests.by_path import load
from tests.conftest import REPOSITORY
from tests.launchers import BARE

SITE = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"


def start(command: Path, *args: str, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [command, *args],
        cwd=cwd,
        env=BARE if env is None else env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """Make an installation with pip's layout, in a folder whose name has a space."""
    prefix = tmp_path / "a prefix"
    (prefix / "bin").mkdir(parents=True)
    shutil.copytree(REPOSITORY / "session", prefix / SITE / "session")
    for package in (slugify, text_unidecode):  # what `save` needs besides
        source = Path(str(package.__file__)).parent
        shutil.copytree(source, prefix / SITE / source.name)
    for launcher in (REPOSITORY / "scripts").glob("session*"):
        shutil.copy(launcher, prefix / "bin")
    (prefix / "bin" / "python3").symlink_to(sys.executable)
    return prefix


def check_life(folder: Path, project: Path, env: dict[str, str] | None = None) -> None:
    """Run a session from start to end with the commands in `folder`."""
    done = start(
        folder / "session-set",
        "my flow",
        "a step",
        '{"q": "it\'s \\"$HOME\\"", "branch": "feat/é"}',
        cwd=project,
        env=env,
    )
    assert (done.returncode, done.stderr) == (0, f"created ia/state in {project}\n")
    assert start(folder / "session-get", "my flow", cwd=project, env=env).stdout == done.stdout
    assert start(folder / "session-get", "--all", cwd=project, env=env).returncode == 0
    done = start(folder / "session-save", "my flow", "--notes=a  b", cwd=project, env=env)
    assert re.match(r"Archived to ia/state/sessions/archives/[0-9-]+-my flow-feat-e\.md\n", done.stdout), done
    assert '- q: it\'s "$HOME"\n' in done.stdout
    assert "\n## Notes\na  b\n" in done.stdout
    assert start(folder / "session-reset", "my flow", cwd=project, env=env).stdout == "No session found for my flow\n"
    assert (
        start(folder / "session", "reset", "my flow", cwd=project, env=env).stdout == "No session found for my flow\n"
    )
    done = start(folder / "session", "archive", "list", cwd=project, env=env)
    assert [archive["workflow"] for archive in json.loads(done.stdout)] == ["my flow"]


def test_installed(prefix: Path, project: Path) -> None:
    check_life(prefix / "bin", project)


def test_from_a_checkout(project: Path) -> None:
    """Without an installation, a launcher uses the first python3 on the PATH."""
    check_life(REPOSITORY / "scripts", project, {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"})


def test_a_branch_without_what_names_files(prefix: Path, project: Path) -> None:
    shutil.rmtree(prefix / SITE / "slugify")
    start(prefix / "bin" / "session-set", "w", "a", '{"branch": "été"}', cwd=project)
    done = start(prefix / "bin" / "session-save", "w", cwd=project)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "ia/state/sessions/w.json needs python-slugify for the branch in the archive's name; nothing changed "
        "(pip install python-slugify)\n"
    )
    assert start(prefix / "bin" / "session-get", "w", cwd=project).stdout != "null\n"


def test_through_links(prefix: Path, project: Path, tmp_path: Path) -> None:
    """Links on the PATH, as pipx and uv make them, work beside another Python."""
    linked = tmp_path / "linked"
    linked.mkdir()
    for launcher in (prefix / "bin").glob("session*"):
        (linked / launcher.name).symlink_to(launcher)
    (linked / "python3").write_text("#!/bin/sh\necho another Python; exit 9\n")
    (linked / "python3").chmod(0o755)
    check_life(linked, project)


def test_the_working_folder_and_the_environment_run_nothing(prefix: Path, project: Path) -> None:
    for name in ("session", "json", "time", "slugify"):
        (project / name).mkdir()
        (project / name / "__init__.py").write_text("raise SystemExit('foreign code ran')\n")
    check_life(prefix / "bin", project, {**BARE, "PYTHONPATH": str(project), "PYTHONSTARTUP": str(project / "json")})


def test_where_only_python_knows_the_package(prefix: Path, project: Path, tmp_path: Path) -> None:
    """In an editable installation there is no package beside the command, but `site` finds one."""
    moved = tmp_path / "moved"
    shutil.move(prefix / SITE, moved)
    wrapper = prefix / "bin" / "python3"
    wrapper.unlink()
    wrapper.write_text(f'#!/bin/sh\nPYTHONPATH="{moved}" exec "{sys.executable}" "$@"\n')
    wrapper.chmod(0o755)
    check_life(prefix / "bin", project)


def test_modules_beside_a_foreign_package(project: Path) -> None:
    (project / "session").mkdir()
    (project / "session" / "__init__.py").write_text("raise SystemExit('foreign code ran')\n")
    env = {**BARE, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "session.get", "w"],
        cwd=project,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "null\n", "")


def test_every_launcher_is_shipped_and_can_be_started() -> None:
    launchers = sorted(path for path in (REPOSITORY / "scripts").glob("session*") if not path.suffix)
    text = (REPOSITORY / "pyproject.toml").read_text()
    names = ["get", "hook", "reset", "save", "set"]
    assert [launcher.name for launcher in launchers] == ["session", *(f"session-{word}" for word in names)]
    for launcher in launchers:
        assert os.access(launcher, os.X_OK)
        assert f'"scripts/{launcher.name}" = "{launcher.name}"' in text
        word = launcher.name.removeprefix("session-")
        imports = (
            "session import output; from session.commands import words"
            if word == "session"
            else f"session import {word}"
        )
        assert f"from {imports}" in launcher.read_text()
        assert f"output.leave({'words' if word == 'session' else word}.main(sys.argv[1:]))" in launcher.read_text()


@pytest.mark.parametrize("word", ["get", "set", "reset", "save", "hook"])
def test_the_umbrella_goes_to_the_command_of_a_word(prefix: Path, project: Path, word: str) -> None:
    (prefix / "bin" / f"session-{word}").write_text('#!/bin/sh\nprintf "[%s]" mine "$@"\n')
    done = start(prefix / "bin" / "session", word, "a b", "", "$c", cwd=project)
    assert done.stdout == "[mine][a b][][$c]"


def test_the_umbrella_alone(prefix: Path, project: Path) -> None:
    for launcher in (prefix / "bin").glob("session-*"):
        launcher.unlink()
    done = start(prefix / "bin" / "session", "set", "w", "a b", cwd=project)
    assert (done.returncode, done.stderr) == (0, f"created ia/state in {project}\n")
    assert start(prefix / "bin" / "session", "get", "w", cwd=project).stdout == done.stdout
    assert start(prefix / "bin" / "session", cwd=project).returncode == 1


def test_where_there_is_no_package(tmp_path: Path, project: Path) -> None:
    shutil.copy(REPOSITORY / "scripts" / "session-get", tmp_path)
    for words in ([tmp_path / "session-get", "w"], ["sh", "session-get", "w"]):
        (tmp_path / "python3").unlink(missing_ok=True)
        (tmp_path / "python3").symlink_to(sys.executable)
        done = subprocess.run(words, cwd=tmp_path, env=BARE, capture_output=True, text=True, check=False)
        said = "session is not installed for this python3 (in a checkout of it: pip install .)\n"
        assert (done.returncode, done.stdout, done.stderr) == (1, "", said)


def test_an_older_python_is_named(tmp_path: Path, project: Path) -> None:
    """Launchers name an older Python before they run code that it could not parse."""
    text = (REPOSITORY / "scripts" / "session-get").read_text()
    (tmp_path / "session-get").write_text(text.replace("(3, 11)", "(9, 0)"))
    (tmp_path / "session-get").chmod(0o755)
    (tmp_path / "python3").symlink_to(sys.executable)
    done = start(tmp_path / "session-get", "w", cwd=project)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("session needs Python 3.11 or later; python3 is ")
    assert done.stderr.count("\n") == 1


def test_the_launchers_equal_the_text_they_are_made_from() -> None:
    """`python scripts/_launchers.py` writes them anew."""
    texts = load(REPOSITORY / "scripts" / "_launchers.py").texts()
    for name, text in texts.items():
        assert (REPOSITORY / "scripts" / name).read_text(encoding="utf-8") == text, name
    files = [path for path in (REPOSITORY / "scripts").rglob("*") if path.is_file() and not path.is_symlink()]
    named = {str(path.relative_to(REPOSITORY / "scripts")) for path in files if path.suffix != ".pyc"}
    assert named == {*texts, "_launchers.py", "state/__init__.py"}
