"""The method `error`: a system call of the command fails, once or from then on, with each possible error."""

import functools
from pathlib import Path

from session.host.relay import NOT_EXECUTABLE

from . import crash, lab, oracle, strace
from .cases import Case, Method, Outcome, Unavailable, sample
from .commands import BY_NAME, Command
from .ran import RAN, with_result
from .seen import leftovers, seen

ERRORS = {
    "openat": ("EMFILE", "EACCES", "EIO", "ENOSPC", "EINTR"),
    "mkdirat": ("ENOSPC", "EDQUOT", "EROFS"),
    "write": ("ENOSPC", "EDQUOT", "EFBIG", "EIO", "EINTR"),
    "fsync": ("EIO", "ENOSPC", "EINTR"),
    "renameat": ("EXDEV", "ENOSPC", "EDQUOT", "EIO"),
    "unlinkat": ("EIO", "EROFS"),
    "flock": ("ENOLCK", "EIO", "EINTR"),
    "fchmod": ("EPERM",),
    "newfstatat": ("EIO",),
    "read": ("EIO", "EINTR"),
    "lseek": ("EIO",),
}
# A full or failing disk stays that way, and so does a process that has no descriptors left.
LASTING = {"openat": ("EMFILE",), "write": ("ENOSPC", "EIO"), "fsync": ("EIO",), "renameat": ("EIO",)}
_EACH = {"small": 0, "sample": 1, "hunt": 10_000, "full": 10_000}  # calls for each error
_EACH_SYNC = {**_EACH, "sample": 6}  # more cases for fsync and rename, because durability depends on them
_SMALL = 6
_ANY = (0, 1, 5)


@functools.cache
def _traced(command: str, mutant: str) -> list[strace.Call]:
    """Return the system calls of the command, without those before the first that names the state folder."""
    row = BY_NAME[command]
    with lab.copy_of(row.template()) as project:
        ended, made = strace.run(row.argv, project, mutant=mutant)
    if not made:
        raise Unavailable(f"strace cannot trace here: {ended.err.decode('utf-8', 'replace').strip()[:200]}")
    # Skip the interpreter's own files, and stderr, where the command reports the error.
    return [call for call in strace.from_state_on(made) if str(project) in _where(call) or _where(call)[:2] == "1<"]


def _where(call: strace.Call) -> str:
    return call.arguments.partition("AT_FDCWD<")[2].partition(", ")[2] or call.arguments


def _is_beside(case: Case, point: str) -> bool:
    """Return True if the point touches nothing of what the command acknowledges.

    The entry protocol's place does without ia/state and its ignore rules: they only mark the root.
    """
    [where] = [_where(call) for call in _traced(case.command, case.mutant) if call.point == point] or [""]
    return BY_NAME[case.command].goes_on and bool(where) and "/.claude" not in where


@functools.cache
def _points(command: str, mutant: str) -> dict[tuple[str, str], list[str]]:
    """Return, for each system call and error, the points where the command can fail: `fsync:2`, `fsync:2+`."""
    found: dict[tuple[str, str], list[str]] = {}
    for call in _traced(command, mutant):
        for error in ERRORS.get(call.name, ()):
            found.setdefault((call.name, error), []).append(call.point)
            if error in LASTING.get(call.name, ()):
                found[call.name, error].append(f"{call.point}+")
    return found


def cases(command: str, mutant: str, size: str) -> list[Case]:
    """Return all points for `full`, else one point for each call and error, and more for fsync and rename."""
    found = []
    for (name, error), points in _points(command, mutant).items():
        count = (_EACH_SYNC if name in ("fsync", "renameat") and error == "EIO" else _EACH)[size]
        chosen = sample(points, max(count, 1), "error", command, mutant, name, error)
        found += [Case("error", command, f"{point}={error}", mutant) for point in chosen]
    return sample(found, _SMALL, "error", command, mutant) if size == "small" else found


