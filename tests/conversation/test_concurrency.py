"""Several processes change one document at once: in the end it has the changes of all."""

import json
from pathlib import Path

import pytest

from session.conversation import store as documents
from session.conversation.document import Document
from session.errors import Busy
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


def test_it_is_edited_without_the_lock(base: Path) -> None:
    lay(base, GOLD)
    folder = FileStore(str(base), place=CONVERSATIONS)
    seen: list[str] = []

    def work(text: str, now: str) -> tuple[str, None]:
        seen.append(text)
        if len(seen) == 1:
            documents.change(folder, "c", lambda old, now: (f"{old}more\n", None), timeout_s=0)  # Busy if it is held
        return f"{text}last\n", None

    documents.change(folder, "c", work, timeout_s=5)
    assert seen == [GOLD, f"{GOLD}more\n"]
    assert stored(base) == f"{GOLD}more\nlast\n"


def test_a_large_document_that_keeps_changing_is_busy(base: Path) -> None:
    lay(base, GOLD + "x" * 200_000)
    folder = FileStore(str(base), place=CONVERSATIONS)

    def work(text: str, now: str) -> tuple[str, None]:
        documents.change(folder, "c", lambda old, now: (f"{old}.", None), timeout_s=0)
        return "lost", None

    with pytest.raises(Busy, match=r"keep changing .*SESSION_STATE\.md; nothing changed"):
        documents.change(folder, "c", work, timeout_s=0)
    assert stored(base) == GOLD + "x" * 200_000 + "..."
