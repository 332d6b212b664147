"""The method `fault`: full and read-only disks, other users, links, devices, held locks. All faults are real."""

from . import faults_files, faults_locks, faults_space, lab
from .cases import Case, Method, Outcome, sample
from .commands import BY_NAME
from .experiments import FAULTS

MODULES = (faults_files, faults_locks, faults_space)  # importing them registers their experiments


def rows() -> list[str]:
    """Return the names of the rows that at least one experiment uses."""
    return [name for name in BY_NAME if any(name in fault.rows for fault in FAULTS.values())]


def cases(command: str, mutant: str, size: str) -> list[Case]:
    """Return every experiment for this row, or a few of them if `size` is `small`."""
    found = [Case("fault", command, fault.name, mutant) for fault in FAULTS.values() if command in fault.rows]
    return sample(found, 12, "fault", command, mutant) if size == "small" else found


def check(case: Case) -> Outcome:
    """Run the experiment."""
    row = BY_NAME[case.command]
    with lab.copy_of(row.template()) as project:
        return Outcome(case, 1, FAULTS[case.point].check(row, project, case.mutant))


def needs() -> None:
    """Do nothing: each experiment checks what it needs."""


METHOD = Method("fault", "a real fault", rows, cases, check, needs)