def check(case: Case) -> Outcome:
    """Make the call fail at the point, check the state, then run the command again without the error."""
    row = BY_NAME[case.command]
    point, _, error = case.point.partition("=")
    name, _, count = point.partition(":")
    with lab.copy_of(row.template()) as project:
        before = leftovers(project)  # what a killed writer left is removed by the next holder of the lock
        ended, _ = strace.run(row.argv, project, mutant=case.mutant, inject=f"{name}:error={error}:when={count}")
        mute = name == "write" and count.endswith("+")  # stderr fails as well
        faults = judge(ended, row, project, mute=mute)
        silent = not ended.code and not ended.complaints()
        if name in ("flock", "fsync", "renameat") and error != "EINTR" and silent and not _is_beside(case, point):
            faults.append(f"{name} failed, and the command says that all is well: {ended}")
        if error == "EINTR" and ended.code:
            faults.append(f"does not go on after an interrupted call: {ended}")
        if name != "unlinkat" and ended.code == 1:
            faults += [what for what in leftovers(project) if ".temporary" in what and what not in before]
        done = row.acknowledged(ended) and not mute if row.runs else row.is_done(ended.code)
        # a temporary file that could not be removed stays until the next repair
        faults += oracle.wrong(project, row, acknowledged=done, temporary_ok=name in ("unlinkat", "openat"))
    return Outcome(case, 1, faults, notes=frozenset([f"exit {ended.code}"]))


def judge(
    ended: lab.Ended, row: Command, project: Path, *, codes: tuple[int, ...] = _ANY, mute: bool = False
) -> list[str]:
    """Return what is wrong with the command's exit code, its one line on stderr, and the state that it left."""
    if row.runs:
        return _judge_run(ended, row, project, codes, mute)
    if row.goes_on and ended.code not in (0, 5):
        return _judge_one_that_goes_on(ended, row, project, codes, mute)
    faults = []
    if ended.code not in codes:
        faults.append(f"exit code {ended.code} is none of {codes}")
    lines = ended.complaints()
    if len(lines) != (1 if ended.code and not mute else 0) or "bug in workflow-session" in "".join(lines):
        faults.append("not exactly one clear line" if ended.code else "a line on stderr, but exit code 0")
    found = seen(project)
    if ended.code in (0, 5):
        allowed = (row.after(),) if row.is_done(ended.code) else (row.after(), row.between(), row.before().timeless())
        if row.alike(found) not in allowed:
            faults.append(f"exit code {ended.code}, but not the new state")
    elif found != row.before():
        faults.append("failed, but the state is not what it was, byte for byte")
    if ended.out and ended.code not in (0, 5):
        faults.append("failed, but answered")
    return [f"{fault}: {ended}; found {found}" for fault in faults]


def _judge_one_that_goes_on(
    ended: lab.Ended, row: Command, project: Path, codes: tuple[int, ...], mute: bool
) -> list[str]:
    """Return what is wrong with the end of a command that names what it cannot use and continues with the rest."""
    found = seen(project)
    faults = [] if ended.code in codes else [f"exit code {ended.code} is none of {codes}"]
    if found != row.before() and row.alike(found) != row.after():
        faults.append("neither the old nor the new state")
    if bool(ended.complaints()) is mute or "bug in workflow-session" in "".join(ended.complaints()):
        faults.append("no clear line")
    return [f"{fault}: {ended}; found {found}" for fault in faults]


def _judge_run(ended: lab.Ended, row: Command, project: Path, codes: tuple[int, ...], mute: bool) -> list[str]:
    """Return what is wrong with the end of `run`: its exit code, its messages, and the result that it recorded."""
    lines = ended.complaints()
    found = seen(project)
    alike = row.alike(found)
    between = row.between()
    assert between is not None
    unrecorded = any("is not recorded" in line for line in lines)
    if ended.code == 0 and (unrecorded or (mute and alike == between)):
        right = alike == between and (mute or len(lines) == 1)
    elif ended.code == 0:
        right = alike == row.after() and (not lines or (len(lines) == 1 and "is recorded, but" in lines[0]))
    elif ended.code == NOT_EXECUTABLE:  # the system could not start the command
        right = alike == (between if unrecorded else with_result(row.after(), ended.code))
        right = right and len(lines) == (2 if unrecorded else 1)
    else:
        right = (alike == between if ended.code == 5 else found == row.before()) and len(lines) == (0 if mute else 1)
    faults = [] if right else ["what it says, and what is there, differ"]
    if (project / RAN).exists() != (ended.code == 0):
        faults.append("run or not, against its exit code")
    if ended.code not in (codes if codes != _ANY else (*codes, NOT_EXECUTABLE)) or ended.out:
        faults.append(f"exit code {ended.code} is none of {codes}, or an answer")
    if "bug in workflow-session" in "".join(lines):
        faults.append("not a clear line")
    return [f"{fault}: {ended}; found {found}" for fault in faults]


METHOD = Method("error", "a system call fails", lambda: list(BY_NAME), cases, check, crash.needs)
