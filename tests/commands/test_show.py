"""session show: one session in full, readable on a terminal, exact in a pipe."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from session.host import clock
from tests.commands.terminal import on_a_terminal, plain
from tests.conftest import Run


def put(sessions: Path, state: Any) -> None:
    (sessions / "w.json").write_text(json.dumps(state))


def blocks(text: str) -> list[list[list[str]]]:
    """Return the tables of the output: their lines without the rule, each split in two at the first wide gap."""
    return [
        [[part.strip() for part in line.split("   ", 1)] for line in block.split("\n") if not line.startswith("─")]
        for block in text.rstrip("\n").split("\n\n")
    ]


def test_the_state_is_exact(run: Run, sessions: Path) -> None:
    state = '{"step":"a","n":123456789012345678901234567890,"x":1e400,"s":"\\ud800","t":"é","steps":["a"]}'
    (sessions / "w.json").write_text(state)
    shown = run("session", "show", "w")
    assert (shown.code, shown.stderr) == (0, "")
    told = json.loads(shown.stdout)
    assert list(told) == ["workflow", "whose", "age_s", "path", "tracked", "state"]
    assert told["whose"] == "interrupted"
    assert (told["age_s"], told["path"]) == (None, "ia/state/sessions/w.json")
    for exact in ('"n": 123456789012345678901234567890,', '"x": 1e400,', '"s": "\\ud800",', '"t": "é",'):
        assert exact in shown.stdout
    assert on_a_terminal("show", "--json", "w").stdout == shown.stdout


def test_what_was_set_is_shown(run: Run) -> None:
    stored = run("set", "workflow:pr", "init", '{"pr": 8}', env={"WORKFLOW_SESSION_OWNER": "me"})
    told = json.loads(run("session", "show", "workflow:pr", env={"WORKFLOW_SESSION_OWNER": "me"}).stdout)
    assert told["state"] == json.loads(stored.stdout)
    assert (told["workflow"], told["whose"]) == ("workflow:pr", "mine")
    assert told["age_s"] in range(60)


def test_on_a_terminal(sessions: Path) -> None:
    at = clock.iso(clock.now_ms() - 12 * 60_000 - 30_000)
    put(
        sessions,
        {
            "started_at": "2026-01-29T22:42:48.473Z",
            "steps": ["init", "git:pr:create"],
            "step": "git:pr:create",
            "context": {"branch": "feat/x", "ci": {"state": "green"}, "none": None},
            "updated_at": at,
            "history": [
                {"step": "init", "at": None},
                {
                    "step": "git:pr:create",
                    "at": "2026-01-29T22:50:00.000Z",
                    "command": "gh pr create --fill",
                    "began_at": at,
                    "earlier": [{"command": "gh pr create", "began_at": at, "done_at": at, "exit": 1}],
                },
            ],
            "extra": [1, {"a": "b"}],
        },
    )
    shown = on_a_terminal("show", "w")
    assert shown.code == 0
    facts, context, steps, commands = blocks(plain(shown.stdout))
    assert facts == [
        ["w"],
        ["Step", "git:pr:create"],
        ["Whose", "interrupted"],
        ["Updated", "12 min ago"],
        ["Started", "2026-01-29T22:42:48.473Z"],
        ["File", "ia/state/sessions/w.json"],
        ["extra", '[1,{"a":"b"}]'],
    ]
    assert context == [["Context"], ["branch", "feat/x"], ["ci", '{"state":"green"}'], ["none", "null"]]
    assert steps == [
        ["", "Steps           Entered"],
        ["1", "init            -"],
        ["2", "git:pr:create   2026-01-29T22:50:00.000Z"],
    ]
    assert commands[1:] == [
        ["gh pr create", "git:pr:create: exit 1, 12 min ago"],
        ["gh pr create --fill", "git:pr:create began 12 min ago, no result recorded: check before repeating"],
    ]


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"step": None, "steps": None, "context": None, "history": None},
        {"step": ["a"], "steps": "a", "context": [1], "history": "x", "owner": 1, "updated_at": 1, "started_at": {}},
        {"steps": [1, {"a": 1}, None], "history": [1, {"step": {"a": 1}, "at": 2}, {"step": None, "at": "x"}]},
        {"steps": ["a"], "history": [{"step": "b", "at": "x"}]},
    ],
)
def test_odd_states_are_shown(sessions: Path, run: Run, state: dict[str, Any]) -> None:
    put(sessions, state)
    shown = run("session", "show", "w")
    assert (shown.code, json.loads(shown.stdout)["state"]) == (0, state)
    view = on_a_terminal("show", "w")
    assert view.code == 0
    assert plain(view.stdout).startswith("w\n")


def test_nothing_drives_the_terminal(sessions: Path) -> None:
    bad = "\x1b[2J[red]\u202e\n\x07"
    put(
        sessions,
        {
            "step": bad,
            "steps": [bad],
            "context": {bad: bad, "in": {bad: [bad]}},
            bad: bad,
            "started_at": bad,
            "history": [
                {"step": bad, "at": bad, "command": bad, "began_at": bad, "done_at": bad, "exit": 0, "output": bad}
            ],
        },
    )
    shown = plain(on_a_terminal("show", "w", env={"COLUMNS": "300"}).stdout)
    assert "\\u001b[2J[red]\\u202e\\n\\u0007" in shown
    assert not {"\x1b", "\u202e", "\x07"} & set(shown)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("none",), "No session found for none (session list names them)"),
        (("null",), "No session found for null (session list names them)"),
        (("bad",), "ia/state/sessions/bad.json is not valid JSON: "),
        (("../x",), "workflow name starts with '.': ../x"),
        (("",), "workflow name is empty"),
        ((b"\xff",), "WORKFLOW is not valid UTF-8"),
        (("a", "b"), "unrecognized arguments: b (usage: session show [-h] [--json] WORKFLOW)"),
    ],
)
def test_mistakes(sessions: Path, run: Run, words: tuple[str | bytes, ...], line: str) -> None:
    (sessions / "null.json").write_text("null")
    (sessions / "bad.json").write_text("{")
    ended = run("session", "show", *words)
    assert (ended.code, ended.stdout) == (1, "")
    assert ended.stderr.startswith(line)
    assert ended.stderr.count("\n") == 1


def test_what_git_tracks_and_what_it_can_not_tell(run: Run, project: Path, sessions: Path) -> None:
    put(sessions, {"step": "a", "steps": ["a"]})
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    told = json.loads(run("session", "show", "w").stdout)
    assert (told["whose"], told["tracked"]) == ("interrupted", False)
    subprocess.run(["git", "add", "-f", "ia/state/sessions/w.json"], cwd=project, check=True)
    told = json.loads(run("session", "show", "w").stdout)
    assert (told["whose"], told["tracked"]) == ("interrupted", True)
    assert "interrupted, tracked by git" in on_a_terminal("show", "w").stdout
    (project / ".git" / "index").write_text("damaged")
    shown = run("session", "show", "w")
    told = json.loads(shown.stdout)
    assert (told["whose"], told["tracked"]) == ("unknown origin", None)
    assert shown.stderr.startswith("warning: can't tell which sessions git tracks: git ls-files: ")
    assert "unknown origin" in on_a_terminal("show", "w").stdout
