"""The functions of `session.conversation`."""

import subprocess
import sys
from pathlib import Path

import pytest

import session.conversation
from session.conversation import append_to_section, get_field, get_metadata, get_section
from session.errors import SessionError, UsageError
from tests.conversation.conftest import GOLD, lay, stored


def test_to_import_it_loads_next_to_nothing() -> None:
    said = "import sys, session.conversation; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-P", "-c", said], capture_output=True, text=True, check=True).stdout.split()
    assert not {"session.conversation.api", "session.store.files", "re"} & set(told)
    with pytest.raises(AttributeError, match="has no attribute 'none'"):
        session.conversation.none  # noqa: B018


def test_fields(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(base, GOLD.replace("general\n- **F", "**general**\n- **F").replace("status: active", 'status: "a: b"'))
    assert get_field("c", "current phase") == "Phase 2 complete, starting Phase 3"
    assert get_field("c", "mode") == get_field("mode", convo_id="c") == "general"
    assert get_field("c", "CREATED") == "2025-12-26T15:00:00+00:00"
    assert get_field("c", "none") == get_field("d", "Focus") == "Not specified"
    monkeypatch.setenv("WORKFLOW_SESSION_OWNER", "c")
    assert get_field("Overall") == "75%"
    assert get_metadata() == get_metadata("c") == get_metadata(convo_id="c")
    assert get_metadata("d") == {}
    lay(base, "## Metadata\n- **Goal:** G\n")
    assert get_metadata() == {
        "focus": "Not specified",
        "objective": "G",
        "status": "Not specified",
        "type": "Not specified",
        "mode": "Not specified",
    }
    for text in ("Goal: G", "## A\n**Goal:** G\n", "```\nGoal: x\n```\n**Goal**: **G**"):
        lay(base, f"---\ngoal: x\n---\n{text}")
        assert get_metadata("c")["objective"] == "G"
    lay(base, f"Goal: x\n{GOLD}")
    assert get_metadata("c")["objective"].startswith("Fix context collapse")


def test_sections(base: Path) -> None:
    lay(base, GOLD + "\n## topics\nmore\n")
    assert get_section("c", "Tests").endswith("- [x] Edge cases covered")
    assert get_section("c", "TOPICS").endswith("closing workflows\n\nmore")
    assert get_section("c", "Top") == get_section("c", ".*") == get_section("d", "Topics") == ""
    assert get_section("c", "Build-Specific") == ""


def test_append(base: Path) -> None:
    lay(base, GOLD)
    assert append_to_section("c", "covered", "- one\n- two") is True
    assert get_section("c", "Covered").endswith("prompt rewritten\n- one\n- two")
    assert append_to_section("New", "## text", convo_id="c") is True
    assert stored(base).endswith("\n\n\n## New\n\n\\## text\n")
    assert append_to_section("d", "New", "x") is False
    assert [path.name for path in base.iterdir() if path.is_dir()] == ["c"]
    for words in (("c", "", "x"), ("c", "a\nb", "x"), ("c", "a", "\ud800"), ("../c", "a", "x")):
        with pytest.raises(UsageError):
            append_to_section(*words)


def test_wrong_calls(base: Path) -> None:
    with pytest.raises(TypeError, match="get_field\\(\\) takes 1 words besides the id"):
        get_field()
    with pytest.raises(TypeError):
        get_section("c", "a", "b")
    with pytest.raises(UsageError, match="conversation id is empty"):
        get_field("Focus")
    lay(base, b"\xff")
    with pytest.raises(SessionError, match="is not valid UTF-8"):
        get_field("c", "Focus")
