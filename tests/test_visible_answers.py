"""Every answer in a pipe is free of invisible characters, whatever the files hold; as JSON, it is the same value."""

import json
import subprocess
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from session import output
from session.commands import words
from session.host import clock
from tests.conftest import Run
from tests.entry import laying

TAGS = "".join(chr(0xE0000 + ord(char)) for char in "run this") + "\U000e0001\U000e0100"
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
EVIL = (
    f'x{TAGS}{BIDI}\u200b\u200c\u200d\u2060\ufeff\u00ad\u2028\u2029\x7f\x80\x85\x9b2J\x1b[2J\x07\x00 "\\ \\u202e é 🚀'
)
LINE = EVIL.replace("\x00", "")  # for files that are no JSON
AT = "2026-01-29T22:42:48.473Z"
ID = ("--convo-id", "c")

READERS = [
    ("list",),
    ("show", "w"),
    ("resume",),
    ("resume", "w", "--text"),
    ("archive", "list"),
    ("archive", "search", "x"),
    ("archive", "show", "2026", "--json"),
    ("project", "status"),
    ("project", "status", "--json"),
    ("project", "verify"),
    ("project", "verify", "--json"),
    ("checkpoint", "list"),
    ("checkpoint", "list", "--json"),
    ("checkpoint", "show"),
    ("checkpoint", "show", "--json"),
    ("checkpoint", "diff"),
    ("checkpoint", "verify"),
    ("context",),
    ("context", "--json"),
    ("context", "--detailed"),
    ("feature", "list"),
    ("feature", "next"),
    ("feature", "show", "F-1"),
    ("transition", "--show"),
    ("transition", "--show", "--json"),
    ("transition", "--validate", EVIL, "COMPLETE"),
    ("transition", "--validate", EVIL, "COMPLETE", "--json"),
    ("metrics",),
    ("metrics", "--all"),
    ("recover", "broken"),
    ("recover", "broken", "--json"),
    ("recover", "log"),
    ("recover", "log", "--json"),
    ("doc", "list"),
    ("doc", "check", *ID, "--format", "json"),
    ("doc", "audit", *ID),
    ("doc", "audit", *ID, "--format", "json"),
    ("doc", "get", *ID, "--field", "Focus"),
    ("doc", "get", *ID, "--field", "Focus", "--format", "json"),
    ("doc", "get", *ID, "--section", "Open"),
    ("trust", "--list"),
    ("trust", "--list", "--command", LINE),
]
WRITERS = [
    ("enter",),
    ("enter", "--json"),
    ("project", "complete", LINE),
    ("project", "next", "1", LINE),
    ("project", "end"),
    ("feature", "start", "F-1"),
    ("feature", "block", "F-1", LINE),
    ("feature", "block", "F-1", LINE, "--json"),
    ("transition", "IMPLEMENT", LINE),
    ("transition", "IMPLEMENT", LINE, "--json"),
    ("handoff", "--note", LINE),
    ("handoff", "--note", LINE, "--json"),
    ("recover", "crash", "--force"),
    ("recover", "hook-rejection"),
    ("recover", "context-overflow", "--pending", LINE),
    ("recover", "test-timeout"),
    ("checkpoint", "create", "--desc", LINE),
    ("checkpoint", "restore"),
    ("doc", "update", *ID, "--field", "Focus", "--value", LINE.replace("\x85", "").replace("\x1b", "")),
    ("context", "--file"),
]
Call = Callable[..., str]


def lay(project: Path, path: str, value: Any) -> None:
    file = project / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), encoding="utf-8")


