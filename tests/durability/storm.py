"""The method `storm`: hundreds of processes write a few workflows at once, a third of them are killed, a reader reads.

At the end, every acknowledged step must be in its session or in exactly one archive. Every document that the reader
gets must be whole.
"""

import json
import os
import random
import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from session.store.files import FileStore

from . import lab, shared_storm
from .cases import SEED, Case, Method, Outcome
from .seen import leftovers, seen

_SIZES = {
    "small": (60, 8, 1),
    "sample": (300, 24, 1),
    "full": (1000, 24, 4),
}  # number of processes, how many at a time, number of storms
_PATIENT = {"WORKFLOW_SESSION_LOCK_TIMEOUT_S": "50"}  # so that no command gives up on a busy machine
_WORKFLOWS = ("a", "b", "c")
_CALLS = 48  # about the number of file operations of one command: it dies at one of them


@dataclass
class _Writer:
    """A process, its command, and how it ended."""

    argv: tuple[str, ...]
    ended: lab.Ended


@dataclass
class _Storm:
    project: Path
    mutant: str
    seed: str
    typical_s: float  # how long one process takes while the others run
    writers: list[_Writer] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    reads: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def write(self, number: int) -> None:
        """Run one process to its end: it ends by itself, is killed from outside, or dies at a call."""
        chance = random.Random(f"{self.seed}/{number}")
        workflow = chance.choice(_WORKFLOWS)
        kind = chance.random()
        argv: tuple[str, ...] = ("save", workflow) if kind < 0.1 else ("set", workflow, f"step-{number}")
        if kind > 0.8:
            argv = ("run", workflow, f"step-{number}", "--", "/bin/true")
        mutant = self.mutant
        if number % 9 in (0, 3):
            mutant = "+".join(filter(None, [mutant, f"dies-at-{chance.randint(1, _CALLS)}"]))
        process = lab.start(lab.words(argv, mutant), self.project, _PATIENT)
        if number % 9 == 6:
            time.sleep(chance.random() * self.typical_s)
            process.kill()
        self.writers.append(_Writer(argv, lab.finish(process)))

    def read(self) -> None:
        """Read until the storm is over."""
        store = FileStore(str(self.project), "")
        while not self.over.is_set():
            for workflow in _WORKFLOWS:
                body = b""
                try:
                    body = store.read(("sessions", workflow)) or b"{}"
                    state = json.loads(body)
                    if state and state["steps"][-1] != state["step"]:
                        raise ValueError("steps and step differ")
                except Exception as error:
                    self.torn.append(f"a reader got {body[:200]!r}: {error}")
                self.reads += 1
            time.sleep(0.002)  # leave the processor to the writers


def cases(command: str, mutant: str, size: str) -> list[Case]:
    """Return a few storms, each with its own random seed."""
    count = 1 if command == shared_storm.COMMAND else _SIZES[size][2]
    return [Case("storm", command, f"{size}:{number}", mutant) for number in range(count)]


def check(case: Case) -> Outcome:
    """Run the storm, then check every process and every document."""
    if case.command == shared_storm.COMMAND:
        return shared_storm.check(case)
    size, _, _ = case.point.partition(":")
    processes, at_a_time, _ = _SIZES[size]
    with lab.copy_of(lab.new_project()) as project:
        started = time.monotonic()
        lab.run_command(project, "set", "before-the-storm", "init")
        typical_s = (time.monotonic() - started) * at_a_time / (os.cpu_count() or 1)
        storm = _Storm(project, case.mutant, f"{SEED}/{case}", typical_s)
        reader = threading.Thread(target=storm.read)
        reader.start()
        lab.at_once(storm.write, processes, at_a_time)
        storm.over.set()
        reader.join()
        return Outcome(case, processes, _judge(storm))


def _judge(storm: _Storm) -> list[str]:
    wrong = storm.torn[:3]
    last = lab.run_command(
        storm.project, "set", _WORKFLOWS[0], "last"
    )  # finishes and removes what killed processes left
    if last.code:
        wrong.append(f"after the storm: {last}")
    found = seen(storm.project)
    archived = [step for text in found.archives.values() for step in re.findall(r"^\d+\. (\S+)", text, re.MULTILINE)]
    live = []
    for workflow, text in found.sessions.items():
        try:
            live += json.loads(text)["steps"]
        except (ValueError, KeyError) as error:
            wrong.append(f"{workflow} is broken: {error}: {text[:200]!r}")
    everywhere = archived + live
    successes = killed = 0
    for writer in storm.writers:
        command, _, *rest = writer.argv
        if writer.ended.code == -9:
            killed += 1
        elif writer.ended.code == 0:
            successes += 1
        elif (command, writer.ended.code) != ("save", 1):  # a save may find no session
            wrong.append(f"{writer.argv} was refused: {writer.ended}")
        acknowledged = writer.ended.out if command == "set" else command == "run" and writer.ended.code == 0
        if acknowledged and everywhere.count(rest[0]) != 1:
            wrong.append(f"acknowledged, but there {everywhere.count(rest[0])} times: {writer.argv}")
        if command != "save" and everywhere.count(rest[0]) > 1:
            wrong.append(f"there more than once: {writer.argv}")
    saves = sum(writer.argv[0] == "save" and bool(writer.ended.out) for writer in storm.writers)
    if len(found.archives) < saves:
        wrong.append(f"{saves} sessions were archived, and there are {len(found.archives)} archives")
    if not storm.reads:
        wrong.append("proves nothing: nobody read")
    if not storm.mutant and not (successes > killed > len(storm.writers) // 10):
        wrong.append(f"proves nothing: {successes} successful, {killed} killed")
    return wrong + [f"left over: {what}" for what in leftovers(storm.project)]


def needs() -> None:
    """Do nothing: it needs only processes."""


METHOD = Method(
    "storm", "hundreds of writers, a third killed", lambda: ["set-and-save", shared_storm.COMMAND], cases, check, needs
)
