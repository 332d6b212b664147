"""Several processes change one document at once: in the end it has the changes of all."""

import json
from pathlib import Path

import pytest

from session.conversation.document import Document
from session.store.files import FileStore
from session.store.paths import CONVERSATIONS
from tests.conversation.conftest import GOLD, lay, stored
from tests.together import be_patient
from tests.together import together as at_once

WRITERS = 12


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    be_patient(monkeypatch)


def together(base: Path, *commands: list[str]) -> list[tuple[int, str, str]]:
    store = FileStore(str(base), place=CONVERSATIONS)
    return at_once(store, *(["session.commands.session_state_manager", *words] for words in commands))


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
