"""The method `crash`: kill the command directly before a system call, once for each call that it makes."""

import functools

from . import lab, oracle, strace, system
from .cases import Case, Method, Outcome, Unavailable, sample
from .commands import BY_NAME
from .ran import RAN
from .seen import seen

# calls that change files, or lock them; between two of them the disk looks the same
CHANGING = ("mkdirat", "write", "fsync", "renameat", "unlinkat", "fchmod", "flock", "ftruncate", "exit_group")
_COUNTS = {"small": (8, 3), "sample": (24, 6), "hunt": (10_000, 10_000), "full": (10_000, 10_000)}


def needs() -> None:
    """Raise Unavailable unless strace is installed."""
    system.tool("strace")


@functools.cache
def points(command: str, mutant: str = "") -> tuple[tuple[str, bool], ...]:
    """Return every system call after the first that names the state folder, and whether it may change a file."""
    row = BY_NAME[command]
    with lab.copy_of(row.template()) as project:
        ended, made = strace.run(row.argv, project, mutant=mutant)
    if not made:
        raise Unavailable(f"strace cannot trace here: {ended.err.decode('utf-8', 'replace').strip()[:200]}")
    return tuple((call.point, changes(call)) for call in strace.from_state_on(made))


def changes(call: strace.Call) -> bool:
    """Return True if the call may change a file."""
    return call.name in CHANGING or "O_CREAT" in call.arguments or "O_TRUNC" in call.arguments


def cases(command: str, mutant: str, size: str) -> list[Case]:
    """Return all points for `full`, else most points before a change and some others."""
    most, some = _COUNTS[size]
    found = points(command, mutant)
    names = {point for point, change in found if change}
    chosen = set(sample(sorted(names), most, "crash", command, mutant))
    chosen |= set(sample([point for point, change in found if not change], some, "crash", command, mutant))
    return [Case("crash", command, point, mutant) for point, _ in found if point in chosen]


def check(case: Case) -> Outcome:
    """Kill the command at the point, check the state, then run the command again."""
    row = BY_NAME[case.command]
    name, _, count = case.point.partition(":")
    with lab.copy_of(row.template()) as project:
        inject = f"{name}:signal=KILL:when={count}"
        ended, _ = strace.run(row.argv, project, mutant=case.mutant, inject=inject)
        # The number of memory calls differs between runs, so the command may end before the point.
        note = row.note(seen(project))
        ran = (project / RAN).exists()
        faults = oracle.wrong(project, row, acknowledged=row.acknowledged(ended))
        if row.runs and note == "new" and not ran:
            faults.append("recorded as done, and was not")
        if ended.code not in (-9, 0):
            faults.append(f"ended by itself: {ended}")
    return Outcome(case, 1, faults, notes=frozenset([note]))


METHOD = Method("crash", "killed before a system call", lambda: list(BY_NAME), cases, check, needs)
