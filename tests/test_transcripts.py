"""The transcripts (tests/transcripts/README.md) and the README's commands: users see exactly this output."""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import COMMANDS, REPOSITORY, command

PROJECT = {  # by the names of the original scripts
    "update_state": "session.commands.update_state",
    "session_manager": "session.commands.session_manager",
    "checkpoint": "session.commands.checkpoint",
    "context_generator": "session.commands.context",
    "session_state_manager": "session.commands.session_state_manager",
}
MEANINGS = {
    "<TIME>": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    "<STAMP>": r"\d{8}_\d{6}",
    "<TS>": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "<ISO>": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00",
    "<PID>": r"\d+",
    "<UUID>": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "<N>": r"\d+",
    "<DUR>": r"(?:\d+h )?(?:\d+min)? ?(?:\d+s)?",
}


@dataclass
class Typed:
    words: str
    stdout: list[str] = field(default_factory=list)
    stderr: list[str] = field(default_factory=list)
    code: int = 0


def parse(text: str) -> list[Typed]:
    typed: list[Typed] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            typed.append(Typed(line[2:]))
        elif line.startswith("! "):
            typed[-1].stderr.append(line[2:])
        elif line.startswith("? "):
            typed[-1].code = int(line[2:])
        elif typed:
            typed[-1].stdout.append(line)
    return typed


@pytest.fixture
def shell(project: Path, tmp_path: Path) -> dict[str, str]:
    """Return an environment with the commands on the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for word in (*COMMANDS, "session"):
        launcher = folder / (word if word == "session" else f"session-{word}")
        launcher.write_text(f'#!/bin/sh\nexec {shlex.join(map(os.fsdecode, command(word)))} "$@"\n')
        launcher.chmod(0o755)
    installed = os.environ.get("SESSION_COMMANDS")  # through a link, perhaps, as uv puts them on the PATH
    python = str((Path(installed) / "session").resolve().parent / "python") if installed else sys.executable
    for name, module in PROJECT.items():
        launcher = folder / name
        launcher.write_text(f'#!/bin/sh\nexec {shlex.quote(python)} -P -m {module} "$@"\n')
        launcher.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}


def expected(lines: list[str], root: Path) -> re.Pattern[str]:
    text = "".join(f"{line}\n" for line in lines)
    text = text.replace("<DATE>", datetime.now(UTC).date().isoformat()).replace("<ROOT>", str(root))
    pattern = re.escape(text)
    for placeholder, meaning in MEANINGS.items():
        pattern = pattern.replace(placeholder, meaning)
    return re.compile(pattern)


@pytest.mark.parametrize(
    "transcript", sorted((REPOSITORY / "tests/transcripts").glob("*.txt")), ids=lambda path: path.stem
)
def test_transcript(transcript: Path, shell: dict[str, str], project: Path) -> None:
    typed = parse(transcript.read_text())
    assert typed
    for one in typed:
        done = subprocess.run(
            ["sh", "-c", one.words], cwd=project, env=shell, capture_output=True, text=True, timeout=60, check=False
        )
        assert expected(one.stdout, project).fullmatch(done.stdout), (one.words, done.stdout)
        assert expected(one.stderr, project).fullmatch(done.stderr), (one.words, done.stderr)
        assert done.returncode == one.code, one.words


@pytest.mark.parametrize("document", ["README.md"])
def test_documented_commands_work(document: str, shell: dict[str, str], project: Path) -> None:
    """Each fenced `console` block runs unchanged, in one folder, and must succeed."""
    blocks = re.findall(r"```console\n(.*?)```", (REPOSITORY / document).read_text(), re.DOTALL)
    typed = [line[2:] for block in blocks for line in block.splitlines() if re.match(r"\$ session[ -]", line)]
    assert typed
    for words in typed:
        done = subprocess.run(
            ["sh", "-c", words], cwd=project, env=shell, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, (words, done.stderr)
