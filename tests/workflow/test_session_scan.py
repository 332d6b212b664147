"""Read all sessions: one that is damaged hides no other, and one with bytes that are no text is still shown."""

from pathlib import Path

from session.store.files import FileStore
from session.workflow.session_scan import scan_sessions


def test_every_file_is_an_entry(project: Path, sessions: Path) -> None:
    bodies = {"a": b'{"step": "x"}', "b": b'{"step": "\xff"}', "c": b"null", "d": b"{", "e": b"[]"}
    for name, body in bodies.items():
        (sessions / f"{name}.json").write_bytes(body)
    entries = list(scan_sessions(FileStore(str(project), "")))
    assert [entry.workflow for entry in entries] == list(bodies)
    assert [entry.path for entry in entries] == [f"ia/state/sessions/{name}.json" for name in bodies]
    assert [entry.state for entry in entries] == [{"step": "x"}, {"step": "\ufffd"}, None, None, None]
    errors = [entry.error and entry.error.message.partition(": ")[0] for entry in entries]
    not_json, no_session = "ia/state/sessions/d.json is not valid JSON", "ia/state/sessions/e.json is not a session"
    assert errors == [None, None, None, not_json, no_session]
