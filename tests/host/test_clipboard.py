"""Tests of the clipboard with a real one: xclip on a display of Xvfb. Without a clipboard, there is a hint."""

import importlib.util
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.module_process import lay, run_module

INSTALL = "pip install pyperclip; apt-get install xvfb xclip"
# the time to wait for Xvfb
_PATIENCE_S = 30


@pytest.fixture
def display() -> Iterator[str]:
    """Start an X server for this test, and return its $DISPLAY."""
    here = importlib.util.find_spec("pyperclip") and shutil.which("xclip")
    server = shutil.which("Xvfb")
    if server is None or not here:
        if os.environ.get("CI"):
            pytest.fail(f"no clipboard to test with: {INSTALL}")
        pytest.skip(f"no clipboard to test with: {INSTALL}")
    reading, writing = os.pipe()
    words = [server, "-displayfd", str(writing), "-screen", "0", "64x64x8", "-nolisten", "tcp"]
    process = subprocess.Popen(words, pass_fds=(writing,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        number = b""
        while not number.endswith(b"\n"):
            ready, _, _ = select.select([reading], [], [], _PATIENCE_S)
            more = os.read(reading, 16) if ready else b""
            assert more, "Xvfb does not start"
            number += more
        yield f":{number.decode().strip()}"
    finally:
        os.close(reading)
        process.terminate()
        process.wait(_PATIENCE_S)


def pasted(display: str) -> bytes:
    """Return the clipboard's content, read three times: xclip sometimes returns only a part of a long text."""
    words = ["xclip", "-selection", "clipboard", "-out"]
    env = {**os.environ, "DISPLAY": display}
    return max((subprocess.run(words, env=env, capture_output=True, timeout=60).stdout for _ in range(3)), key=len)


def copy(text: str, env: dict[str, str], before: str = "pass") -> subprocess.CompletedProcess[str]:
    """Copy the text in another process, and read its output to the end."""
    program = f"import sys; from session.host import clipboard; {before}; clipboard.copy(sys.stdin.read())"
    words = [sys.executable, "-P", "-c", program]
    whole = {**os.environ, **env}
    return subprocess.run(words, input=text, env=whole, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("text", ["one", "déjà 🚀\n\ttwo\n", "x" * 1_000_000], ids=["short", "unicode", "long"])
def test_what_is_copied_is_there(display: str, text: str) -> None:
    for _ in range(2):
        done = copy(text, {"DISPLAY": display})
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert pasted(display).decode() == text


def test_a_context_is_copied_and_not_printed(project: Path, display: str) -> None:
    lay(project)
    text = run_module("context").out
    ended = run_module("context", "--clipboard", env={"DISPLAY": display})
    assert (ended.code, ended.out) == (0, b"")
    assert ended.stderr.startswith("copied to the clipboard: ")
    assert pasted(display) == text
    ended = run_module("context", "--clipboard", "--file", env={"DISPLAY": display})
    assert (ended.code, ended.out) == (0, b"Context saved to ia/state/SESSION_CONTEXT.txt\n")


def test_a_display_that_is_gone(project: Path, display: str) -> None:
    """xclip fails there, and pyperclip does not notice."""
    text = run_module("context").out
    ended = run_module("context", "--clipboard", env={"DISPLAY": ":9999"})
    assert (ended.code, ended.out) == (0, text)
    assert ended.stderr.startswith("no clipboard: the copied text is not there (")


def test_no_display(project: Path, display: str) -> None:
    text = run_module("context").out
    ended = run_module("context", "--clipboard", env={"DISPLAY": "", "WAYLAND_DISPLAY": ""})
    assert (ended.code, ended.out) == (0, text)
    assert ended.stderr.startswith("no clipboard: this system has none, or no program that reaches it (")
    assert ended.stderr.count("\n") == 1


def test_no_program_that_reaches_it(project: Path, display: str, tmp_path: Path) -> None:
    done = copy("x", {"DISPLAY": display, "PATH": str(tmp_path)}, before="from session.errors import SessionError")
    assert "SessionError: no clipboard: this system has none, or no program that reaches it (" in done.stderr


def test_a_program_that_does_not_answer(display: str, tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    release = tmp_path / "release"
    os.mkfifo(release)
    program = folder / "xclip"
    program.write_text(f'#!/bin/sh\ncat > "{tmp_path}/text"\nread -r line < "{release}"\n')
    program.chmod(0o755)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    done = copy("x", {"DISPLAY": display, "PATH": path}, before="clipboard._TIMEOUT_S = 1.0")
    assert "SessionError: no clipboard: it did not answer within 1 s (" in done.stderr
    assert (tmp_path / "text").read_text() == "x"
    os.close(os.open(release, os.O_WRONLY))  # let the waiting program end


def test_without_the_library(project: Path) -> None:
    lay(project)
    text = run_module("context").out
    words = [sys.executable, "-S", "-P", "-m", "session.commands.context", "--clipboard"]
    done = subprocess.run(words, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, text)
    assert done.stderr.decode() == ("no clipboard without pyperclip, which is not installed (pip install pyperclip)\n")


def test_nothing_to_print_to(display: str) -> None:
    program = "from session.host import clipboard; clipboard.copy('x')"
    words = ["sh", "-c", 'exec "$0" -P -c "$1" >&- 2>&-', sys.executable, program]
    subprocess.run(words, env={**os.environ, "DISPLAY": display}, timeout=60, check=True)
    assert pasted(display) == b"x"
