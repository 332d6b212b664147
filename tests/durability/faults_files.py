"""Experiments with links, pipes, devices and folders in place of our files, and with an unusable stdout."""

import os
import stat
from pathlib import Path

from session.store import journal
from session.store.paths import PROGRESS

from . import lab, system
from .commands import Command
from .experiments import done, fault, put, refused, same, untouched

STATE = "ia/state"
SESSION = "ia/state/sessions/w.json"


def _link(path: Path, target: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        path.rename(path.with_name("." + path.name))
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def _linked_file(name: str, row: Command, project: Path, mutant: str, *naming: str) -> list[str]:
    victim = put(project / "victim")
    _link(project / name, victim)
    return untouched(row, project, lab.run_command(project, *row.argv, mutant=mutant), victim, *naming)


@fault()
def session_is_a_link(row: Command, project: Path, mutant: str) -> list[str]:
    """The session's file is a link to a file outside."""
    return _linked_file(SESSION, row, project, mutant, "w.json is a symbolic link: refused")


@fault("set-create", "set-update", "save", "reset", "run-create", "run-again")
def lock_is_a_link(row: Command, project: Path, mutant: str) -> list[str]:
    """The lock file is a link."""
    (project / STATE).mkdir(parents=True, exist_ok=True)
    wrong = _linked_file(f"{STATE}/.lock", row, project, mutant, ".lock is not a regular file: refused")
    return wrong + same(row, project)


@fault()
def journal_is_a_link(row: Command, project: Path, mutant: str) -> list[str]:
    """The journal's file is a link."""
    return _linked_file(f"{STATE}/.journal", row, project, mutant, ".journal is a symbolic link: refused")


@fault("set-update", "save", "run-update")
def temporary_is_a_link(row: Command, project: Path, mutant: str) -> list[str]:
    """The temporary files are links in every folder: nothing may be written through them."""
    victim = put(project / "victim")
    for folder in (STATE, f"{STATE}/sessions"):
        (project / folder / ".temporary").symlink_to(victim)
    ended = lab.run_command(project, *row.argv, mutant=mutant)
    wrong = untouched(row, project, ended, victim, ".temporary is a symbolic link: refused")
    return wrong + same(row, project)


@fault("set-update", "set-create", "save", "reset", "run-create", "run-update")
def state_is_a_link(row: Command, project: Path, mutant: str) -> list[str]:
    """`ia/state` is a link to a folder outside: nothing is written there."""
    outside = project / "outside"
    (outside / "sessions").mkdir(parents=True)
    (project / "ia").mkdir(exist_ok=True)
    victim = put(outside / "sessions" / "w.json")
    _link(project / STATE, outside)
    wrong = untouched(
        row, project, lab.run_command(project, *row.argv, mutant=mutant), victim, "is a symbolic link: refused"
    )
    if sorted(path.name for path in outside.rglob("*")) != ["sessions", "w.json"]:
        wrong.append("wrote into a folder outside")
    return wrong


@fault()
def sessions_is_a_link(row: Command, project: Path, mutant: str) -> list[str]:
    """`ia/state/sessions` is a link to a folder outside."""
    outside = project / "outside"
    outside.mkdir()
    victim = put(outside / "w.json")
    _link(project / f"{STATE}/sessions", outside)
    wrong = untouched(
        row, project, lab.run_command(project, *row.argv, mutant=mutant), victim, "is a symbolic link: refused"
    )
    return wrong + ([] if list(outside.iterdir()) == [victim] else ["wrote into a folder outside"])


def _special(row: Command, project: Path, mutant: str, mode: int, device: int) -> list[str]:
    session = project / SESSION
    session.unlink()
    os.mknod(session, mode | 0o600, device)
    wrong = []
    for argv in (row.argv, ("get", "w"), ("get", "--all")):
        ended = lab.run_command(project, *argv, mutant=mutant if argv is row.argv else "")
        if ended.code != 1 or len(ended.complaints()) != 1 or b"w.json is not a regular file: refused" not in ended.err:
            wrong.append(f"{argv}: {ended}")
    if stat.S_IFMT(session.lstat().st_mode) != mode:
        wrong.append("replaced what is not ours")
    return wrong


@fault()
def session_is_a_pipe(row: Command, project: Path, mutant: str) -> list[str]:
    """The session's file is a FIFO: neither reading nor writing hangs."""
    return _special(row, project, mutant, stat.S_IFIFO, 0)


@fault()
def session_is_a_device(row: Command, project: Path, mutant: str) -> list[str]:
    """The session's file is the device /dev/zero, which has no end."""
    system.root()
    return _special(row, project, mutant, stat.S_IFCHR, os.makedev(1, 5))


@fault("set-create", "set-update", "save", "reset", "run-update")
def lock_is_a_pipe(row: Command, project: Path, mutant: str) -> list[str]:
    """The lock file is a FIFO."""
    (project / STATE).mkdir(parents=True, exist_ok=True)
    (project / STATE / ".lock").unlink(missing_ok=True)
    os.mkfifo(project / STATE / ".lock")
    victim = put(project / "victim")
    ended = lab.run_command(project, *row.argv, mutant=mutant)
    return untouched(row, project, ended, victim, ".lock is not a regular file: refused") + same(row, project)


@fault("set-create", "set-update", "set-after-killed-save", "save", "reset")
def stdout_closed(row: Command, project: Path, mutant: str) -> list[str]:
    """Stdout is closed: the command commits, and reports that on stderr."""
    return _unheard(row, project, mutant, ">&-", 1)


@fault("set-create", "set-update", "save", "reset")
def stdout_and_stdin_closed(row: Command, project: Path, mutant: str) -> list[str]:
    """Stdin and stdout are closed, so files that the command opens could get their numbers."""
    return _unheard(row, project, mutant, "<&- >&-", 1)


@fault("set-create", "set-update", "save", "reset")
def everything_closed(row: Command, project: Path, mutant: str) -> list[str]:
    """All three streams are closed: only the exit code reports the result."""
    return _unheard(row, project, mutant, "<&- >&- 2>&-", 0)


@fault("set-create", "set-update", "set-after-killed-save", "save", "reset")
def stdout_full(row: Command, project: Path, mutant: str) -> list[str]:
    """Stdout is /dev/full: the command commits, and reports that on stderr."""
    return _unheard(row, project, mutant, "> /dev/full", 1)


@fault("run-create", "run-update", "run-after-killed-save")
def nobody_listens(row: Command, project: Path, mutant: str) -> list[str]:
    """With streams closed or a full stdout, `run` runs its command, records it and returns its exit code."""
    wrong = []
    for redirection in (">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-", "> /dev/full"):
        with lab.copy_of(project) as trial:
            ended = _redirected(row, trial, mutant, redirection)
            wrong += [f"{redirection}: {what}" for what in done(row, trial, ended)]
    return wrong


def _redirected(row: Command, project: Path, mutant: str, redirection: str) -> lab.Ended:
    words = ["sh", "-c", f'exec "$@" {redirection}', "sh", *lab.words(row.argv, mutant)]
    return lab.run(words, project)


def _unheard(row: Command, project: Path, mutant: str, redirection: str, lines: int) -> list[str]:
    ended = _redirected(row, project, mutant, redirection)
    wrong = []
    if ended.code != 5 or len(ended.complaints()) != lines:
        wrong.append(f"not exit code 5 with {lines} line(s): {ended}")
    if lines and b"done and durable" not in ended.err:
        wrong.append(f"does not say that it is done: {ended}")
    return wrong + done(row, project, lab.Ended(0, ended.out, b""))


@fault("save")
def folder_is_a_file(row: Command, project: Path, mutant: str) -> list[str]:
    """A file is in the place of a folder that the commit needs: nothing changes, and other commands go on."""
    archives = project / STATE / "sessions/archives"
    archives.touch()
    ended = lab.run_command(project, *row.argv, mutant=mutant)
    wrong = _others_go_on(project, mutant)
    archives.unlink()
    return wrong + refused(row, project, ended, "sessions/archives", "nothing changed")


@fault("save")
def folder_is_read_only(row: Command, project: Path, mutant: str) -> list[str]:
    """A folder that the commit needs is a read-only mount: nothing changes, and other commands go on."""
    archives = project / STATE / "sessions/archives"
    archives.mkdir(mode=0o700)
    system.own_mounts()
    system.do("mount", "-t", "tmpfs", "-o", "ro,mode=700", "none", str(archives))
    try:
        ended = lab.run_command(project, *row.argv, mutant=mutant)
        wrong = _others_go_on(project, mutant)
    finally:
        system.do("umount", str(archives))
    archives.rmdir()
    return wrong + refused(row, project, ended, "sessions/archives", "nothing changed")


def _others_go_on(project: Path, mutant: str) -> list[str]:
    ended = lab.run_command(project, "set", "third", "x", mutant=mutant)
    (project / STATE / "sessions/third.json").unlink(missing_ok=True)
    return [] if ended.code == 0 else [f"another command does not go on: {ended}"]


@fault("set-update", "save")
def journal_of_another_place(row: Command, project: Path, mutant: str) -> list[str]:
    """The journal of the entry protocol's place lies in ia/state: it is named and not applied."""
    key = ("progress", "state")
    path = project / STATE / ".journal"
    path.write_bytes(journal.pack(PROGRESS, {key: journal.change_of(b'{"state": "TEST"}', None)}))
    ended = lab.run_command(project, *row.argv, mutant=mutant)
    wrong = [f"applied: {place}" for place in project.rglob("state.json")]
    path.unlink(missing_ok=True)
    return wrong + refused(row, project, ended, "belongs to another folder")
