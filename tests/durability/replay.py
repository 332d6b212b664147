"""The methods `replay` and `killed-replay`: cut the power in a model of a file system.

Every operation that was not synced is on the disk or not, in every combination. `replay` cuts the power at a point of a
command. `killed-replay` kills the command first, runs it again, and cuts the power during the second run: that run must
make everything durable that it builds on. They do not need root.
"""

import functools
import hashlib
import random
import shutil
from pathlib import Path

from . import crash, lab, oracle, strace, syscalls
from .cases import SEED, Case, Method, Outcome, sample
from .commands import BY_NAME, Command
from .model import Disk, Op, disks

_MOST = {"small": 12, "sample": 96, "hunt": 96, "full": 4096}  # disks for each point
_KILLS = {"small": 1, "sample": 3, "hunt": 10_000, "full": 10_000}


@functools.cache
def _trace(command: str, mutant: str, kill: str = "") -> tuple[Disk, list[Op], int]:
    """Return the disk before, all operations, and how many of them belong to the first, killed run."""
    row = BY_NAME[command]
    with lab.copy_of(row.template()) as project:
        reader = syscalls.Reader(project, syscalls.disk_of(project))
        base = syscalls.disk_of(project)
        if kill:
            name, _, count = kill.partition(":")
            inject = f"{name}:signal=KILL:when={count}"
            _, made = strace.run(row.argv, project, mutant=mutant, inject=inject, show=(*syscalls.SHOWN, name))
            reader.read(made)
        first = len(reader.ops)
        ended, made = strace.run(row.argv, project, mutant=mutant, show=syscalls.SHOWN)
        reader.read(made)
        if row.runs and row.acknowledged(ended):
            reader.ended()
    return base, reader.ops, first


def cases(command: str, mutant: str, size: str) -> list[Case]:
    """Return one case for each point of the trace; each case checks many disks."""
    _, ops, first = _trace(command, mutant)
    lengths = list(range(first, len(ops) + 1))
    if size == "small":
        lengths = sample(lengths, 8, "replay", command, mutant)
    return [Case("replay", command, f"{size}:{length}", mutant) for length in lengths]


def killed_cases(command: str, mutant: str, size: str) -> list[Case]:
    """Return one case for each point that kills the first run; each case checks every cut in the second run."""
    points = [point for point, change in crash.points(command, mutant) if change]
    points = sample(points, _KILLS[size], "killed-replay", command, mutant)
    return [Case("killed-replay", command, f"{size}:{point}", mutant) for point in points]


def check(case: Case) -> Outcome:
    """Make each disk that the power cut may leave, and check the recovery from it."""
    size, _, point = case.point.partition(":")
    row = BY_NAME[case.command]
    outcome = Outcome(case, 0)
    if case.method == "replay":
        base, ops, _ = _trace(case.command, case.mutant)
        _cut(row, base, ops, int(point), size, outcome, set())
    else:
        base, ops, first = _trace(case.command, case.mutant, point)
        known: set[bytes] = set()
        for length in range(first, len(ops) + 1):
            _cut(row, base, ops, length, size, outcome, known)
    return outcome


def _cut(row: Command, base: Disk, ops: list[Op], length: int, size: str, outcome: Outcome, known: set[bytes]) -> None:
    acknowledged = any(op.kind == "ack" for op in ops[:length])
    # `run` starts its command last; before it, git may have been asked whose an unfinished commit is
    last_start = max((at for at, op in enumerate(ops) if op.kind == "start"), default=length)
    started = row.runs and last_start < length
    chance = random.Random(f"{SEED}/{outcome.case}/{length}")
    for name, disk in disks(base, ops[:length], _MOST[size], chance):
        files = disk.files()
        digest = hashlib.sha256(repr((acknowledged, started, sorted(files.items()))).encode()).digest()
        if digest in known:
            continue
        known.add(digest)
        outcome.checked += 1
        faults = []
        if _is_done_with_its_journal(ops[:length]) and any(path.endswith("/.journal") for path in files):
            # The journal could be applied again and overwrite later changes.
            faults.append("acknowledged, but the journal may come back")
        faults += _recover(row, files, acknowledged, started)
        outcome.violations += [f"cut after {length} operations, disk {name}: {fault}" for fault in faults]
        outcome.notes |= {"acknowledged"} if acknowledged else set()


def _is_done_with_its_journal(ops: list[Op]) -> bool:
    """Return True if a success was reported after the last commit of a journal."""
    last = max((at for at, op in enumerate(ops) if op.kind == "rename" and op.target == ".journal"), default=-1)
    return any(op.kind == "ack" for op in ops[last + 1 :])


def _recover(row: Command, files: dict[str, bytes | None], acknowledged: bool, started: bool) -> list[str]:
    project = lab.new_project()
    try:
        for path, body in files.items():
            _put(project / path, body)
        return oracle.wrong(project, row, acknowledged=acknowledged, temporary_ok=True, started=started)
    finally:
        shutil.rmtree(project)


def _put(path: Path, body: bytes | None) -> None:
    if body is None:
        path.mkdir(mode=0o700, exist_ok=True)
    else:
        path.write_bytes(body)
        path.chmod(0o600)


REPLAY = Method("replay", "power cut in a model of a file system", lambda: list(BY_NAME), cases, check, crash.needs)
KILLED = Method(
    "killed-replay", "killed, run again, then a power cut", lambda: list(BY_NAME), killed_cases, check, crash.needs
)
