"""After SessionEnd, the workflow sessions that the conversation wrote count as interrupted."""

import json
from pathlib import Path
from typing import Any

from tests.conftest import Run
from tests.hooks.conftest import Hook

ME = {"WORKFLOW_SESSION_OWNER": "conversation-1"}
OTHER = {"WORKFLOW_SESSION_OWNER": "conversation-2"}


def state(project: Path, workflow: str) -> Any:
    return json.loads((project / f"ia/state/sessions/{workflow}.json").read_text())


def test_its_own_sessions_and_no_others(hook: Hook, run: Run, project: Path) -> None:
    run("set", "mine", "a", env=ME)
    run("set", "mine too", "a", '{"n": 12345678901234567890123, "text": "\\ud800"}', env=ME)
    run("set", "theirs", "a", '{"about": "conversation-1"}', env=OTHER)
    run("set", "nobody's", "a")
    before = {path.name: path.read_bytes() for path in (project / "ia/state/sessions").iterdir()}
    assert hook("SessionEnd") is None
    for name in ("theirs.json", "nobody's.json"):
        assert (project / "ia/state/sessions" / name).read_bytes() == before[name]
    for name in ("mine", "mine too"):
        old, new = json.loads(before[f"{name}.json"]), state(project, name)
        assert new["owner"].pop("ended_at") >= new["updated_at"]
        assert new == old
    assert b"12345678901234567890123" in (project / "ia/state/sessions/mine too.json").read_bytes()


def test_the_next_step_takes_the_end_back(hook: Hook, run: Run, project: Path) -> None:
    run("set", "w", "a", env=ME)
    hook("SessionEnd")
    run("set", "w", "b", env=OTHER)
    assert state(project, "w")["owner"] == {"id": "conversation-2"}


def test_the_end_is_noted_once(hook: Hook, run: Run, project: Path) -> None:
    run("set", "w", "a", env=ME)
    hook("SessionEnd")
    before = (project / "ia/state/sessions/w.json").read_bytes()
    hook("SessionEnd", reason="logout")
    assert (project / "ia/state/sessions/w.json").read_bytes() == before


def test_what_cannot_be_read_is_left_alone(hook: Hook, run: Run, sessions: Path) -> None:
    run("set", "w", "a", env=ME)
    texts = {"broken": '{"owner": {"id": "conversation-1"}', "list": '["conversation-1"]', "null": "null"}
    texts["odd"] = '{"owner": "conversation-1"}'
    for name, text in texts.items():
        (sessions / f"{name}.json").write_text(text)
    hook("SessionEnd")
    assert {name: (sessions / f"{name}.json").read_text() for name in texts} == texts
    assert "ended_at" in json.loads((sessions / "w.json").read_text())["owner"]


def test_a_session_behind_a_journal(hook: Hook, run: Run, project: Path) -> None:
    """A killed save has archived it already; recording the end must not bring it back."""
    from tests.hooks.test_unfinished import killed_save

    killed_save(project)
    hook("SessionEnd")
    assert run("get", "--all").stdout == "[]\n"


def test_a_conversation_that_goes_on_after_all(hook: Hook, run: Run, project: Path) -> None:
    run("set", "w", "a", env=ME)
    before = (project / "ia/state/sessions/w.json").read_bytes()
    hook("SessionEnd", reason="prompt_input_exit")
    hook("SessionStart", source="startup", session_id="conversation-2")
    assert "ended_at" in state(project, "w")["owner"]
    hook("SessionStart", source="resume")
    assert (project / "ia/state/sessions/w.json").read_bytes() == before
