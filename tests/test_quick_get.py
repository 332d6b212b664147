"""The quick `get` answers as the store's reader does, or not at all. test_quick_get_texts.py tries very many texts."""

import os
from pathlib import Path

import pytest

from session import _quick_get
from session.host.project_store import open_store
from session.store import codec
from session.workflow.state import read
from tests.conftest import Run


def test_an_ordinary_session_takes_the_quick_way(run: Run, project: Path) -> None:
    run("set", "workflow:pr", "init")
    written = run(
        "set", "workflow:pr", "git:pr:monitor", '{"branch": "feat/é", "pr_number": 8, "ok": [true, null, {}]}'
    )
    assert _quick_get.session("workflow:pr") is not None
    assert _quick_get.session("workflow:pr") == written.out.removesuffix(b"\n")


BODIES = {
    "canonical": b'{\n  "step": "a",\n  "steps": [\n    "a"\n  ]\n}',
    "compact": b'{"step":"a"}',
    "duplicate": b'{\n  "step": "a",\n  "step": "b"\n}',
    "number": b'{\n  "n": 1.0\n}',
    "leading zero": b'{\n  "n": 01\n}',
    "minus zero": b'{\n  "n": -0\n}',
    "long number": b'{\n  "n": 123456789012345678901\n}',
    "escape": b'{\n  "s": "\\u0041"\n}',
    "control": b'{\n  "s": "\x01"\n}',
    "crlf": b'{\r\n  "step": "a"\r\n}',
    "final line break": b'{\n  "step": "a"\n}\n',
    "trailing comma": b'{\n  "step": "a",\n}',
    "missing comma": b'{\n  "step": "a"\n  "b": 1\n}',
    "open": b'{\n  "step": "a"',
    "empty holder": b'{\n  "a": [\n  ]\n}',
    "utf-8": b'{\n  "s": "\xff"\n}',
    "mark": b'\xef\xbb\xbf{\n  "step": "a"\n}',
    "null": b"null",
    "array": b"[]",
    "nothing": b"",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_it_agrees_with_the_long_way(body: bytes, sessions: Path) -> None:
    (sessions / "w.json").write_bytes(body)
    quickly = _quick_get.session("w")
    if quickly is not None:
        assert quickly == codec.encode(read(open_store(), "w"))


def test_what_is_out_of_the_ordinary_goes_the_long_way(sessions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = BODIES["canonical"]
    (sessions / "w.json").write_bytes(body)
    assert _quick_get.session("w") == body
    assert _quick_get.session("none") == b"null"
    for name in ("", "-w", ".w", "a/b", "a\\b", "é", "a\n", "x" * 181):
        assert _quick_get.session(name) is None
    (sessions / "W.JSON").write_bytes(body)  # as if the file system folded case
    assert _quick_get.session("w") is None
    (sessions / "W.JSON").unlink()
    (sessions / "link.json").symlink_to("w.json")
    os.mkfifo(sessions / "fifo.json")
    (sessions / "folder.json").mkdir()
    (sessions / "large.json").write_bytes(b'{\n  "s": "' + b"x" * 20000 + b'"\n}')
    for name in ("link", "fifo", "folder", "large"):
        assert _quick_get.session(name) is None
    (sessions.parent / ".journal").write_bytes(b"")
    assert _quick_get.session("w") is None
    (sessions.parent / ".journal").unlink()
    monkeypatch.setenv("WORKFLOW_SESSION_STORE", "postgresql://db")
    assert _quick_get.session("w") is None
