"""Every command that writes, as one row each: the suites run over this table. A later command joins by a row."""

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import lab
from .seen import Seen, seen

Place = tuple[str | None, int]  # the step that the workflow `w` is at (None: no session), the number of archives


@dataclass(frozen=True)
class Command:
    """A command, the project it starts from, and what its old and new state are."""

    name: str
    argv: tuple[str, ...]
    prepare: Callable[[Path], None]
    old: Place
    new: Place
    again: int = 0  # the exit code of the same command once the new state is there

    def template(self) -> Path:
        """The prepared project, to be copied."""
        return _prepared(self)[0]

    def before(self) -> Seen:
        """The old state."""
        return _prepared(self)[1]

    def after(self) -> Seen:
        """The new state, without times: what a run that nothing disturbs leaves."""
        return _prepared(self)[2]


@functools.cache
def _prepared(command: Command) -> tuple[Path, Seen, Seen]:
    project = lab.new_project(lab.folder() / "templates")
    command.prepare(project)
    before = seen(project)
    _check(command, before, command.old)
    with lab.copy_of(project) as trial:
        ended = lab.door(trial, *command.argv)
        if ended.code or ended.complaints():
            raise AssertionError(f"{command.name} fails undisturbed: {ended}")
        after = seen(trial)
        _check(command, after, command.new)
    return project, before, after.timeless()


def _check(command: Command, found: Seen, place: Place) -> None:
    # what was measured must be what the row says: an oracle taken from the code alone proves nothing
    step = json.loads(found.sessions["w"])["step"] if "w" in found.sessions else None
    if (step, len(found.archives)) != place:
        raise AssertionError(f"{command.name}: expected {place}, found {found}")


def _do(project: Path, *argv: str, mutant: str = "", code: int = 0) -> None:
    ended = lab.door(project, *argv, mutant=mutant)
    if ended.code != code:
        raise AssertionError(f"cannot prepare: {argv} gave {ended}")


def _nothing(project: Path) -> None:
    pass


def _started(project: Path) -> None:
    """`w` is under way, and so is another workflow that nothing here may touch."""
    _do(project, "set", "other", "here", '{"note": "not yours"}')
    _do(project, "set", "w", "one", '{"pr": 7}')


def _archived(project: Path) -> None:
    """`w` is under way, and an archive already has the name that its own would have."""
    _started(project)
    _do(project, "save", "w")
    _do(project, "set", "w", "one")


def _killed_save(project: Path) -> None:
    """A `save` of `w` died right after its commit: the journal is there, nothing in it is done."""
    _started(project)
    _do(project, "save", "w", mutant="dies-after-commit", code=9)


def _rewritten(project: Path) -> None:
    """The same, and since then another tool, without the lock, began `w` anew."""
    _killed_save(project)
    text = '{"started_at": "2026-01-01T00:00:00.000Z", "steps": ["theirs"], "step": "theirs"}'
    (project / "ia/state/sessions/w.json").write_text(text)


def _killed_other(project: Path) -> None:
    """As after a killed save, but of the other workflow."""
    _started(project)
    _do(project, "save", "other", mutant="dies-after-commit", code=9)


TABLE = (
    Command("set-create", ("set", "w", "one"), _nothing, (None, 0), ("one", 0)),
    Command("set-update", ("set", "w", "two", '{"n": 1}'), _started, ("one", 0), ("two", 0)),
    Command("set-after-killed-save", ("set", "w", "two"), _killed_save, (None, 1), ("two", 1)),
    Command("set-after-rewrite", ("set", "w", "two"), _rewritten, ("theirs", 1), ("two", 1)),
    Command("save", ("save", "w"), _started, ("one", 0), (None, 1), again=1),
    Command("save-name-taken", ("save", "w"), _archived, ("one", 1), (None, 2), again=1),
    Command("save-after-killed-save", ("save", "w"), _killed_other, ("one", 1), (None, 2), again=1),
    Command("reset", ("reset", "w"), _started, ("one", 0), (None, 0)),
    Command("reset-after-rewrite", ("reset", "w"), _rewritten, ("theirs", 1), (None, 1)),
)
BY_NAME = {command.name: command for command in TABLE}
