"""Fixtures that run `session doc` in this process, on a folder for conversations only."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from session.commands import doc
from tests.conftest import REPOSITORY, Ended

CASES = json.loads((REPOSITORY / "tests/cases/session_doc.json").read_text(encoding="utf-8"))
[GOLD] = [case["before"]["con_X/SESSION_STATE.md"] for case in CASES if case["id"] == "audit-gold"]

Call = Callable[..., Ended]


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that $WORKFLOW_SESSION_CONVERSATIONS names, empty."""
    folder = tmp_path / "base"
    folder.mkdir()
    monkeypatch.setenv("WORKFLOW_SESSION_CONVERSATIONS", str(folder))
    return folder


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Call:
    """Run `session doc`: `call("init", "--convo-id", "c")`; with `script`, the original script's name."""

    def run(*words: str, script: bool = False) -> Ended:
        capfd.readouterr()
        code = (doc.script if script else doc.main)(list(words))
        told = capfd.readouterr()
        return Ended(code, told.out.encode("utf-8", "surrogateescape"), told.err.encode("utf-8", "surrogateescape"))

    return run


def lay(base: Path, text: str | bytes, conversation_id: str = "c") -> Path:
    """Write a document as another tool would; return its path."""
    path = base / conversation_id / "SESSION_STATE.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def stored(base: Path, conversation_id: str = "c") -> str:
    """The document as it is stored."""
    return (base / conversation_id / "SESSION_STATE.md").read_bytes().decode()
