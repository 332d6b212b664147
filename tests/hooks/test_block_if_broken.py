"""The guard as a script that an agent CLI calls: exit code 2 and two lines, or exit code 0 and no output."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

SCRIPT = REPOSITORY / "scripts" / "block-if-broken.py"
SAID = "BLOCKED: App is broken - fix health check first\nRun: ./scripts/session-entry.sh to see status\n"


@pytest.fixture(autouse=True)
def state(project: Path) -> Path:
    path = project / ".claude/progress/state.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"state": "FIX_BROKEN", "health_status": "BROKEN"}')
    return path


def guard(stdin: bytes, script: Path = SCRIPT, **options: object) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, script],
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
        **options,  # type: ignore[call-overload]
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def edits(path: str, **more: object) -> bytes:
    return json.dumps({"tool_name": "Edit", "tool_input": {"file_path": path}, **more}).encode()


def test_refused_and_let_through(state: Path) -> None:
    assert guard(edits("src/a.py")) == (2, "", SAID)
    assert guard(edits("app/a.py")) == (0, "", "")
    state.write_text('{"health_status": "HEALTHY"}')
    assert guard(edits("src/a.py")) == (0, "", "")


def test_on_a_terminal_it_does_not_wait() -> None:
    parent, child = os.openpty()
    try:
        done = subprocess.run([sys.executable, SCRIPT], stdin=child, capture_output=True, timeout=60, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    finally:
        os.close(parent)
        os.close(child)


@pytest.mark.parametrize(
    "stdin",
    [b"", b"not json", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"tool_input": {"file_path": "\\ud800/src/a"}}'],
)
def test_odd_input(stdin: bytes) -> None:
    assert guard(stdin)[:2] in ((0, ""), (2, ""))
    assert "Traceback" not in guard(stdin)[2]


def test_odd_disks(state: Path, project: Path) -> None:
    for text in ("{BROKEN", '"BROKEN"', ""):
        state.write_text(text)
        assert guard(edits("src/a.py")) == (0, "", "")
    state.unlink()
    state.mkdir()
    assert guard(edits("src/a.py")) == (0, "", "")
    shutil.rmtree(project / ".claude")
    (project / ".claude").write_text("")
    assert guard(edits("src/a.py")) == (0, "", "")


def test_the_project_is_the_conversations(project: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert guard(edits("src/a.py"), cwd=elsewhere)[0] == 0
    assert guard(edits("src/a.py", cwd=str(project)), cwd=elsewhere)[0] == 2
    env = {**os.environ, "CLAUDE_PROJECT_DIR": str(project)}
    assert guard(edits("src/a.py"), cwd=elsewhere, env=env)[0] == 2


def test_a_commit_that_was_cut_short_counts(project: Path) -> None:
    """The state in the journal counts, not the one in the file."""
    words = [
        sys.executable,
        "-P",
        REPOSITORY / "tests/durability/mutants.py",
        "dies-after-commit",
        "commands.enter",
        "--force",
    ]
    shutil.rmtree(project / ".claude")
    done = subprocess.run(
        words, cwd=project, capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(REPOSITORY)}
    )
    assert done.returncode == 9, done.stderr
    assert (project / ".claude/progress/.journal").exists()
    assert not (project / ".claude/progress/state.json").exists()
    assert guard(edits("src/a.py")) == (0, "", "")


def test_copied_into_a_project(project: Path) -> None:
    """Without the package beside it, it uses the installed one; without any package, it refuses nothing."""
    copy = project / ".claude" / "hooks" / "block-if-broken.py"
    copy.parent.mkdir()
    shutil.copy(SCRIPT, copy)
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    assert guard(edits("src/a.py"), copy, env=env) == (2, "", SAID)
    del env["PYTHONPATH"]
    bare = subprocess.run(
        [sys.executable, "-S", copy], input=edits("src/a.py"), capture_output=True, env=env, check=False
    )
    assert (bare.returncode, bare.stdout) == (0, b"")
    assert bare.stderr == b"block-if-broken: No module named 'session'\n"


def test_help() -> None:
    done = subprocess.run([SCRIPT, "--help"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: block-if-broken.py")
