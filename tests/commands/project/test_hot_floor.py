"""The modules that `update_state complete` may import: it runs after every task, and most of its time is start-up."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.project.conftest import stored, write

# Runs a launcher unchanged and writes the modules that are loaded at its end to a file.
HARNESS = """
import os, sys
seen, script, *sys.argv[1:] = sys.argv[1:]
def leave(code):
    with open(seen, "w", encoding="utf-8") as file:
        file.write("\\n".join(sorted(sys.modules)))
    sys.exit(code)
os._exit = leave
if script:
    exec(compile(open(script, encoding="utf-8").read(), script, "exec"), {"__name__": "__main__", "__file__": script})
leave(0)
"""
ALLOWED = frozenset(
    {
        *(
            "session",
            "session.errors",
            "session.output",
            "session.root",
            "session.host",
            "session.host.clock",
            "session.host.project_store",
        ),
        *("session.store", "session.store.codec", "session.store.disk", "session.store.files", "session.store.lock"),
        *("session.store.json_document", "session.store.paths", "session.store.transaction", "session._posix"),
        *("session.project", "session.project.document", "session.project.location", "session.project.state"),
        *("session.commands", "session.commands.update_state", "_json", "errno", "fcntl", "time"),
    }
)
BEGINNING = {"session.project.initial_state", "session.store.repair"}  # once in a project's life
BEYOND_ASCII = {"session.arguments", "session.text", "session.text.untrusted", "unicodedata"}
UPDATE = "update_state.py"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the allow-list is that of POSIX")


def loaded(folder: Path, script: str, *words: str) -> set[str]:
    """Return the modules that a launcher loads beyond those of an empty Python program."""
    return _loaded(folder, str(REPOSITORY / "scripts" / script), *words) - _loaded(folder, "")


def _loaded(folder: Path, *words: str) -> set[str]:
    seen = folder / "modules.txt"
    command = [sys.executable, "-P", "-c", HARNESS, str(seen), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return set(seen.read_text(encoding="utf-8").split("\n"))


@pytest.fixture
def under_way(prism: Path) -> Path:
    """A state with an open work session, and the lock file of an earlier command."""
    write(
        prism,
        {
            "currentSession": {"id": "1.A.5", "completedItems": []},
            "last_completed": ["2026-01-20: x"],
            "next_tasks": [{"id": "1.A.2", "task": "Extract machines"}],
        },
    )
    (prism / ".lock").write_text(f"{0:>10}\n", encoding="utf-8")
    return prism


@pytest.mark.parametrize("words", [["complete", "Did X, Y, Z"], ["COMPLETE", "Extract", "machines"]])
def test_complete_loads_no_more_than_this(tmp_path: Path, under_way: Path, words: list[str]) -> None:
    added = loaded(tmp_path, UPDATE, *words)
    assert added <= ALLOWED, sorted(added - ALLOWED)
    assert stored(under_way)["last_completed"][0].endswith(" ".join(words[1:]))


def test_the_first_of_a_project_loads_little_more(tmp_path: Path, project: Path) -> None:
    added = loaded(tmp_path, UPDATE, "complete", "x")
    assert added <= ALLOWED | BEGINNING, sorted(added - ALLOWED)
    added = loaded(tmp_path, UPDATE, "complete", "x")
    assert added <= ALLOWED, sorted(added - ALLOWED)


@pytest.mark.usefixtures("under_way")
def test_texts_beyond_ascii_load_their_tables(tmp_path: Path) -> None:
    added = loaded(tmp_path, UPDATE, "complete", "été")
    assert "unicodedata" in added
    assert added <= ALLOWED | BEYOND_ASCII, sorted(added - ALLOWED)


@pytest.mark.usefixtures("under_way")
def test_the_harness_sees_what_is_loaded(tmp_path: Path) -> None:
    """The harness finds the modules of a command that is not on the hot path, so the tests above can fail."""
    assert {"datetime", "session.checkpoints.verify_project"} <= loaded(tmp_path, "session_manager.py", "verify")
