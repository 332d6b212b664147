"""The table of all commands that write. Every method runs over it; a new command needs one new row."""

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from . import conversation_rows, entry_rows, lab, project_rows
from .preparing import do, nothing
from .ran import RAN, without_own_earlier, without_result
from .seen import Seen, seen

_ROWS = (project_rows, entry_rows, conversation_rows)  # rows of the project, the entry protocol and conversations
Place = tuple[str | None, int]  # the step of the workflow `w` (None: no session), the number of archives


@dataclass(frozen=True)
class Command:
    """A row: a command, the project that it starts from, and the expected state before and after it."""

    name: str
    argv: tuple[str, ...]
    prepare: Callable[[Path], None]
    old: Place
    new: Place
    again: int = 0  # the exit code of the same command once the new state is there

    @property
    def runs(self) -> bool:
        """Return True for `run`. It has a third state, started without a result, and its command makes the file RAN."""
        return self.argv[0] == "run"

    @property
    def goes_on(self) -> bool:
        """Return True if the command names what it cannot read or write, and continues with the rest."""
        return self.argv[0] == entry_rows.ENTER

    @property
    def goes_forward(self) -> bool:
        """Return True if the command changes one place after the other; with exit code 5, the second may be left."""
        return self.name == "checkpoint-restore-both"

    @property
    def warns(self) -> bool:
        """Return True if the command warns when it finds a run that has started and has no result."""
        return "--once" in self.argv

    def template(self) -> Path:
        """Return the prepared project, for copying."""
        return _prepared(self)[0]

    def before(self) -> Seen:
        """Return the state before the command."""
        return _prepared(self)[1]

    def after(self) -> Seen:
        """Return the state after an undisturbed command, without times."""
        return _prepared(self)[2]

    def between(self) -> Seen | None:
        """Return the third allowed state, or None: of `run`, started without a result; of a restore, one place done."""
        if self.goes_forward:
            old = {key: text for key, text in self.before().timeless().project.items() if key.startswith("progress/")}
            return replace(self.after(), project={**self.after().project, **old})
        return without_result(self.after()) if self.runs else None

    def alike(self, found: Seen) -> Seen:
        """Return the state without anything that differs between two runs of this command."""
        found = found.timeless()
        for rows in _ROWS:
            if rows.is_of(self.argv):
                return rows.alike(found, self.argv)
        return without_own_earlier(found, self.argv) if self.runs else found

    def acknowledged(self, ended: lab.Ended) -> bool:
        """Return True if the command reported success: by its output, or for `run` by its exit code."""
        if self.runs:
            return ended.code == 0 and not any(line.startswith("the result of ") for line in ended.complaints())
        return bool(ended.out)

    def is_done(self, code: int) -> bool:
        """Return True if the exit code says that the whole new state is there."""
        return code == 0 or (code == 5 and not self.goes_forward)

    def note(self, found: Seen) -> str:
        """Return which state this is: `new`, `between` or `old`."""
        alike = self.alike(found)
        return "new" if alike == self.after() else "between" if alike == self.between() else "old"


@functools.cache
def _prepared(command: Command) -> tuple[Path, Seen, Seen]:
    project = lab.new_project(lab.folder() / "templates")
    command.prepare(project)
    before = seen(project)
    _check(command, before, command.old)
    with lab.copy_of(project) as trial:
        ended = lab.run_command(trial, *command.argv)
        if ended.code or ended.complaints():
            raise AssertionError(f"{command.name} fails undisturbed: {ended}")
        after = seen(trial)
        _check(command, after, command.new)
    return project, before, command.alike(after)


def _check(command: Command, found: Seen, place: Place) -> None:
    for rows in _ROWS:
        if rows.is_of(command.argv):
            if rows.place(found) != place:
                raise AssertionError(f"{command.name}: expected {place}, found {rows.place(found)}: {found}")
            return
    # Compare with the row: an expected state that is only computed by the tested code proves nothing.
    step = json.loads(found.sessions["w"])["step"] if "w" in found.sessions else None
    if (step, len(found.archives)) != place:
        raise AssertionError(f"{command.name}: expected {place}, found {found}")


def _started(project: Path) -> None:
    """Start `w`, and another workflow that no command may change."""
    do(project, "set", "other", "here", '{"note": "not yours"}')
    do(project, "set", "w", "one", '{"pr": 7}')