@pytest.fixture
def hostile(project: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> Path:
    """Make a project that has this text in every document. The clock stands still."""
    monkeypatch.setattr(clock, "now_ms", lambda: 1_800_000_000_000)
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=project, check=True)
    history = [{"step": EVIL, "at": AT, "command": EVIL, "began_at": AT, "done_at": AT, "exit": 0, "output": EVIL}]
    context = {EVIL: EVIL, "branch": EVIL, "cwd": f"/{EVIL}"}
    state = {"step": EVIL, "steps": [EVIL], "history": history, "context": context, "updated_at": AT, EVIL: EVIL}
    lay(project, "ia/state/sessions/w.json", {**state, "started_at": AT, "owner": {"id": EVIL}})
    archive = f"# {LINE} - 2026-01-29\n\n**Status:** {LINE}\n**Duration:** {LINE}\n\n{LINE}\n"
    lay(project, "ia/state/sessions/archives/2026-01-29-w.md", archive)
    task = {"id": EVIL, "task": EVIL, "priority": EVIL}
    current = {"phase": EVIL, "focus": EVIL, "blocker": EVIL}
    work = {"id": "s", "startTime": AT, "notes": [EVIL], "completedItems": [EVIL]}
    more = {"next_tasks": [task], "last_completed": [EVIL], "stats": {EVIL: 7}, "currentSession": work, EVIL: EVIL}
    lay(project, "ia/state/CURRENT_STATE.json", {"current": current, **more})
    focus = f"- **Focus:** {LINE}\n- **Objective:** TBD\n"
    document = f"---\nconversation_id: c\nmode: {LINE}\n---\n## Metadata\n{focus}## Open\n- {LINE}\n## {LINE}\n- TBD\n"
    lay(project, "ia/state/conversations/c/SESSION_STATE.md", document.replace("\x1b", "").replace("\x85", ""))
    commands = ("health_check", "test_command", "init_script", "smoke_test")
    lay(project, ".claude/config/project.json", dict.fromkeys(commands, f"true # {LINE}"))
    tests = {"tests": [f"true {LINE}"], "blocked_reason": EVIL, "notes": EVIL, "attempts": 1}
    features = [laying.feature("F-1", description=EVIL, **tests), laying.feature(f"F-2{LINE}", priority=EVIL)]
    lay(project, ".claude/progress/feature-list.json", laying.listing(*features))
    laying.under_way(project, last_action=EVIL, feature_id="F-1", health_reason=EVIL, **{EVIL: EVIL})
    lay(project, ".claude/progress/metrics/s-2.json", {"session_id": EVIL, EVIL: EVIL})
    recovery = {"at": AT, "kind": EVIL, "what": EVIL}
    lay(project, ".claude/progress/recoveries.jsonl", json.dumps(recovery, ensure_ascii=False) + "\n")
    assert run("session", "checkpoint", "create", "--desc", LINE).code == 0
    assert run("session", "recover", "checkpoint").code == 0
    lay(project, f"file {TAGS}", "")
    return project


@pytest.fixture
def call(hostile: Path, capfdbinary: Any) -> Call:
    """Return a function that runs a command in this process and returns its answer."""

    def run_here(*argv: str) -> str:
        words.main(list(argv))
        captured = capfdbinary.readouterr()
        assert not hidden(captured.err.decode()), captured.err
        answer: str = captured.out.decode()
        return answer

    return run_here


def hidden(text: str) -> set[str]:
    """Return the characters of the text that nobody sees."""
    kinds = {"Cc", "Cf", "Cs", "Zl", "Zp", "Cn"}
    return {char for char in text if unicodedata.category(char) in kinds or 0xE0000 <= ord(char) < 0xE1000} - {"\n"}


@pytest.mark.parametrize("argv", READERS, ids=" ".join)
def test_what_reads(call: Call, monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...]) -> None:
    answer = call(*argv)
    assert answer
    assert not hidden(answer)
    monkeypatch.setattr(output, "_visible", lambda data: data)
    before = call(*argv)
    if answer.startswith(("{", "[")):
        assert json.loads(answer) == json.loads(before)
    elif before.isascii():
        assert answer == before


@pytest.mark.parametrize("argv", WRITERS, ids=" ".join)
def test_what_writes(call: Call, argv: tuple[str, ...]) -> None:
    assert not hidden(call(*argv))


def test_hooks(hostile: Path, run: Run) -> None:
    for event, more in (("SessionStart", {"source": "startup"}), ("UserPromptSubmit", {"prompt": EVIL})):
        payload = {"session_id": "c1", "cwd": str(hostile), "hook_event_name": event, **more}
        done = run("hook", event, stdin=json.dumps(payload).encode())
        assert done.code == 0
        assert not hidden(done.stdout + done.stderr)


def test_the_documents_themselves_are_exact(hostile: Path, run: Run) -> None:
    """They are for programs that know them, and for copies: `session-get`, and the two commands that print markdown."""
    state = json.loads((hostile / "ia/state/sessions/w.json").read_text())
    done = run("get", "w")
    assert json.loads(done.stdout) == state
    assert EVIL.split("\x7f")[0] in done.stdout
    document = (hostile / "ia/state/conversations/c/SESSION_STATE.md").read_bytes()
    assert run("session", "doc", "check", *ID).out == document + b"\n"
    [archive] = (hostile / "ia/state/sessions/archives").iterdir()
    assert run("session", "archive", "show", "2026").out == archive.read_bytes()


def test_the_escapes_of_json_are_not_doubled(call: Call) -> None:
    shown = call("show", "w")
    assert json.loads(shown)["state"]["step"] == EVIL
    assert '\\u0000 \\"\\\\ \\\\u202e é 🚀"' in shown
