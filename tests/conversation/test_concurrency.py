"""Agents at one document at once, as real processes: what each one set is there in the end."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from session.conversation.document import Document
from session.conversation.place import ConversationFolder
from tests.conversation.conftest import GOLD, lay, stored

WRITERS = 12


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody gives up because this machine is busy with other things."""
    monkeypatch.setenv("WORKFLOW_SESSION_LOCK_TIMEOUT_S", "300")


def together(base: Path, *commands: list[str]) -> list[tuple[int, str, str]]:
    """How commands end that are started while the lock is held, so that all of them come for it."""
    with ConversationFolder(str(base), None, ()).transaction(5):
        started = [
            subprocess.Popen(
                [sys.executable, "-P", "-m", "session.cli.session_state_manager", *words],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for words in commands
        ]
    ended = []
    for process in started:
        out, err = process.communicate(timeout=300)
        ended.append((process.returncode, out, err))
    return ended


def test_different_sections_both_land(base: Path) -> None:
    lay(base, GOLD)
    names = ["Covered", "Topics", "Key Insights", "Tests", *(f"New {n}" for n in range(WRITERS - 6))]
    commands = [["sync", "--convo-id", "c", "--json", json.dumps({name: [f"by {name}"]})] for name in names]
    commands += [["update", "--convo-id", "c", "--field", name, "--value", "mine"] for name in ("Focus", "Overall")]
    assert [(code, err) for code, _, err in together(base, *commands)] == [(0, "")] * WRITERS
    document = Document(stored(base))
    assert [document.text_of(document.find(name)[0]) for name in names] == [f"- by {name}" for name in names]
    assert [document.field_lines(name)[0][1].value for name in ("Focus", "Overall")] == ["mine", "mine"]
    [open_questions] = document.find("Open Questions")
    assert document.text_of(open_questions) in GOLD


def test_one_begins(base: Path) -> None:
    ended = together(base, *[["init", "--convo-id", "c", "--focus", f"f{n}"] for n in range(4)])
    [winner] = [n for n, (code, _, _) in enumerate(ended) if code == 0]
    assert f"- **Focus:** f{winner}\n" in stored(base)
    assert all("already exists" in err for n, (_, _, err) in enumerate(ended) if n != winner)


def test_whoever_forces_loses_nothing(base: Path) -> None:
    lay(base, GOLD)
    ended = together(base, *[["init", "--convo-id", "c", "--focus", f"f{n}", "--force"] for n in range(4)])
    assert [(code, err) for code, _, err in ended] == [(0, "")] * 4
    texts = [path.read_text(encoding="utf-8") for path in (base / "c").glob("*.md")]
    assert GOLD in texts
    assert all(any(f"- **Focus:** f{n}\n" in text for text in texts) for n in range(4))
