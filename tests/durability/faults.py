"""Real faults: full and read-only disks, other users, links, devices, held locks; none of them injected."""

from . import faults_files, faults_locks, faults_space, lab
from .cases import Case, Method, Outcome, sample
from .commands import BY_NAME
from .experiments import FAULTS

MODULES = (faults_files, faults_locks, faults_space)  # imported, they have registered their experiments


def rows() -> list[str]:
    """The rows that some experiment is made with."""
    return [name for name in BY_NAME if any(name in fault.rows for fault in FAULTS.values())]


def cases(command: str, mutant: str, size: str) -> list[Case]:
    """Every experiment with this row; few of them if `size` is small."""
    found = [Case("fault", command, fault.name, mutant) for fault in FAULTS.values() if command in fault.rows]
    return sample(found, 12, "fault", command, mutant) if size == "small" else found


def check(case: Case) -> Outcome:
    """Make the experiment."""
    row = BY_NAME[case.command]
    with lab.copy_of(row.template()) as project:
        return Outcome(case, 1, FAULTS[case.point].check(row, project, case.mutant))


def needs() -> None:
    """Nothing for all of them: each experiment says for itself."""


METHOD = Method("fault", "a real fault", rows, cases, check, needs)
