"""PreCompact and Stop carry out a commit that a killed process left, and change nothing else."""

from pathlib import Path

import pytest

from session.store.files import FileStore
from session.store.journal import change_of, pack
from session.store.paths import PROGRESS
from tests.conftest import Run
from tests.durability import lab
from tests.hooks.conftest import Hook


def killed_save(project: Path) -> None:
    """Run a `save` that dies right after its commit: only the journal holds the result."""
    lab.run_command(project, "set", "w", "one")
    assert lab.run_command(project, "save", "w", mutant="dies-after-commit").code == 9
    assert (project / "ia/state/.journal").exists()
    assert (project / "ia/state/sessions/w.json").exists()


@pytest.mark.parametrize("event", ["PreCompact", "Stop"])
def test_a_commit_is_finished(hook: Hook, project: Path, event: str) -> None:
    killed_save(project)
    assert hook(event) is None
    assert not (project / "ia/state/.journal").exists()
    assert not (project / "ia/state/sessions/w.json").exists()
    assert len(list((project / "ia/state/sessions/archives").glob("*-w.md"))) == 1


@pytest.mark.parametrize("event", ["PreCompact", "Stop"])
def test_sessions_stay_as_they_are(hook: Hook, project: Path, run: Run, event: str) -> None:
    run("set", "w", "one", env={"WORKFLOW_SESSION_OWNER": "conversation-1"})
    file = project / "ia/state/sessions/w.json"
    before = file.read_bytes(), file.stat().st_mtime_ns, (project / "ia/state/.lock").stat().st_mtime_ns
    assert hook(event) is None
    assert (file.read_bytes(), file.stat().st_mtime_ns, (project / "ia/state/.lock").stat().st_mtime_ns) == before


def test_a_journal_that_does_not_verify_is_named_and_stays(hook: Hook, project: Path) -> None:
    killed_save(project)
    journal = project / "ia/state/.journal"
    journal.write_bytes(b"garbage")
    expected = lab.run_command(project, "set", "w", "two")
    assert expected.code == 1
    hook("Stop", err=expected.err.decode())
    assert journal.read_bytes() == b"garbage"


def test_a_damaged_journal_does_not_stop_other_places(hook: Hook, project: Path) -> None:
    store = FileStore(str(project), "")
    with store.transaction(5, place=PROGRESS) as tx:
        tx.put(("progress", "state"), b"{}")
    change = {("progress", "state"): change_of(b'{"new": 1}', b"{}")}
    (project / ".claude/progress/.journal").write_bytes(pack(PROGRESS, change))
    (project / "ia/state/.journal").write_bytes(b"garbage")
    hook("PreCompact", err=lab.run_command(project, "set", "w", "two").err.decode())
    assert (project / ".claude/progress/state.json").read_bytes() == b'{"new": 1}'
    assert (project / "ia/state/.journal").read_bytes() == b"garbage"
