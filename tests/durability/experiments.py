"""Helpers for the method `fault`: register an experiment, and check how a command reacts to a real fault."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import lab, oracle
from .commands import Command
from .errors import judge
from .seen import seen

Check = Callable[
    [Command, Path, str], list[str]
]  # takes the row, a copy of its project and a mutant; returns the violations
USUAL = ("set-update", "save", "reset", "run-update")
SHORT_WAIT = {"WORKFLOW_SESSION_LOCK_TIMEOUT_S": "0.2"}


@dataclass(frozen=True)
class Fault:
    """One experiment, and the rows of the table that it uses."""

    name: str
    rows: Sequence[str]
    check: Check


FAULTS: dict[str, Fault] = {}


def fault(*rows: str) -> Callable[[Check], Check]:
    """Register an experiment under its function's name, for these rows."""

    def register(check: Check) -> Check:
        name = check.__name__.replace("_", "-")
        FAULTS[name] = Fault(name, rows or USUAL, check)
        return check

    return register


def refused(
    row: Command, project: Path, ended: lab.Ended, *naming: str, code: int = 1, again: bool = True
) -> list[str]:
    """Return what is wrong with a refusal: the exit code, the one line, and the unchanged state.

    The line must contain the words in `naming`. With `again`, the fault is over, and the command must work now.
    """
    wrong = judge(ended, row, project, codes=(code,))
    line = "".join(ended.complaints())
    wrong += [f"the line does not say {word!r}: {line}" for word in naming if word not in line]
    if again:
        wrong += oracle.wrong(project, row, acknowledged=False)
    return wrong


def done(row: Command, project: Path, ended: lab.Ended, *, code: int = 0) -> list[str]:
    """Return what is wrong with a success, or with `code` 5 a success that could not be confirmed."""
    return judge(ended, row, project, codes=(code,)) + oracle.wrong(project, row, acknowledged=True)


def untouched(row: Command, project: Path, ended: lab.Ended, victim: Path, *naming: str) -> list[str]:
    """Return what is wrong with a command that must refuse to write to `victim`, a file outside the project."""
    wrong = [] if victim.read_bytes() == b"theirs" else [f"wrote through a link: {victim.read_bytes()!r}"]
    if ended.code != 1 or len(ended.complaints()) != 1 or ended.out:
        wrong.append(f"not refused in one line: {ended}")
    line = "".join(ended.complaints())
    return wrong + [f"the line does not say {word!r}: {line}" for word in naming if word not in line]


def same(row: Command, project: Path) -> list[str]:
    """Return a violation if the state is not exactly the old one."""
    return [] if seen(project) == row.before() else [f"changed: {seen(project)}"]


def limited(argv: Sequence[str], project: Path, mutant: str, option: str, limit: int) -> lab.Ended:
    """Run a command under a limit of the shell's `ulimit`."""
    script = f'ulimit {option} {limit}; exec "$@"'
    return lab.run(["sh", "-c", script, "sh", *lab.words(argv, mutant)], project)


def put(path: Path, body: bytes = b"theirs") -> Path:
    """Write a file that does not belong to this program."""
    path.write_bytes(body)
    path.chmod(0o600)
    return path
