"""The laboratory: a temporary folder, a copy of the code, and commands as real processes."""

import atexit
import compileall
import contextlib
import functools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import session

LIMIT_S = 60  # a command that takes longer hangs
WRAPPER = "mutants.py"


@dataclass(frozen=True)
class Ended:
    """The exit code (negative: the signal) and output of a process."""

    code: int
    out: bytes
    err: bytes

    def complaints(self) -> list[str]:
        """Return the lines on stderr, without the notice about a new `ia/state`."""
        lines = self.err.decode("utf-8", "replace").splitlines()
        return [line for line in lines if not line.startswith("created ia/state in ")]


def at_once(work: Callable[[int], object], count: int, at_a_time: int) -> None:
    """Call `work` with each number below `count`, as many `at_a_time` in threads; return when all are done."""
    with ThreadPoolExecutor(at_a_time) as threads:
        for ended in [threads.submit(work, number) for number in range(count)]:
            ended.result()


@functools.cache
def folder() -> Path:
    """Return the laboratory's folder. The process that first calls this removes it at its end.

    Everyone can read the folder, because some experiments run as another user.
    """
    base = Path(tempfile.mkdtemp(prefix="durability-"))
    base.chmod(0o755)
    owner = os.getpid()

    def clear() -> None:
        if os.getpid() == owner:
            shutil.rmtree(base, ignore_errors=True)

    atexit.register(clear)
    for part in ("code", "home", "templates", "work"):
        (base / part).mkdir()
    # Copy the code: crash points are counted in system calls, and an edit during a run would shift them.
    code = base / "code"
    assert session.__file__
    shutil.copytree(Path(session.__file__).parent, code / "session", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(Path(__file__).with_name(WRAPPER), code / WRAPPER)
    compileall.compile_dir(code, quiet=2)
    bundle = "from session import _preload; _preload.load('set')"  # an installation's first command does this
    subprocess.run([sys.executable, "-P", "-c", bundle], env={"PYTHONPATH": str(code)}, timeout=LIMIT_S, check=True)
    return base


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a command. It does not depend on the user's, so that all runs are equal."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder() / "home"),
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(folder() / "code"),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        **(extra or {}),
    }


def words(argv: Sequence[str], mutant: str = "", python: str = sys.executable) -> list[str]:
    """Return the words that run a command, with the real store or a mutant. `argv` is its name and arguments."""
    if mutant:
        return [python, "-P", str(folder() / "code" / WRAPPER), mutant, *argv]
    return [python, "-P", "-m", f"session.{argv[0]}", *argv[1:]]


def start(
    command: Sequence[str],
    project: Path,
    env: Mapping[str, str] | None = None,
    stdin: socket.socket | int = subprocess.DEVNULL,
) -> "subprocess.Popen[bytes]":
    """Start a process in `project`, with pipes for its output."""
    return subprocess.Popen(
        command,
        cwd=project,
        env=environment(env),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finish(process: "subprocess.Popen[bytes]") -> Ended:
    """Wait for the process and return how it ended. A process that hangs is killed: its code is -9."""
    try:
        out, err = process.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        err += b"\nhangs"
    return Ended(process.returncode, out, err)


def run(command: Sequence[str], project: Path, env: Mapping[str, str] | None = None) -> Ended:
    """Start a process and wait for it and for every process that it started; return how it ended.

    If `run` is killed, its command goes on, so this waits until all of them have closed stdin.
    """
    here, there = socket.socketpair()  # an empty stdin, which is closed when the last process that has it ends
    with here:
        here.shutdown(socket.SHUT_WR)
        here.settimeout(LIMIT_S)
        with there:
            process = start(command, project, env, there)
        ended = finish(process)
        here.recv(1)
    return ended


def run_command(project: Path, *argv: str, mutant: str = "", env: Mapping[str, str] | None = None) -> Ended:
    """Run a command in `project` and return how it ended: `run_command(project, "set", "w", "init")`."""
    return run(words(argv, mutant), project, env)


def new_project(base: Path | None = None) -> Path:
    """Make an empty project below `base`, or in the laboratory."""
    project = Path(tempfile.mkdtemp(prefix="p", dir=base or folder() / "work"))
    project.chmod(0o755)
    (project / ".git").mkdir()  # so that no folder above becomes the root
    return project


@contextlib.contextmanager
def copy_of(template: Path, base: Path | None = None) -> Iterator[Path]:
    """Yield a copy of a project for one experiment, and remove it afterwards."""
    target = Path(tempfile.mkdtemp(prefix="c", dir=base or folder() / "work"))
    target.chmod(0o755)
    try:
        yield Path(shutil.copytree(template, target / "p", symlinks=True))
    finally:
        shutil.rmtree(target, ignore_errors=True)
