"""The constants that the hooks copy, so that they import less, equal the originals."""

from pathlib import Path

import pytest

from session.entry import documents
from session.hooks import glance, payload
from session.store.paths import COLLECTIONS
from session.workflow import sessions


def test_an_owner_from_a_payload_is_one_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for length, is_valid in ((payload.LONGEST, True), (payload.LONGEST + 1, False)):
        conversation = "a" * length
        monkeypatch.setenv("WORKFLOW_SESSION_OWNER", conversation)
        notices: list[str] = []
        assert payload.is_safe(conversation) is is_valid
        assert payload.owner({"session_id": conversation}) == (conversation if is_valid else "")
        assert sessions.owner(notices) == (conversation if is_valid else "")
        assert bool(notices) is not is_valid
    monkeypatch.setenv("WORKFLOW_SESSION_OWNER", payload.SAFE)
    assert sessions.owner([]) == payload.SAFE


def test_the_entry_state_is_where_the_entry_protocol_keeps_it(project: Path) -> None:
    collection, name = documents.STATE
    folder, ending, *_ = COLLECTIONS[collection]
    file = project.joinpath(*folder, name + ending)
    assert not glance.has_entry_state(str(project))
    file.parent.mkdir(parents=True)
    file.touch()
    assert glance.has_entry_state(str(project))
