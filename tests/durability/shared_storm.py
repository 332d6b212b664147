"""Storm over shared places: writers that reach one folder by a link, by another root, and by a variable.

Two projects share `.claude` and `ia` by links. Writers run in both, some with a variable that names the default folder.
A third is killed. Every acknowledged change must be found at the end, and no lock may be waited for in vain.
"""

import json
import os
import random
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import lab
from .cases import SEED, Case, Outcome

COMMAND = "shared-places"
_SIZES = {"small": (45, 8), "sample": (240, 24), "full": (900, 64)}  # processes, at a time
_WAIT_S = "50"  # the machine may be busy
_MUTANTS_WAIT_S = "3"  # one that makes two writers wait for each other is found sooner
_DOC = "commands.session_state_manager"


@dataclass
class _Shared:
    """The two projects, and what the writers reported as done: a kind of document, and the text it must contain."""

    projects: tuple[Path, Path]
    mutant: str
    seed: str
    typical_s: float
    acknowledged: list[tuple[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    killed: int = 0

    def write(self, number: int) -> None:
        """Run one writer to its end. Every third one is killed at a random time."""
        chance = random.Random(f"{self.seed}/{number}")
        kind, argv, variables = self._choose(number)
        project = self.projects[number % 2]
        env = {name: str(project / folder) for name, folder in variables.items()}
        env["WORKFLOW_SESSION_LOCK_TIMEOUT_S"] = _MUTANTS_WAIT_S if self.mutant else _WAIT_S
        process = lab.start(lab.words(argv, self.mutant), project, env)
        if number % 3 == 0:
            time.sleep(chance.random() * self.typical_s / 2)
            process.kill()
        ended = lab.finish(process)
        if ended.code == 0:
            self.acknowledged.append((kind, f"N{number:04d}E"))
        elif ended.code == -9:
            self.killed += 1
        else:
            self.refused.append(f"{argv} was refused: {ended}")

    def _choose(self, number: int) -> tuple[str, tuple[str, ...], dict[str, str]]:
        """Return the kind of document, the command line, and variables that name folders of the project."""
        text = f"N{number:04d}E"
        choices: tuple[tuple[str, tuple[str, ...], dict[str, str]], ...] = (
            ("feature", ("commands.feature", "add", text, "x"), {}),
            ("state", ("commands.update_state", "stats", text, "1"), {}),
            ("state", ("commands.update_state", "stats", text, "1"), {"PRISM_ROOT": "ia/state"}),
            ("session", ("set", "w", text), {}),
            ("document", (_DOC, "sync", "--convo-id", "c", "--json", json.dumps({text: [text]})), {}),
            (
                "document",
                (_DOC, "sync", "--convo-id", "c", "--json", json.dumps({text: [text]})),
                {"WORKFLOW_SESSION_CONVERSATIONS": "ia/state/conversations"},
            ),
        )
        return choices[number // 2 % len(choices)]


def check(case: Case) -> Outcome:
    """Run one storm and judge its result."""
    processes, at_a_time = _SIZES[case.point.partition(":")[0]]
    with lab.copy_of(lab.new_project()) as project:
        projects = _two_projects(project)
        started = time.monotonic()
        for argv in (
            ("set", "w", "begin"),
            ("commands.enter", "--force", "--json"),
            (_DOC, "init", "--convo-id", "c", "--message", "m"),
        ):
            lab.run_command(projects[0], *argv)
        typical_s = (time.monotonic() - started) / 3 * at_a_time / (os.cpu_count() or 1)
        storm = _Shared(projects, case.mutant, f"{SEED}/{case}", typical_s)
        lab.at_once(storm.write, processes, at_a_time)
        return Outcome(case, processes, _judge(storm, processes))


def _two_projects(base: Path) -> tuple[Path, Path]:
    shared = base / "shared"
    (shared / "ia").mkdir(parents=True)
    (shared / ".claude").mkdir()
    projects = base / "a", base / "b"
    for project in projects:
        (project / ".git").mkdir(parents=True)
        for name in ("ia", ".claude"):
            (project / name).symlink_to(shared / name)
    return projects


def _judge(storm: _Shared, processes: int) -> list[str]:
    wrong = storm.refused[:3]
    for argv in (("set", "w", "last"), ("commands.feature", "add", "last", "x"), (_DOC, "check", "--convo-id", "c")):
        ended = lab.run_command(storm.projects[1], *argv)  # the writers finish what the killed ones left
        if ended.code:
            wrong.append(f"after the storm: {argv}: {ended}")
    texts = {
        "feature": _text(storm, ".claude/progress/feature-list.json"),
        "state": _text(storm, "ia/state/CURRENT_STATE.json"),
        "session": _text(storm, "ia/state/sessions/w.json"),
        "document": _text(storm, "ia/state/conversations/c/SESSION_STATE.md"),
    }
    lost = [text for kind, text in storm.acknowledged if text not in texts[kind]]
    if lost:
        wrong.append(f"acknowledged, but lost: {len(lost)} of {len(storm.acknowledged)}: {lost[:5]}")
    if not storm.mutant and not len(storm.acknowledged) > storm.killed > processes // 12:
        wrong.append(f"proves nothing: {len(storm.acknowledged)} successful, {storm.killed} killed")
    return wrong


def _text(storm: _Shared, name: str) -> str:
    path = storm.projects[0] / name
    return path.read_text(errors="replace") if path.exists() else ""
