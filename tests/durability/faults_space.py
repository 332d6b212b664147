"""Experiments with full disks, limits and permissions."""

import os
import shutil
import time
from pathlib import Path

from . import lab, system
from .cases import Unavailable
from .commands import Command
from .experiments import done, fault, limited, refused
from .seen import leftovers

_YEAR_S = 365 * 86400
_BIG = '{"big": "' + "x" * 120_000 + '"}'


@fault("set-update", "set-create")
def full_disk(row: Command, project: Path, mutant: str) -> list[str]:
    """A context does not fit into a file system of 64 KiB."""
    with system.mounted("-t", "tmpfs", "-o", "size=64k", "tmpfs") as disk:
        there = Path(shutil.copytree(project, disk / "p"))
        ended = lab.run_command(there, "set", "w", "big", _BIG, mutant=mutant)
        return refused(row, there, ended, "no space left on device", "nothing changed")


@fault("save", "reset", "run-update")
def full_disk_already(row: Command, project: Path, mutant: str) -> list[str]:
    """The file system is full: commands that need space are refused, and `reset`, which frees space, works."""
    with system.mounted("-t", "tmpfs", "-o", "size=64k", "tmpfs") as disk:
        there = Path(shutil.copytree(project, disk / "p"))
        filler = disk / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        ended = lab.run_command(there, *row.argv, mutant=mutant)
        filler.unlink()
        if row.name == "reset":
            return done(row, there, ended)
        return refused(row, there, ended, "no space left on device", "nothing changed")


@fault("set-create", "set-update", "save", "run-create", "run-update")
def no_inodes(row: Command, project: Path, mutant: str) -> list[str]:
    """The file system has space left, but cannot hold another file."""
    files = sum(1 for _ in project.rglob("*")) + 2  # the root, the project
    with system.mounted("-t", "tmpfs", "-o", f"size=1m,nr_inodes={files}", "tmpfs") as disk:
        there = Path(shutil.copytree(project, disk / "p"))
        ended = lab.run_command(there, *row.argv, mutant=mutant)
        do = refused(row, there, ended, "no space left on device", "nothing changed", again=False)
        system.do("mount", "-o", "remount,nr_inodes=100", str(disk))
        return do + refused(row, there, ended)


@fault("set-create", "set-update", "set-after-killed-save", "save", "reset", "run-update")
def read_only(row: Command, project: Path, mutant: str) -> list[str]:
    """On a read-only mount, writing fails and reading works."""
    with system.mounted("--bind", str(project)) as there:
        system.do("mount", "-o", "remount,bind,ro", str(there))
        ended = lab.run_command(there, *row.argv, mutant=mutant)
        wrong = refused(row, there, ended, "read-only file system", again=False)
        got = lab.run_command(there, "get", "w")
        if got.code or got.err:
            wrong.append(f"get on a read-only mount: {got}")
    return wrong


@fault()
def file_size_limit(row: Command, project: Path, mutant: str) -> list[str]:
    """With `ulimit -f`, a command that writes a long file is refused, and others work."""
    argv = ("set", "w", "big", _BIG) if row.name == "set-update" else row.argv
    if row.runs:
        argv = ("run", "w", "big", "--context", _BIG, *argv[argv.index("--") :])
    ended = limited(argv, project, mutant, "-f", 1)
    if row.name == "reset":
        return done(row, project, ended)
    return refused(row, project, ended, "file too large", "nothing changed")


@fault("set-create", "set-update", "set-after-killed-save", "save", "reset")
def few_descriptors(row: Command, project: Path, mutant: str) -> list[str]:
    """With `ulimit -n`, at every limit with which Python can start, the command works or changes nothing."""
    wrong = []
    outcomes = set()
    for most in range(4, 12):
        with lab.copy_of(project) as trial:
            if limited(("get", "--version"), trial, "", "-n", most).code:
                continue  # Python itself cannot start
            ended = limited(row.argv, trial, mutant, "-n", most)
            outcomes.add(ended.code)
            found = refused(row, trial, ended) if ended.code else done(row, trial, ended)
            wrong += [f"{most} descriptors: {what}" for what in found]
    return wrong or ([] if outcomes == {0, 1} else [f"proves nothing: exit codes {outcomes}"])


@fault("set-create", "set-update", "save", "reset", "run-update")
def ordinary_user(row: Command, project: Path, mutant: str) -> list[str]:
    """Another user's project: the command is refused and names the owner."""
    *words, python = system.nobody()
    ended = lab.run([*words, *lab.words(row.argv, mutant, python)], project)
    return refused(row, project, ended, "permission denied", "belongs to another user (uid 0)")


@fault("set-update", "save", "run-update")
def other_users_file(row: Command, project: Path, mutant: str) -> list[str]:
    """Our own project, with a session that belongs to root."""
    *words, python = system.nobody()
    for path in (project, *project.rglob("*")):
        os.chown(path, 65534, 65534)
    os.chown(project / "ia/state/sessions/w.json", 0, 0)
    ended = lab.run([*words, *lab.words(row.argv, mutant, python)], project)
    return refused(row, project, ended, "w.json", "permission denied", "belongs to another user (uid 0)")


@fault()
def immutable_file(row: Command, project: Path, mutant: str) -> list[str]:
    """With `chattr +i`, not even root can replace or delete the session."""
    with (
        system.image(("mkfs.ext4", "-q", "-F"), 16) as file,
        system.mounted("-o", "loop", str(file)) as disk,
    ):
        there = Path(shutil.copytree(project, disk / "p"))
        session = there / "ia/state/sessions/w.json"
        system.do("chattr", "+i", str(session))
        try:
            ended = lab.run_command(there, *row.argv, mutant=mutant)
        finally:
            system.do("chattr", "-i", str(session))
        return refused(row, there, ended, "operation not permitted", "nothing changed")


@fault("set-create", "set-update", "set-after-killed-save", "save", "run-create", "run-update")
def any_umask(row: Command, project: Path, mutant: str) -> list[str]:
    """Only the owner can read the files, whatever the umask."""
    wrong = []
    for umask in ("000", "077"):
        with lab.copy_of(project) as trial:
            words = ["sh", "-c", f'umask {umask}; exec "$@"', "sh", *lab.words(row.argv, mutant)]
            ended = lab.run(words, trial)
            wrong += [f"umask {umask}: {what}" for what in [*leftovers(trial), *done(row, trial, ended)]]
    return wrong


@fault("set-create", "set-update", "save", "run-update")
def short_writes(row: Command, project: Path, mutant: str) -> list[str]:
    """Every write to a file takes at most 7 bytes: the command still completes."""
    env = {"LD_PRELOAD": str(system.preload()), "DURABILITY_SHORT": "7"}
    return done(row, project, lab.run_command(project, *row.argv, mutant=mutant, env=env))


@fault("set-update", "save", "reset")
def clock_backwards(row: Command, project: Path, mutant: str) -> list[str]:
    """The clock is a year earlier than the session's times: the command still works."""
    env = {"LD_PRELOAD": str(system.preload()), "DURABILITY_CLOCK_S": str(-_YEAR_S)}
    ended = lab.run_command(project, *row.argv, mutant=mutant, env=env)
    if row.name != "reset" and str(time.gmtime(time.time() - _YEAR_S).tm_year).encode() not in ended.out:
        raise Unavailable("this Python's clock cannot be set from outside")
    return done(row, project, ended)
