"""Facts that the hot path keeps as copies, because loading their place costs too much: each equals its original."""

import os
import re
import sys
from pathlib import Path

import pytest

from session import _help, _preload_writer, _quick_get, hook
from session.entry import documents, guard, states
from session.errors import UsageError
from session.hooks import glance
from session.host.project_store import open_store
from session.root import STATE
from session.store import disk, paths
from session.workflow.archive_render import STATUSES
from tests.conftest import REPOSITORY


def test_the_quick_get_has_the_facts_of_the_table_of_collections() -> None:
    assert ((*STATE, _quick_get.FOLDER), _quick_get.ENDING, _quick_get.NAME_BYTES) == paths.COLLECTIONS["sessions"][:3]
    assert _quick_get.JOURNAL == paths.JOURNAL


@pytest.mark.skipif(sys.platform == "win32", reason="flags of POSIX")
def test_the_quick_get_opens_files_and_folders_as_the_store_does() -> None:
    assert _quick_get._FILE == disk._NO_LINK
    assert _quick_get._FOLDER == disk._FOLDER | os.O_NOFOLLOW


@pytest.mark.usefixtures("sessions")
def test_the_quick_get_answers_for_no_name_that_the_store_refuses() -> None:
    chars = [chr(code) for code in range(256)]
    for name in ("", "x" * 180, "x" * 181, *chars, *(f"x{char}" for char in chars), *(f"{char}x" for char in chars)):
        try:
            paths.check_name(name)
        except UsageError:
            assert _quick_get.session(name) is None, name


def test_the_preload_writer_finds_the_line_that_it_fills_in() -> None:
    source = (REPOSITORY / "session" / "_preload.py").read_text(encoding="utf-8")
    assert source.count(_preload_writer._EMPTY) == 1


def test_the_usage_lines_name_the_events_and_the_statuses() -> None:
    assert _help.USAGE["hook"] == "session-hook " + " | ".join(hook.EVENTS)
    assert re.search(r"--status=(\S+?)\]", _help.USAGE["save"])[1].split("|") == list(STATUSES)  # type: ignore[index]


def test_the_guard_reads_the_state_that_the_entry_protocol_writes(project: Path) -> None:
    assert guard.STATE == documents.STATE
    payload = {"tool_name": "Edit", "tool_input": {"file_path": "src/a.py"}}
    assert not glance.has_entry_state(str(project))
    for health, is_refused in ((states.HEALTHY, False), (states.BROKEN, True)):
        store = open_store()
        with store.transaction(5, place=paths.PROGRESS) as tx:
            tx.put(documents.STATE, documents.encode({"health_status": health}, "state"))
        assert guard.refuses(payload) is is_refused
    assert glance.has_entry_state(str(project))
