"""Every command that writes, as one row each: the suites run over this table. A later command joins by a row."""

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import conversation_rows, entry_rows, lab, project_rows
from .preparing import do, nothing
from .ran import RAN, without_own_earlier, without_result
from .seen import Seen, seen

_ROWS = (project_rows, entry_rows, conversation_rows)  # of other systems than workflows
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

    @property
    def runs(self) -> bool:
        """Whether this is `run`: its command makes the file RAN, and has a state of its own in between."""
        return self.argv[0] == "run"

    @property
    def goes_on(self) -> bool:
        """Whether it answers, whatever could not be read or written, and names that."""
        return self.argv[0] == entry_rows.ENTER

    @property
    def warns(self) -> bool:
        """Whether, over the state in between, it says that this is one."""
        return "--once" in self.argv

    def template(self) -> Path:
        """The prepared project, to be copied."""
        return _prepared(self)[0]

    def before(self) -> Seen:
        """The old state."""
        return _prepared(self)[1]

    def after(self) -> Seen:
        """The new state, without times: what the command leaves that nothing disturbs."""
        return _prepared(self)[2]

    def between(self) -> Seen | None:
        """The state, if there is one, that is neither old nor new but what is promised: `run` has noted that its
        command begins."""
        return without_result(self.after()) if self.runs else None

    def alike(self, found: Seen) -> Seen:
        """The state but for what differs from one time to the next that the command is given."""
        found = found.timeless()
        for rows in _ROWS:
            if rows.is_of(self.argv):
                return rows.alike(found, self.argv)
        return without_own_earlier(found, self.argv) if self.runs else found

    def acknowledged(self, ended: lab.Ended) -> bool:
        """Whether it has said that it is done: by its answer, or, as a command's output is no answer, by ending."""
        if self.runs:
            return ended.code == 0 and not any(line.startswith("the result of ") for line in ended.complaints())
        return bool(ended.out)

    def note(self, found: Seen) -> str:
        """Which of the states this is."""
        alike = self.alike(found)
        return "new" if alike == self.after() else "between" if alike == self.between() else "old"


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
    return project, before, command.alike(after)


def _check(command: Command, found: Seen, place: Place) -> None:
    for rows in _ROWS:
        if rows.is_of(command.argv):
            if rows.place(found) != place:
                raise AssertionError(f"{command.name}: expected {place}, found {rows.place(found)}: {found}")
            return
    # what was measured must be what the row says: an oracle taken from the code alone proves nothing
    step = json.loads(found.sessions["w"])["step"] if "w" in found.sessions else None
    if (step, len(found.archives)) != place:
        raise AssertionError(f"{command.name}: expected {place}, found {found}")


def _started(project: Path) -> None:
    """`w` is under way, and so is another workflow that nothing here may touch."""
    do(project, "set", "other", "here", '{"note": "not yours"}')
    do(project, "set", "w", "one", '{"pr": 7}')


def _archived(project: Path) -> None:
    """`w` is under way, and an archive already has the name that its own would have."""
    _started(project)
    do(project, "save", "w")
    do(project, "set", "w", "one")


def _killed_save(project: Path) -> None:
    """A `save` of `w` died right after its commit: the journal is there, nothing in it is done."""
    _started(project)
    do(project, "save", "w", mutant="dies-after-commit", code=9)


def _rewritten(project: Path) -> None:
    """The same, and since then another tool, without the lock, began `w` anew."""
    _killed_save(project)
    text = '{"started_at": "2026-01-01T00:00:00.000Z", "steps": ["theirs"], "step": "theirs"}'
    (project / "ia/state/sessions/w.json").write_text(text)


def _killed_other(project: Path) -> None:
    """As after a killed save, but of the other workflow."""
    _started(project)
    do(project, "save", "other", mutant="dies-after-commit", code=9)


def _failed(project: Path) -> None:
    """`w` is at a step at which something was run, and failed."""
    _started(project)
    do(project, "run", "w", "two", "--", "/bin/sh", "-c", "exit 3", code=3)


def _state(project: Path, text: str) -> None:
    path = project / "ia/state/CURRENT_STATE.json"
    path.touch(0o600)
    path.write_text(text)


def _working(project: Path) -> None:
    """Two workflows are under way, and the project has a state."""
    _started(project)
    _state(project, '{"current": {"phase": "1.A"}}')


def _damaged(project: Path) -> None:
    """Since the last checkpoint, the state was broken, and `w` was lost."""
    _working(project)
    do(project, "commands.checkpoint", "create")
    _state(project, "{bad")
    (project / "ia/state/sessions/w.json").unlink()


# the command of `run` leaves a trace, so that what is recorded can be held against what happened
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
)
BY_NAME = {command.name: command for command in TABLE}
