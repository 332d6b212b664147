"""The method `power`: cut the power of a real file system on a loop device, and mount it again.

The command is killed before a system call, or ends by itself. Then an ioctl shuts the file system down, with or without
flushing its journal. Everything that it had not written is lost. Mounting it again replays its journal.
"""

import ctypes
import fcntl
import os
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import crash, lab, oracle, strace, system
from .cases import Case, Method, Outcome, Unavailable, sample
from .commands import BY_NAME, TABLE
from .seen import seen

_SHUTDOWN = 0x8004587D
FLAGS = {"flushed": 1, "lost": 2}  # whether the file system's journal is written first
ENDED = "ended"  # the point after the command has reported success


@dataclass(frozen=True)
class FileSystem:
    """A kind of file system: the program that makes it, its size, and its mount options."""

    tool: str
    make: tuple[str, ...]
    size_mib: int
    options: str


FILE_SYSTEMS = {
    "ext4": FileSystem("mkfs.ext4", ("-q", "-F"), 24, "loop"),
    # without the heuristics that hide a missing fsync
    "ext4-writeback": FileSystem("mkfs.ext4", ("-q", "-F"), 24, "loop,noauto_da_alloc,data=writeback"),
    "xfs": FileSystem("mkfs.xfs", ("-q", "-f"), 300, "loop"),
}
_COUNTS = {"small": 1, "sample": 2, "hunt": 10_000, "full": 10_000}  # points for each file system and flag


class Disk:
    """A mounted image whose power can be cut and restored."""

    def __init__(self, kind: str) -> None:
        system.own_mounts()
        made = FILE_SYSTEMS[kind]
        self._options = made.options
        with tempfile.NamedTemporaryFile(dir=lab.folder() / "work", suffix=".image", delete=False) as file:
            self._image = file.name
        os.truncate(self._image, made.size_mib << 20)
        system.do(made.tool, *made.make, self._image)
        self.place = Path(tempfile.mkdtemp(prefix="d", dir=lab.folder() / "work"))
        self._mount()

    def _mount(self) -> None:
        system.do("mount", "-o", self._options, self._image, str(self.place))

    def flush(self) -> None:
        """Write everything to the disk."""
        fd = os.open(self.place, os.O_RDONLY)
        try:
            if ctypes.CDLL(None).syncfs(fd):
                raise OSError("syncfs failed")
        finally:
            os.close(fd)

    def cut(self, flag: int) -> None:
        """Cut the power and restore it."""
        fd = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, _SHUTDOWN, struct.pack("I", flag))
        finally:
            os.close(fd)
        system.do("umount", str(self.place))
        self._mount()

    def close(self) -> None:
        """Unmount and delete the image, whatever its state."""
        subprocess.run([system.tool("umount"), str(self.place)], capture_output=True, check=False)
        Path(self._image).unlink()


_disks: dict[
    tuple[int, str], Disk
] = {}  # one of each kind for each process, because making one takes longer than a cut


def _disk(kind: str) -> Disk:
    key = (os.getpid(), kind)
    if key not in _disks:
        _disks[key] = Disk(kind)
    return _disks[key]


def close() -> None:
    """Unmount everything that this process mounted."""
    for key in [key for key in _disks if key[0] == os.getpid()]:
        _disks.pop(key).close()


def needs() -> None:
    """Raise Unavailable without root, loop devices, the programs that make file systems, and strace."""
    crash.needs()
    system.root()
    for made in FILE_SYSTEMS.values():
        system.tool(made.tool)
    if os.fork() == 0:  # try it in a child process, whose mounts end with it
        code = 1
        try:
            Disk("ext4").close()
            code = 0
        finally:
            os._exit(code)
    if os.waitstatus_to_exitcode(os.wait()[1]):
        raise Unavailable("a file system in a loop device cannot be mounted here")


def cases(command: str, mutant: str, size: str) -> list[Case]:
    """Return cases for each file system and flag: points before a change, and always the point after the end."""
    points = [point for point, change in crash.points(command, mutant) if change and not point.startswith("flock")]
    found = []
    for kind in FILE_SYSTEMS:
        for flag in FLAGS:
            about = ("power", command, mutant, kind, flag)
            chosen = sample([*points, ENDED], _COUNTS[size], *about)
            found += [Case("power", command, f"{kind}:{flag}:{point}", mutant) for point in {*chosen, ENDED}]
    return sample(sorted(found, key=str), 3, "power", command, mutant) if size == "small" else found


def check(case: Case) -> Outcome:
    """Run up to the point, cut the power, mount again, check the state, then run the command again."""
    row = BY_NAME[case.command]
    kind, flag, point = case.point.split(":", 2)
    disk = _disk(kind)
    try:
        with lab.copy_of(row.template(), disk.place) as project:
            disk.flush()
            if point == ENDED:
                ended = lab.run_command(project, *row.argv, mutant=case.mutant)
            else:
                name, _, count = point.partition(":")
                inject = f"{name}:signal=KILL:when={count}"
                ended, _ = strace.run(row.argv, project, mutant=case.mutant, inject=inject)
            disk.cut(FLAGS[flag])
            note = row.note(seen(project))
            acknowledged = row.acknowledged(ended)
            faults = oracle.wrong(project, row, acknowledged=acknowledged, temporary_ok=True)
            if point == ENDED and not acknowledged:
                faults.append(f"did not end: {ended}")
    except BaseException:
        _disks.pop((os.getpid(), kind)).close()  # the state of the disk is unknown
        raise
    return Outcome(case, 1, faults, notes=frozenset([note]))


METHOD = Method("power", "power cut on ext4 and XFS", lambda: [row.name for row in TABLE], cases, check, needs)