def _archived(project: Path) -> None:
    """Start `w`, and make an archive that already has the name of its next archive."""
    _started(project)
    do(project, "save", "w")
    do(project, "set", "w", "one")


def _killed_save(project: Path) -> None:
    """Kill a `save` of `w` directly after its commit: the journal exists, and none of it is applied."""
    _started(project)
    do(project, "save", "w", mutant="dies-after-commit", code=9)


def _rewritten(project: Path) -> None:
    """Kill a `save` of `w` after its commit, then start `w` again as another tool would, without the lock."""
    _killed_save(project)
    text = '{"started_at": "2026-01-01T00:00:00.000Z", "steps": ["theirs"], "step": "theirs"}'
    (project / "ia/state/sessions/w.json").write_text(text)


def _killed_other(project: Path) -> None:
    """Kill a `save` of the other workflow directly after its commit."""
    _started(project)
    do(project, "save", "other", mutant="dies-after-commit", code=9)


def _failed(project: Path) -> None:
    """Run a command that fails at the current step of `w`."""
    _started(project)
    do(project, "run", "w", "two", "--", "/bin/sh", "-c", "exit 3", code=3)


def _state(project: Path, text: str) -> None:
    path = project / "ia/state/CURRENT_STATE.json"
    path.touch(0o600)
    path.write_text(text)


def _working(project: Path) -> None:
    """Start two workflows, and write the project's state."""
    _started(project)
    _state(project, '{"current": {"phase": "1.A"}}')


def _damaged(project: Path) -> None:
    """Make a checkpoint, then damage the project's state and delete `w`."""
    _working(project)
    do(project, "commands.checkpoint", "create")
    _state(project, "{bad")
    (project / "ia/state/sessions/w.json").unlink()


def _damaged_both(project: Path) -> None:
    """Make a checkpoint in a project with the entry protocol, then damage documents in both places."""
    _working(project)
    do(project, "commands.enter", "--force", "--json")
    do(project, "commands.checkpoint", "create")
    _state(project, "{bad")
    (project / "ia/state/sessions/w.json").unlink()
    (project / ".claude/progress/state.json").write_text("{bad")


# The command of `run` makes a file, so that the record can be compared with what really happened.
_RUN = ("--", "/bin/sh", "-c", f": > {RAN}")

TABLE = (
    Command("set-create", ("set", "w", "one"), nothing, (None, 0), ("one", 0)),
    Command("set-update", ("set", "w", "two", '{"n": 1}'), _started, ("one", 0), ("two", 0)),
    Command("set-after-killed-save", ("set", "w", "two"), _killed_save, (None, 1), ("two", 1)),
    Command("set-after-rewrite", ("set", "w", "two"), _rewritten, ("theirs", 1), ("two", 1)),
    Command("save", ("save", "w"), _started, ("one", 0), (None, 1), again=1),
    Command("save-name-taken", ("save", "w"), _archived, ("one", 1), (None, 2), again=1),
    Command("save-after-killed-save", ("save", "w"), _killed_other, ("one", 1), (None, 2), again=1),
    Command("reset", ("reset", "w"), _started, ("one", 0), (None, 0)),
    Command("reset-after-rewrite", ("reset", "w"), _rewritten, ("theirs", 1), (None, 1)),
    Command("run-create", ("run", "w", "one", *_RUN), nothing, (None, 0), ("one", 0)),
    Command("run-update", ("run", "w", "two", "--context", '{"n": 1}', *_RUN), _started, ("one", 0), ("two", 0)),
    Command("run-again", ("run", "w", "two", "--once", *_RUN), _failed, ("two", 0), ("two", 0), again=3),
    Command("run-after-killed-save", ("run", "w", "two", *_RUN), _killed_save, (None, 1), ("two", 1)),
    *(Command(*row) for rows in _ROWS for row in rows.ROWS),
    Command("checkpoint-create", ("commands.checkpoint", "create"), _working, ("one", 0), ("one", 0)),
    Command("checkpoint-restore", ("commands.checkpoint", "restore"), _damaged, (None, 0), ("one", 0)),
    Command("checkpoint-restore-both", ("commands.checkpoint", "restore"), _damaged_both, (None, 0), ("one", 0)),
)
BY_NAME = {command.name: command for command in TABLE}
