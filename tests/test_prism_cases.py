"""Compare with the recorded behaviour of the project's scripts, except where that was wrong or has a new contract."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY, Ended

CASES: list[dict[str, Any]] = json.loads((REPOSITORY / "tests/cases/prism_cli.json").read_text())
MODULES = {
    "update_state": "session.commands.update_state",
    "session_manager": "session.commands.session_manager",
    "context_generator": "session.commands.context",
    "checkpoint": "session.commands.checkpoint",
}
MEANINGS = {
    "<TS>": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3}Z)?",
    "<TIME>": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    "<STAMP>": r"\d{8}_\d{6}",
}
OURS = {".lock", "SESSION_LOGS/events.jsonl"}  # what may be there beyond what the scripts wrote

Case = dict[str, Any]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    monkeypatch.setenv("PRISM_ROOT", str(folder))
    return folder


def lay(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def found(folder: Path) -> dict[str, str]:
    """Return the files below the folder, except those that only this program writes."""
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_text(encoding="utf-8") for name, path in files.items() if name not in OURS}


def perform(argv: list[str]) -> Ended:
    done = subprocess.run(
        [sys.executable, "-P", "-m", MODULES[argv[0]], *argv[1:]],
        capture_output=True,
        env=os.environ,
        timeout=60,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def matches(expected: str, text: str, root: Path) -> bool:
    expected = expected.replace("<ROOT>", str(root)).replace("<DATE>", datetime.now(UTC).date().isoformat())
    pattern = re.escape(expected)
    for placeholder, meaning in MEANINGS.items():
        pattern = pattern.replace(placeholder, meaning)
    return re.fullmatch(pattern, text) is not None


def equal(expected: Any, value: Any, root: Path) -> bool:
    """Return True if two values are equal, also in order; a placeholder in a text matches what it stands for."""
    if isinstance(expected, dict) and isinstance(value, dict):
        return list(expected) == list(value) and all(equal(expected[key], value[key], root) for key in expected)
    if isinstance(expected, list) and isinstance(value, list):
        return len(expected) == len(value) and all(equal(a, b, root) for a, b in zip(expected, value, strict=True))
    if isinstance(expected, str) and isinstance(value, str):
        return matches(expected, value, root)
    return type(expected) is type(value) and bool(expected == value)


# what a case says otherwise than it was recorded, by contract
PHASE = {"phase": "1.A"}  # a session's start sets it
CHECKS = ("STATE_FILE_EXISTS", "STATE_IS_JSON", "STATE_SHAPE", "DATES", "SESSION_LOGS", "NEWEST_CHECKPOINT")
LINE = "─" * 50
VERIFIED = (
    f"Running verification checks...\n\n Verification Results:\n{LINE}\n"
    + "".join(f"  {name}: ✅ PASS\n" for name in CHECKS)
    + f"{LINE}\n  Total: 6/6 checks passed\n"
)


@pytest.mark.parametrize("case", [c for c in CASES if c["verdict"] == "keep"], ids=lambda case: str(case["id"]))
def test_kept(case: Case, root: Path) -> None:
    lay(root, case["before"])
    ended = perform(case["argv"])
    expect = case["expect"]
    name = case["id"]
    assert (ended.code, ended.stderr) == (expect["exit"], expect["stderr"])
    if name == "ctx-extracted":
        check_context(ended.stdout, root)
    else:
        wanted = VERIFIED if name == "ses-verify-pass" else expect["stdout"]
        assert matches(wanted, ended.stdout, root)
    after = found(root)
    assert set(after) == set(expect["after"])
    for file, text in expect["after"].items():
        if file == "SESSION_CONTEXT.txt":
            check_context(after[file], root)
        elif text == case["before"].get(file):
            assert after[file] == text
        else:
            state = json.loads(text)
            if name in ("ses-start", "ses-start-nofile"):
                state["current"] = PHASE
            assert equal(state, json.loads(after[file]), root)


def check_context(text: str, root: Path) -> None:
    """Assert that the output has what a new chat needs, without the general advice of the original scripts."""
    for needed in ("databases", "7/62", "213", str(root)):
        assert needed in text
    for idle in ("Core Rules", "GitHub", "EXTRACTED", "Check CURRENT_STATE.json"):
        assert idle not in text


UPDATE_USAGE = "(usage: session project complete TEXT | next ID TEXT | stats NAME N[/TOTAL] | "
# What is done instead of what was recorded: exit code, a text on stdout, a text on stderr (None: nothing there),
# and whether every file stays as it was.
BETTER: dict[str, tuple[int, str | None, str | None, bool]] = {
    "upd-complete-nofile": (0, "✅ State updated: <ROOT>/CURRENT_STATE.json\nAdded: <DATE>: x\n", None, False),
    "upd-complete-list-string": (1, None, '<ROOT>/CURRENT_STATE.json: last_completed is not a list: "oops"', True),
    "upd-next-missing": (1, None, f"next needs an id and a text {UPDATE_USAGE}", True),
    "upd-stats-unknown": (0, "Updated widgets: 5\n", None, False),
    "upd-status-nofile": (1, None, "no project state yet: <ROOT>/CURRENT_STATE.json", True),
    "upd-unknown": (1, None, f"unknown command: frobnicate {UPDATE_USAGE}", True),
    "ses-verify-corrupt": (1, "  STATE_IS_JSON: ❌ FAIL (<ROOT>/CURRENT_STATE.json is not valid JSON", None, True),
    "ctx-corrupt": (1, None, "<ROOT>/CURRENT_STATE.json is not valid JSON", True),
    "cp-create-bare": (0, "Created checkpoint: CP_", None, False),
    "cp-create-twice": (0, "Created checkpoint: CP_", None, False),
    "cp-list-broken": (0, "CP_20260119_000000", None, True),
}


@pytest.mark.parametrize("case", [c for c in CASES if c["verdict"] == "bug"], ids=lambda case: str(case["id"]))
def test_done_better(case: Case, root: Path) -> None:
    code, stdout, stderr, untouched = BETTER[case["id"]]
    lay(root, case["before"])
    before = found(root)
    for argv in case.get("argv_seq", [case.get("argv")]):
        ended = perform(argv)
        assert ended.code == code
        for wanted, text in ((stdout, ended.stdout), (stderr, ended.stderr)):
            filled = (wanted or "").replace("<ROOT>", str(root)).replace("<DATE>", datetime.now(UTC).date().isoformat())
            assert filled in text
            assert wanted is not None or text == ""
        assert ended.stderr.count("\n") <= 1
    assert (found(root) == before) is untouched


def after_of(case_id: str, root: Path) -> dict[str, str]:
    [case] = [case for case in CASES if case["id"] == case_id]
    lay(root, case["before"])
    for argv in case.get("argv_seq", [case.get("argv")]):
        assert perform(argv).code == 0
    return found(root)


def test_no_total_is_invented(root: Path) -> None:
    state = json.loads(after_of("upd-stats-unknown", root)["CURRENT_STATE.json"])
    assert state["quick_stats"] == {"databases": "7/62", "extracted": "12/831 modules", "widgets": 5}


def test_checkpoints_of_one_second_are_two(root: Path) -> None:
    made = [json.loads(text) for name, text in after_of("cp-create-twice", root).items() if "CHECKPOINTS" in name]
    assert sorted(one["session_id"] for one in made) == ["a", "b"]


def test_what_is_broken_is_marked(root: Path) -> None:
    after_of("cp-list-broken", root)
    lines = perform(["checkpoint", "list"]).stdout.splitlines()
    [broken] = [line for line in lines if line.startswith("CP_20260119_000000")]
    [whole] = [line for line in lines if line.startswith("CP_20260120_100000")]
    assert whole.split() == ["CP_20260120_100000", "2026-01-20T10:00:00", "1.A.5", "d"]
    assert "broken" in broken.lower()


def test_every_case_is_run() -> None:
    assert {case["id"] for case in CASES if case["verdict"] == "bug"} == set(BETTER)
    assert {case["verdict"] for case in CASES} == {"keep", "bug"}
