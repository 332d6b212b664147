"""Tests with real programs: their output, how they end, and that no child of them stays."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from session.host import process
from session.host.process import Captured, NotStarted, TimedOut, capture

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="with a POSIX shell")

SH = shutil.which("sh") or "/bin/sh"


def sh(script: str, *, timeout_s: float = 30, env: dict[str, str] | None = None, limit: int = 1 << 20) -> Captured:
    return capture([SH, "-c", script], cwd=str(Path.cwd()), timeout_s=timeout_s, env=env, limit=limit)


@pytest.fixture
def alive(project: Path) -> Iterator[int]:
    """Make a named pipe `alive` and return its reading end, which reads the end when its last writer has ended."""
    os.mkfifo(project / "alive")
    fd = os.open(project / "alive", os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(fd, True)
    yield fd
    os.close(fd)


def read_to_the_end(fd: int) -> bytes:
    """Read until no process has the other end open; return the bytes."""
    return b"".join(iter(lambda: os.read(fd, 1 << 16), b""))


def test_what_a_program_says() -> None:
    done = sh("printf out; printf err >&2; exit 7")
    assert (done.code, done.out, done.err, done.cut) == (7, b"out", b"err", False)


def test_a_signal_is_a_negative_code() -> None:
    assert sh("kill -TERM $$").code == -15


def test_there_is_nothing_to_read() -> None:
    assert sh("cat; echo end").out == b"end\n"


def test_the_folder_and_the_environment(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("OTHER", "kept")
    lines = sh("pwd; env", env={"GIT_OURS": "1"}).out.decode().split("\n")
    assert lines[0] == str(project.resolve())
    assert {line for line in lines if line.startswith("GIT_")} == {"GIT_OURS=1"}
    assert "OTHER=kept" in lines


def test_no_shell_reads_the_words() -> None:
    words = ["$HOME", "*", ";", "a b", "\n"]
    done = capture([SH, "-c", 'for word; do printf "%s\\0" "$word"; done', "-", *words], cwd="/", timeout_s=30)
    assert done.out.decode().split("\0") == [*words, ""]


@pytest.mark.parametrize(
    ("words", "cwd", "why"),
    [
        (["/no/such/program"], "/", "program can't be started: No such file or directory"),
        ([SH], "/no/such/folder", "sh can't be started: No such file or directory"),
        (["/dev/null"], "/", "null can't be started: Permission denied"),
        ([SH, "-c", "\0"], "/", "sh can't be started: embedded null byte"),
    ],
)
def test_what_can_not_be_started(words: list[str], cwd: str, why: str) -> None:
    with pytest.raises(NotStarted) as refused:
        capture(words, cwd=cwd, timeout_s=30)
    assert str(refused.value) == why


def test_past_the_time_limit_children_of_children_die_too(alive: int) -> None:
    with pytest.raises(TimedOut) as late:
        sh(f"echo up >alive; ({SH} -c 'exec 3>alive; sleep 600; :' & wait) 3>alive & exec 3>alive; wait", timeout_s=3)
    assert str(late.value) == "sh did not end within 3 s"
    assert read_to_the_end(alive) == b"up\n"


def test_a_program_that_closed_its_output_and_stays_is_killed(alive: int) -> None:
    with pytest.raises(TimedOut):
        sh("exec 3>alive; echo up >&3; exec >&- 2>&-; sleep 600", timeout_s=3)
    assert read_to_the_end(alive) == b"up\n"


def test_no_time_at_all() -> None:
    with pytest.raises(TimedOut):
        sh("sleep 600", timeout_s=0)


def test_children_that_outlive_the_program_are_killed(alive: int) -> None:
    done = sh("exec 3>alive; sleep 600 & echo said; exit 3")
    assert (done.code, done.out) == (3, b"said\n")
    assert read_to_the_end(alive) == b""


@pytest.mark.skipif(not shutil.which("setsid"), reason="needs setsid")
def test_a_child_that_went_its_own_way_is_not_waited_for() -> None:
    assert sh("setsid sleep 20 & echo said").out == b"said\n"


def test_endless_output_is_cut(alive: int) -> None:
    done = sh("exec 3>alive; while :; do echo 0123456789abcdef; done", limit=100_000)
    assert done.cut
    assert done.out == (b"0123456789abcdef\n" * 10_000)[:100_000]
    assert read_to_the_end(alive) == b""


def test_long_output_that_just_fits_is_whole() -> None:
    done = sh("printf 12345678", limit=8)
    assert (done.out, done.cut, done.code) == (b"12345678", False, 0)


def test_the_last_of_what_a_program_says() -> None:
    code = "import sys; sys.stdout.write('x' * 3_000_000 + 'end'); sys.stderr.write('y' * 99 + 'oh')"
    done = process.capture([sys.executable, "-c", code], cwd="/", timeout_s=60, limit=5, ending=True)
    assert (done.code, done.out, done.err, done.cut) == (0, b"xxend", b"yyyoh", False)


def test_long_errors_are_cut_but_the_program_ends_itself() -> None:
    done = sh("i=0; while [ $i -lt 20000 ]; do echo error >&2; i=$((i+1)); done; echo fine; exit 4", limit=50)
    assert (done.code, done.out, done.cut) == (4, b"fine\n", False)
    assert done.err == (b"error\n" * 10)[:50]


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Path]:
    """Make folders that each contain a program `git`."""
    made = {}
    for name in ("one", "two", "three"):
        made[name] = tmp_path / name
        made[name].mkdir()
        (made[name] / "git").write_text("#!/bin/sh\n")
        (made[name] / "git").chmod(0o755)
    return made


def test_a_program_is_found_by_absolute_folders_only(
    places: dict[str, Path], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(places["one"] / "git", project / "git")
    (project / "bin").mkdir()
    shutil.copy(places["one"] / "git", project / "bin" / "git")
    monkeypatch.setenv("PATH", f".:bin::{places['two']}:{places['three']}")
    assert process.find("git") == str(places["two"] / "git")
    monkeypatch.setenv("PATH", ".:bin:")
    assert process.find("git") is None


def test_a_program_is_not_found_in_the_project(places: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    (places["one"].parent / "link").symlink_to(places["one"])
    monkeypatch.setenv("PATH", f"{places['one']}:{places['one'].parent / 'link'}:{places['two']}")
    assert process.find("git", outside=[str(places["one"])]) == str(places["two"] / "git")


def test_what_can_not_be_run_is_no_program(places: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    (places["one"] / "git").chmod(0o644)
    (places["two"] / "git").unlink()
    (places["two"] / "git").mkdir()
    monkeypatch.setenv("PATH", f"/no/such/folder:{places['one']}:{places['two']}:{places['three']}")
    assert process.find("git") == str(places["three"] / "git")
    monkeypatch.delenv("PATH")
    assert process.find("sh") in ("/bin/sh", "/usr/bin/sh")
