"""Where the experiments happen: a folder of their own, a copy of the code, commands as real processes."""

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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import session

LIMIT_S = 60  # no command takes this long: one that does hangs
WRAPPER = "mutants.py"


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code (negative: the signal), and what it wrote."""

    code: int
    out: bytes
    err: bytes

    def complaints(self) -> list[str]:
        """The lines on stderr but for the notice of a new `ia/state`."""
        lines = self.err.decode("utf-8", "replace").splitlines()
        return [line for line in lines if not line.startswith("created ia/state in ")]


@functools.cache
def folder() -> Path:
    """The laboratory: removed when the process that first asked for it ends.

    Readable by everyone, as one experiment runs as another user.
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
    # a copy: crash points are counted in system calls, and an edit in the middle of a run would shift them
    code = base / "code"
    assert session.__file__
    shutil.copytree(Path(session.__file__).parent, code / "session", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(Path(__file__).with_name(WRAPPER), code / WRAPPER)
    compileall.compile_dir(code, quiet=2)
    bundled = "from session import _preload; _preload.load('set')"  # as by the first command of an installation
    subprocess.run([sys.executable, "-P", "-c", bundled], env={"PYTHONPATH": str(code)}, timeout=LIMIT_S, check=True)
    return base


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a command sees of its surroundings: the same for everyone, so that runs are alike."""
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
    """The command line of a door: `argv` is its name and arguments; of the real store, or of a mutant."""
    if mutant:
        return [python, "-P", str(folder() / "code" / WRAPPER), mutant, *argv]
    return [python, "-P", "-m", f"session.{argv[0]}", *argv[1:]]


def start(
    command: Sequence[str],
    project: Path,
    env: Mapping[str, str] | None = None,
    stdin: socket.socket | int = subprocess.DEVNULL,
) -> "subprocess.Popen[bytes]":
    """The process of a command line in `project`, its output piped."""
    return subprocess.Popen(
        command,
        cwd=project,
        env=environment(env),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finish(process: "subprocess.Popen[bytes]") -> Ended:
    """Wait for a started process. One that hangs is ended, and is a failure: its code is -9."""
    try:
        out, err = process.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        err += b"\nhangs"
    return Ended(process.returncode, out, err)


def run(command: Sequence[str], project: Path, env: Mapping[str, str] | None = None) -> Ended:
    """Start and finish, with all that it started: `run` may be killed, and its command live on."""
    here, there = socket.socketpair()  # stdin, with nothing in it, and closed when the last one has gone who has it
    with here:
        here.shutdown(socket.SHUT_WR)
        here.settimeout(LIMIT_S)
        with there:
            process = start(command, project, env, there)
        ended = finish(process)
        here.recv(1)
    return ended


def door(project: Path, *argv: str, mutant: str = "", env: Mapping[str, str] | None = None) -> Ended:
    """Run a door in `project`: `door(project, "set", "w", "init")`."""
    return run(words(argv, mutant), project, env)


def new_project(base: Path | None = None) -> Path:
    """An empty project root below `base`, else below the laboratory."""
    project = Path(tempfile.mkdtemp(prefix="p", dir=base or folder() / "work"))
    project.chmod(0o755)
    (project / ".git").mkdir()  # so that nothing above is taken for the root
    return project


@contextlib.contextmanager
def copy_of(template: Path, base: Path | None = None) -> Iterator[Path]:
    """A copy of a project to experiment on."""
    target = Path(tempfile.mkdtemp(prefix="c", dir=base or folder() / "work"))
    target.chmod(0o755)
    try:
        yield Path(shutil.copytree(template, target / "p", symlinks=True))
    finally:
        shutil.rmtree(target, ignore_errors=True)
