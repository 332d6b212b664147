"""Experiments with the lock: its holder works, is stopped, or has died and left a child."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from . import lab
from .commands import Command
from .experiments import SHORT_WAIT, done, fault, refused

# A process that holds the lock as a command does, until its stdin is closed.
_HOLDER = """
import os, subprocess, sys
from session.store.files import FileStore
child = None
with FileStore(os.getcwd()).transaction(30):
    if sys.argv[1] == "child":  # the child inherits every descriptor that can be inherited
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
    """The command ends with exit code 4 after the timeout and names the holder. Readers are not affected."""
    return _held(row, project, mutant, stopped=False)


@fault("set-update", "save", "reset", "run-update")
def holder_is_stopped(row: Command, project: Path, mutant: str) -> list[str]:
    """The holder is stopped by SIGSTOP: it keeps the lock, and the command ends with exit code 4."""
    return _held(row, project, mutant, stopped=True)


def _held(row: Command, project: Path, mutant: str, *, stopped: bool) -> list[str]:
    # If the row has a journal, the holder finishes it; readers see no change.
    holder = _Holder(project, "alone")
    try:
        if stopped:
            holder.process.send_signal(signal.SIGSTOP)
        ended = lab.run_command(project, *row.argv, mutant=mutant, env=SHORT_WAIT)
        named = f"process {holder.process.pid} holds the lock"
        wrong = refused(row, project, ended, named, "nothing changed", code=4, again=False)
        got = lab.run_command(project, "get", "w")
        if got.code or got.err:
            wrong.append(f"get, with the lock held: {got}")
    finally:
        holder.die()
    return wrong + refused(row, project, ended, code=4)


@fault("set-update", "save", "reset", "run-update")
def child_outlives_holder(row: Command, project: Path, mutant: str) -> list[str]:
    """The holder dies and leaves a child: the lock is free."""
    holder = _Holder(project, "child")
    try:
        holder.die()
        return done(row, project, lab.run_command(project, *row.argv, mutant=mutant, env=SHORT_WAIT))
    finally:
        holder.end_child()
