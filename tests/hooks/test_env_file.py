"""The variables that SessionStart exports to the agent CLI's shells: the conversation and the root."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from session._posix import posix
from session.hooks import env_file as env_files
from session.hooks.env_file import export
from tests.conftest import Run
from tests.hooks.conftest import Hook


def seen_by_a_shell(env_file: Path) -> dict[str, str]:
    """Our variables in a shell that has read the file."""
    done = subprocess.run(
        ["sh", "-c", f". '{env_file}'; env"], env={"PATH": os.defpath}, capture_output=True, text=True, check=True
    )
    pairs = (line.partition("=") for line in done.stdout.splitlines())
    return {name: value for name, _, value in pairs if name.startswith("WORKFLOW_SESSION_")}


def test_owner_and_root(hook: Hook, project: Path, env_file: Path) -> None:
    hook("SessionStart")
    expected = {"WORKFLOW_SESSION_OWNER": "conversation-1", "WORKFLOW_SESSION_ROOT": str(project)}
    assert seen_by_a_shell(env_file) == expected
    before = env_file.read_text()
    hook("SessionStart", source="compact")
    assert env_file.read_text() == before  # said once
    hook("SessionStart", source="fork", session_id="conversation-2")
    assert seen_by_a_shell(env_file)["WORKFLOW_SESSION_OWNER"] == "conversation-2"
    hook("SessionStart", source="resume")
    assert seen_by_a_shell(env_file) == expected


def test_what_others_wrote_stays(env_file: Path) -> None:
    env_file.write_bytes(b"export OTHER='x y'\xff")  # without a final line break
    export(str(env_file), {"WORKFLOW_SESSION_OWNER": "me"})
    assert env_file.read_bytes() == b"export OTHER='x y'\xff\nexport WORKFLOW_SESSION_OWNER=me\n"


def test_a_root_that_no_shell_may_see(run: Run, tmp_path: Path, env_file: Path) -> None:
    odd = tmp_path / "a $(touch pwned) folder"
    odd.mkdir()
    env = {"CLAUDE_ENV_FILE": str(env_file), "CLAUDE_PROJECT_DIR": str(odd)}
    done = run("hook", "SessionStart", stdin=b'{"session_id": "me"}', env=env)
    assert (done.code, done.out, done.err) == (0, b"", b"")
    assert env_file.read_text() == "export WORKFLOW_SESSION_OWNER=me\n"


def test_the_home_folder_is_no_project(run: Run, env_file: Path) -> None:
    env = {"CLAUDE_ENV_FILE": str(env_file), "CLAUDE_PROJECT_DIR": os.environ["HOME"]}
    run("hook", "SessionStart", stdin=b'{"session_id": "me"}', env=env)
    assert env_file.read_text() == "export WORKFLOW_SESSION_OWNER=me\n"


def test_the_top_of_all_folders_is_no_project(run: Run, env_file: Path) -> None:
    env = {"CLAUDE_ENV_FILE": str(env_file), "CLAUDE_PROJECT_DIR": "/"}
    run("hook", "SessionStart", stdin=b'{"session_id": "me"}', env=env)
    assert env_file.read_text() == "export WORKFLOW_SESSION_OWNER=me\n"


@pytest.mark.parametrize("text", ["", "export A=b\n", "export A=b"])
def test_no_line_is_empty(env_file: Path, text: str) -> None:
    env_file.write_text(text)
    export(str(env_file), {"X": "y"})
    assert env_file.read_text() == text + ("\n" if text and text[-1] != "\n" else "") + "export X=y\n"


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        export(str(tmp_path / "new"), {"X": "y"})
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600


def test_what_another_process_adds_meanwhile_stays(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent CLI runs all hooks of an event at once, and each may write to the file."""

    class Others:
        def __getattr__(self, name: str) -> Any:
            return getattr(posix, name)

        def read(self, fd: int, count: int) -> bytes:
            data = posix.read(fd, count)
            with env_file.open("a") as file:
                file.write("export OTHER=1\n")
            return data

    monkeypatch.setattr(env_files, "posix", Others())
    export(str(env_file), {"X": "y"})
    assert env_file.read_text() == "export OTHER=1\nexport X=y\n"


def test_a_file_that_is_not_there_yet(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "new"
    run("hook", "SessionStart", stdin=b'{"session_id": "me"}', env={"CLAUDE_ENV_FILE": str(file)})
    assert file.read_text().startswith("export WORKFLOW_SESSION_OWNER=me\n")


@pytest.mark.parametrize("kind", ["folder", "missing folder"])
def test_a_file_that_cannot_be_written_is_told(run: Run, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "x" if kind == "folder" else tmp_path / "x/y"
    if kind == "folder":
        file.mkdir()
    done = run("hook", "SessionStart", stdin=b'{"session_id": "me"}', env={"CLAUDE_ENV_FILE": str(file)})
    assert (done.code, done.out) == (0, b"")
    assert done.stderr.startswith("cannot write to CLAUDE_ENV_FILE: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("room", [0, 1, 20, 60])
def test_half_a_line_is_never_left(run: Run, tmp_path: Path, room: int, end: str) -> None:
    """A short write, here at the limit of a file's size, is taken back, and one line says so."""
    file = tmp_path / "env"
    before = "#" * (512 - room - len(end)) + end
    file.write_text(before)
    words = shlex.join([sys.executable, "-P", "-m", "session.hook", "SessionStart"])
    done = subprocess.run(
        ["sh", "-c", f"ulimit -f 1; exec {words}"],
        input=b'{"session_id": "0123456789abcdef-0123456789abcdef"}',
        env={**os.environ, "CLAUDE_ENV_FILE": str(file)},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.decode() == (
        f"cannot write to CLAUDE_ENV_FILE: file too large; nothing in {file} changed "
        "(in a shell: export WORKFLOW_SESSION_OWNER=0123456789abcdef-0123456789abcdef)\n"
    )
    assert file.read_text() == before


def test_short_writes_are_continued(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(posix, "write", lambda fd, data: write(fd, data[:3]))
    export(str(env_file), {"WORKFLOW_SESSION_OWNER": "me"})
    assert env_file.read_text() == "export WORKFLOW_SESSION_OWNER=me\n"


def test_a_pipe_is_left_alone(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = run("hook", "SessionStart", stdin=b'{"session_id": "me"}', env={"CLAUDE_ENV_FILE": str(tmp_path / "pipe")})
    assert (done.code, done.out, done.err) == (0, b"", b"")
