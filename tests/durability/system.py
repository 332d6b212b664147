"""What an experiment needs of the machine: tools, root, mounts of its own; absent, it says so."""

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
    """The path of a program. Unavailable if there is none; a failure in CI, which must not prove nothing."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found:
        return found
    raise Unavailable(f"{name} is not installed", fails=os.environ.get("CI", "").lower() == "true")


def root() -> None:
    """Unavailable unless we are root."""
    if os.geteuid():
        raise Unavailable("needs root")


def do(*command: str) -> None:
    """Run a program that must succeed."""
    done = subprocess.run([tool(command[0]), *command[1:]], capture_output=True, check=False)
    if done.returncode:
        raise Unavailable(f"{' '.join(command)}: {done.stderr.decode('utf-8', 'replace').strip()}")


_own_mounts_of = 0  # the process that has a mount table of its own


def own_mounts() -> None:
    """Give this process a mount table of its own: what it mounts is gone when it ends, however it ends."""
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
    """A fresh mount: `mounted("-t", "tmpfs", "-o", "size=64k", "tmpfs")`."""
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
    """A file with a new file system in it."""
    with tempfile.NamedTemporaryFile(dir=lab.folder() / "work", suffix=".image") as file:
        os.truncate(file.name, size_mib << 20)
        do(*maker, file.name)
        yield Path(file.name)


@functools.cache
def preload() -> Path:
    """The library for LD_PRELOAD, compiled."""
    library = lab.folder() / "work" / f"preload-{os.getpid()}.so"
    source = Path(__file__).with_name("preload.c")
    do("gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl")
    return library


@functools.cache
def nobody() -> tuple[str, ...]:
    """Words to put before a command so that it runs as an ordinary user, with a Python that this user may run."""
    root()
    words = (tool("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups")
    for python in ("/usr/bin/python3", "/usr/local/bin/python3"):
        trial = [*words, python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        if Path(python).exists() and not subprocess.run(trial, capture_output=True, check=False).returncode:
            return (*words, python)
    raise Unavailable("no Python 3.11 that an ordinary user may run")
