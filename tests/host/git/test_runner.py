"""How git is started: which settings and variables it gets, what counts as success, and how long it may take."""

import json
import os
import shutil
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from session.host.git import runner
from session.host.git.repository import Repository
from session.host.git.runner import Git
from tests.host.git.test_repository import commit, git

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program named git on the PATH; return the file to which it adds its words and variables."""
    record = tmp_path / "record"
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    lines = (
        f"#!{sys.executable}",
        "import json, os, sys",
        f"with open({str(record)!r}, 'a') as file:",
        "    file.write(json.dumps([sys.argv[1:], dict(os.environ)]) + '\\n')",
        "sys.stdout.write('x' * int(os.environ.get('WRITES', '0')))",
        "sys.stderr.write(os.environ.get('COMPLAINS', ''))",
        "sys.exit(int(os.environ.get('ENDS_WITH', '0')))",
    )
    program.write_text("\n".join(lines) + "\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    return record


def test_what_git_is_told(project: Path, fake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of it is for other versions of git than the one at hand, so no other test can see it."""
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_SSH_COMMAND", "GIT_CONFIG_COUNT"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert Git(str(project), 30).run("status", settings=["a.b=c"], environment={"GIT_WORK_TREE": "y"}) is not None
    words, variables = json.loads(fake.read_text())
    assert words[0] == "--no-pager"
    assert words[-1] == "status"
    settings = {word for option, word in pairwise(words) if option == "-c"}
    assert settings == {
        "core.fsmonitor=false",
        f"core.hooksPath={os.devnull}",
        "core.untrackedCache=false",
        "safe.bareRepository=explicit",
        "status.renames=false",
        "diff.renames=false",
        "a.b=c",
    }
    assert {name: value for name, value in variables.items() if name.startswith(("GIT_", "LC_ALL"))} == {
        "LC_ALL": "C",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_CEILING_DIRECTORIES": str(project.parent),
        "GIT_WORK_TREE": "y",
    }


@pytest.mark.parametrize(
    ("code", "also", "reasons"),
    [(0, 0, []), (0, 1, []), (1, 1, []), (1, 0, ["git x: exit code 1"]), (2, 1, ["git x: exit code 2"])],
)
def test_what_counts_as_success(
    project: Path, fake: Path, monkeypatch: pytest.MonkeyPatch, code: int, also: int, reasons: list[str]
) -> None:
    monkeypatch.setenv("ENDS_WITH", str(code))
    asked = Git(str(project), 30)
    result = asked.run("x", also=also)
    assert (None if result is None else result.code) == (None if reasons else code)
    assert asked.reasons == reasons
    asked.run("x", also=also)
    assert asked.reasons == reasons  # each reason once


def test_what_git_complains_about_is_safe_to_print(project: Path, fake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENDS_WITH", "128")
    monkeypatch.setenv("COMPLAINS", "fatal: no \x1b[2J\u202e" + "x" * 500 + "\nand more\n")
    asked = Git(str(project), 30)
    assert asked.ask("x") is None
    [reason] = asked.reasons
    assert reason.startswith("git x: no \\u001b[2J\\u202exxx")
    assert reason.endswith(" more characters)")
    assert len(reason) < 200


def test_a_list_of_files_that_is_too_long_is_not_used(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A submodule beyond its end would be taken for a folder of files."""
    git(project, "init", "-q")
    commit(project)
    monkeypatch.setattr(runner, "_LONGEST_LIST", 10)
    asked = Git(str(project), 30)
    assert not asked.add_all("", [], {})
    assert asked.reasons == ["git lists too many files"]


def test_an_answer_that_is_too_long(project: Path, fake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRITES", str(1 << 21))
    asked = Git(str(project), 30)
    assert asked.ask("x") is None
    assert asked.reasons == ["git x writes too much"]
    result = asked.run("x")
    assert result is not None
    assert result.cut


def test_the_time_is_for_all_calls_together(project: Path, fake: Path) -> None:
    asked = Git(str(project), 30)
    assert asked.run("one") is not None
    asked._deadline = 0.0
    assert asked.run("two") is None
    assert asked.reasons == ["git took longer than 30 s"]
    assert "two" not in fake.read_text()


def test_a_git_in_the_project_is_not_run(project: Path, fake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = project / "git"
    trap.write_text("#!/bin/sh\ntouch ran\n")
    trap.chmod(0o755)
    monkeypatch.setenv("PATH", f"{project}:{fake.parent / 'bin'}")
    assert Git(str(project), 30).run("x") is not None
    assert not (project / "ran").exists()
    monkeypatch.setenv("PATH", str(project))
    asked = Git(str(project), 30)
    assert asked.run("x") is None
    assert asked.reasons == ["git is not installed"]


def test_asking_does_not_write_the_index(project: Path) -> None:
    """Git would lock it, and a `git commit` at the same moment would fail."""
    git(project, "init", "-q")
    commit(project)
    index = project / ".git" / "index"
    os.utime(project / "file", (1, 1))  # same content, other time: git would record the time
    before = index.read_bytes()
    dirty = Repository(str(project), timeout_s=30).dirty(3)
    assert dirty is not None
    assert (dirty.count, index.read_bytes()) == (0, before)
    git(project, "status")
    assert index.read_bytes() != before  # plain git does
