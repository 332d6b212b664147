"""Experiments with the lock: held, its holder stopped, its holder dead with a child that lives on."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from . import lab
from .commands import Command
from .experiments import SHORT_WAIT, done, fault, refused

# a holder as real as a command in the middle of its work; it ends when its stdin does
_HOLDER = """
import os, subprocess, sys
from session.store.files import FileStore
child = None
with FileStore(os.getcwd()).transaction(30):
    if sys.argv[1] == "child":  # which inherits what can be inherited
        child = subprocess.Popen(["sleep", "60"], close_fds=False, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    print(child.pid if child else 0, flush=True)
    sys.stdin.read()
    os._exit(0)
"""


class _Holder:
    """A process that holds the store's lock."""

    def __init__(self, project: Path, how: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", _HOLDER, how],
            cwd=project,
            env=lab.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout
        self.child = int(self.process.stdout.readline())

    def die(self) -> None:
        self.process.kill()
        self.process.communicate()

    def end_child(self) -> None:
        os.kill(self.child, signal.SIGKILL)


@fault("set-update", "set-after-killed-save", "save", "reset", "run-update", "run-again")
def lock_is_held(row: Command, project: Path, mutant: str) -> list[str]:
    """Exit 4 past the deadline, the holder named, nothing written; readers don't care."""
    return _held(row, project, mutant, stopped=False)


@fault("set-update", "save", "reset", "run-update")
def holder_is_stopped(row: Command, project: Path, mutant: str) -> list[str]:
    """The same with a holder that SIGSTOP has stopped: its lock is not taken from it."""
    return _held(row, project, mutant, stopped=True)


def _held(row: Command, project: Path, mutant: str, *, stopped: bool) -> list[str]:
    # the row's journal, if there is one, is finished by the holder: what is seen stays the same
    holder = _Holder(project, "alone")
    try:
        if stopped:
            holder.process.send_signal(signal.SIGSTOP)
        ended = lab.door(project, *row.argv, mutant=mutant, env=SHORT_WAIT)
        named = f"process {holder.process.pid} holds the lock"
        wrong = refused(row, project, ended, named, "nothing changed", code=4, again=False)
        got = lab.door(project, "get", "w")
        if got.code or got.err:
            wrong.append(f"get, with the lock held: {got}")
    finally:
        holder.die()
    return wrong + refused(row, project, ended, code=4)


@fault("set-update", "save", "reset", "run-update")
def child_outlives_holder(row: Command, project: Path, mutant: str) -> list[str]:
    """The holder dies, a child of its lives on: the lock is free."""
    holder = _Holder(project, "child")
    try:
        holder.die()
        return done(row, project, lab.door(project, *row.argv, mutant=mutant, env=SHORT_WAIT))
    finally:
        holder.end_child()
