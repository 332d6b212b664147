"""What experiments need from the machine: programs, root, their own mounts. Unavailable if something is missing."""

import contextlib
import ctypes
import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import lab
from .cases import Unavailable

_CLONE_NEWNS = 0x00020000
_MS_REC_PRIVATE = 0x4000 | (1 << 18)


def tool(name: str) -> str:
    """Return the path of a program. Unavailable if there is none, which counts as a failure in CI."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found:
        return found
    raise Unavailable(f"{name} is not installed", fails=os.environ.get("CI", "").lower() == "true")


def root() -> None:
    """Raise Unavailable unless we are root."""
    if os.geteuid():
        raise Unavailable("needs root")


def do(*command: str) -> None:
    """Run a program; raise Unavailable if it fails."""
    done = subprocess.run([tool(command[0]), *command[1:]], capture_output=True, check=False)
    if done.returncode:
        raise Unavailable(f"{' '.join(command)}: {done.stderr.decode('utf-8', 'replace').strip()}")


_own_mounts_of = 0  # the process that has its own mount table


def own_mounts() -> None:
    """Give this process its own mount table, so that its mounts disappear when it ends."""
    global _own_mounts_of
    if _own_mounts_of == os.getpid():
        return
    root()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNS) or libc.mount(b"none", b"/", None, _MS_REC_PRIVATE, None):
        raise Unavailable(f"no mounts of our own: {os.strerror(ctypes.get_errno())}")
    _own_mounts_of = os.getpid()


@contextlib.contextmanager
def mounted(*arguments: str) -> Iterator[Path]:
    """Yield the folder of a new mount: `mounted("-t", "tmpfs", "-o", "size=64k", "tmpfs")`."""
    own_mounts()
    place = Path(tempfile.mkdtemp(prefix="m", dir=lab.folder() / "work"))
    do("mount", *arguments, str(place))
    try:
        place.chmod(0o755)
        yield place
    finally:
        do("umount", str(place))
        place.rmdir()


@contextlib.contextmanager
def image(maker: Sequence[str], size_mib: int) -> Iterator[Path]:
    """Yield a file that contains a new file system."""
    with tempfile.NamedTemporaryFile(dir=lab.folder() / "work", suffix=".image") as file:
        os.truncate(file.name, size_mib << 20)
        do(*maker, file.name)
        yield Path(file.name)


@functools.cache
def preload() -> Path:
    """Compile the library for LD_PRELOAD and return its path."""
    library = lab.folder() / "work" / f"preload-{os.getpid()}.so"
    source = Path(__file__).with_name("preload.c")
    do("gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl")
    return library


@functools.cache
def nobody() -> tuple[str, ...]:
    """Return words that run a command as an ordinary user; the last is a Python that this user may run."""
    root()
    words = (tool("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups")
    for python in ("/usr/bin/python3", "/usr/local/bin/python3"):
        trial = [*words, python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        if Path(python).exists() and not subprocess.run(trial, capture_output=True, check=False).returncode:
            return (*words, python)
    raise Unavailable("no Python 3.11 that an ordinary user may run")
