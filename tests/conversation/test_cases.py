"""The recorded behaviour of the original script: matched, or corrected where it was wrong."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import session.conversation
from session.commands import doc
from tests.conftest import REPOSITORY, Ended
from tests.conversation.conftest import CASES

Case = dict[str, Any]
FILE = "con_X/SESSION_STATE.md"
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00"


def matches(expected: str, text: str, base: Path) -> bool:
    pattern = re.escape(expected.replace("<BASE>", str(base)))
    return re.fullmatch(pattern.replace("<TS>", _TIME), text) is not None


def found(base: Path) -> dict[str, str]:
    files = {str(path.relative_to(base)): path for path in base.rglob("*") if path.is_file() and path.name != ".lock"}
    return {name: path.read_bytes().decode() for name, path in files.items()}


def perform(case: Case, base: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> list[Ended]:
    for name, text in case["before"].items():
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    if "input" in case:
        monkeypatch.setenv("WORKFLOW_SESSION_OWNER", "con_X")
        function, *words = case["input"]["api"]
        given = getattr(session.conversation, function)(*words)
        assert given == getattr(session.conversation, function)("con_X", *words)
        return [Ended(0, f"RETURN {json.dumps(given, ensure_ascii=False)}\n".encode(), b"")]
    ended = []
    for argv in case.get("argv_seq", [case.get("argv")]):
        code = doc.script(list(argv))
        told_now = capfd.readouterr()
        ended.append(Ended(code, told_now.out.encode(), told_now.err.encode()))
    return ended


@pytest.mark.parametrize("case", [c for c in CASES if c["verdict"] == "keep"], ids=lambda case: str(case["id"]))
def test_kept(case: Case, base: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    compare = case.get("compare") or {}
    expect = case["expect"]
    for ended, wanted in zip(perform(case, base, capfd, monkeypatch), expect.get("steps", [expect]), strict=True):
        assert ended.code == wanted["exit"]
        assert matches(wanted["stdout"], ended.stdout, base)
        assert compare.get("stderr") == "ignore" or ended.stderr == wanted["stderr"]
        assert ended.stderr.count("\n") <= 1
    after = found(base)
    assert set(after) == set(expect["after"])
    for name, text in expect["after"].items():
        assert matches(text, after[name], base)


# What is done instead of what was recorded: exit code, stdout, what is on stderr (None: nothing), and the lines that
# become others (none: every file stays as it was).
Lines = dict[str, str]
WIPED = "- **.*:** WIPED\n- **Type:** Build"
BETTER: dict[str, tuple[int, str, str | None, Lines]] = {
    "cli-value-dash-word": (0, "✓ Updated Focus = -draft\n", None, {"- **Focus:** TBD": "- **Focus:** -draft"}),
    "init-focus-newline": (0, "✓ Initialized SESSION_STATE.md for con_X\n  Type: discussion\n  Focus: a b\n", None, {}),
    "init-convo-traversal": (2, "", "conversation id starts with '.': ../evil\n", {}),
    "update-regex-paren": (0, "✓ Updated Focus (main) = ", None, {"- **Type:**": "- **Focus (main):** b\n- **Type:**"}),
    "update-regex-plus": (0, "✓ Updated C++ = ", None, {"- **Type:**": "- **C++:** y\n- **Type:**"}),
    "update-regex-dotstar": (0, "✓ Updated .* = WIPED\n", None, {"- **Type:** Build": WIPED}),
    "update-value-newline": (
        0,
        "✓ Updated Focus = line1 ## Metadata - **Status:** hacked\n",
        None,
        {"- **Focus:** TBD": "- **Focus:** line1 ## Metadata - **Status:** hacked"},
    ),
    "update-status-no-metadata": (0, "✓ Updated status = done\n", None, {"status: active": "status: done"}),
    "update-field-empty": (2, "", "argument --field: has no name (usage: session_state_manager.py update ", {}),
    "sync-array": (1, "", "✗ Invalid JSON: not an object of sections: []\n", {}),
    "sync-meta-null": (1, "", "✗ Errors: Metadata.Focus: null is not text\n", {}),
    "sync-meta-list": (1, "", '✗ Errors: Metadata.Focus: ["a"] is not text\n', {}),
    "sync-meta-dotstar": (0, "✓ Synced 1 sections: Metadata\n", None, {"- **Type:** Build": WIPED}),
    "sync-covered-mixed": (1, "", "✗ Errors: Covered[2]: 1 is not text; Covered[3]: null is not text; ", {}),
    "sync-artifacts-dict": (1, "", '✗ Errors: Artifacts: {"name":"x"} is neither a list nor text\n', {}),
    "sync-custom-number": (1, "", "✗ Errors: Risks: 5 is neither a list nor text\n", {}),
    "sync-section-spaces": (0, "✓ Synced 1 sections: Covered\n", None, {"- Session initialized": "\n- x"}),
    "sync-section-codefence": (0, "✓ Synced 1 sections: Topics\n", None, {"- real\n": "\n- x"}),
    "audit-tbd-bold": (1, "⚠ SESSION_STATE has 1 TBD placeholders\n  Fields with TBD: Focus\n", None, {}),
    "audit-empty-section-last": (1, "⚠ SESSION_STATE has 0 TBD placeholders\n  Empty sections: Topics\n", None, {}),
    "audit-codefence": (0, "✓ SESSION_STATE is complete (no TBD placeholders)\n", None, {}),
    "api-get-section-prefix": (0, 'RETURN ""\n', None, {}),
}


@pytest.mark.parametrize("case", [c for c in CASES if c["verdict"] == "bug"], ids=lambda case: str(case["id"]))
def test_done_better(
    case: Case, base: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, stdout, stderr, lines = BETTER[case["id"]]
    for ended in perform(case, base, capfd, monkeypatch):
        assert ended.code == code
        assert ended.stdout.startswith(stdout)
        assert bool(ended.stdout) == bool(stdout)
        assert ended.stderr.startswith(stderr or "")
        assert bool(ended.stderr) == bool(stderr)
        assert ended.stderr.count("\n") <= 1
    if case["id"] == "init-focus-newline":
        assert "\n- **Focus:** a b\n- **Objective:** TBD\n" in found(base)[FILE]
        return
    wanted = dict(case["before"])
    for old, new in lines.items():
        wanted[FILE] = wanted[FILE].replace(old, new, 1)
    if lines:
        wanted[FILE] = re.sub(r"(?m)^last_updated: .*", "last_updated: <TS>", wanted[FILE])
    after = found(base)
    assert set(after) == set(wanted)
    assert all(matches(text, after[name], base) for name, text in wanted.items())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base", "home", "project"]


def test_every_case_is_run() -> None:
    assert {case["id"] for case in CASES if case["verdict"] == "bug"} == set(BETTER)
    assert {case["verdict"] for case in CASES} == {"keep", "bug"}


def test_the_script_itself_as_recorded(base: Path) -> None:
    """The script that users of the original call now, as real processes: one for each exit code."""
    script = [sys.executable, str(REPOSITORY / "scripts/session_state_manager.py")]

    def run(*words: str) -> tuple[int, str, str]:
        done = subprocess.run([*script, *words], env=os.environ, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    assert run("init", "--convo-id", "con_X", "--type", "build")[:1] == (0,)
    assert run("audit", "--convo-id", "con_X")[0] == 1
    assert run("audit")[0] == 2
    assert run("frobnicate")[0] == 2
    assert run()[0] == 1
    assert run("check", "--convo-id", "con_Y") == (1, "", "✗ SESSION_STATE.md not found for con_Y\n")
    assert run("check", "--convo-id", "con_X")[1] == found(base)[FILE] + "\n"
