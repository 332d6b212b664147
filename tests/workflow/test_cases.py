"""Compare with the recorded behaviour of the TypeScript scripts, except for their recorded errors."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY, Ended, Run

CASES: list[dict[str, Any]] = json.loads((REPOSITORY / "tests/cases/workflow_cli.json").read_text())
ADDED = {"history", "owner", "started_at"}  # what may be there beyond what the scripts wrote
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"

Case = dict[str, Any]


def filled(text: str) -> str:
    """Return `text` with its placeholders for relative times and for today replaced by times."""
    now = datetime.now(UTC)

    def moment(match: re.Match[str]) -> str:
        at = now - timedelta(minutes=int(match[1]))
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    return re.sub(r"<NOW-(\d+)m>", moment, text).replace("<DATE>", now.date().isoformat())


def lay(folder: Path, files: dict[str, Any]) -> None:
    for name, content in files.items():
        path = folder / filled(name)
        if content is None:
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes.fromhex(content["hex"]) if isinstance(content, dict) else filled(content).encode())


def files_below(folder: Path) -> dict[str, bytes]:
    """Return the files below the folder, without the store's own files (lock, ignore rules)."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in (".lock", ".gitignore")
    }


def matches(expected: str, text: str) -> bool:
    """Return True if the text equals the recorded one; `<TS>` in it stands for any time."""
    pattern = re.escape(filled(expected.replace("<NOW-5m>", "<TS>").replace("<NOW-1m>", "<TS>")))
    return re.fullmatch(pattern.replace("<TS>", TIME), text, re.DOTALL) is not None


def equal(expected: Any, value: Any) -> bool:
    """Compare JSON values; `<TS>` stands for any time, and fields that this package adds are allowed."""
    if isinstance(expected, dict) and isinstance(value, dict):
        return all(key in value and equal(item, value[key]) for key, item in expected.items()) and (
            set(value) - set(expected) <= ADDED
        )
    if isinstance(expected, list) and isinstance(value, list):
        return len(expected) == len(value) and all(equal(a, b) for a, b in zip(expected, value, strict=True))
    if expected == "<TS>":
        return isinstance(value, str) and re.fullmatch(TIME, value) is not None
    return type(expected) is type(value) and bool(expected == value)


def same(expected: str, text: str) -> bool:
    try:
        return equal(json.loads(expected), json.loads(text))
    except ValueError:
        return matches(expected, text)


def check_streams(case: Case, expect: Case, ended: Ended) -> None:
    assert ended.code == expect["exit"]
    assert same(expect["stdout"], ended.stdout)
    if case["id"] == "get-extra-args-ignored":
        assert ended.stderr.count("\n") == 1  # ours says what it ignored
    elif expect["stderr"].startswith("Usage:"):
        assert ended.stderr.startswith("Usage: session-")
    else:
        text = re.sub(r"^created ia/state in .*\n", "", ended.stderr)
        assert same(expect["stderr"], re.sub(r"^warning: .*\n", "", text))


def perform(case: Case, run: Run, project: Path) -> list[Ended]:
    lay(project, case["before"])
    return [run(*argv) for argv in case.get("argv_seq", [case.get("argv")])]


@pytest.mark.parametrize("case", [c for c in CASES if c["verdict"] == "keep"], ids=lambda case: str(case["id"]))
def test_kept(case: Case, run: Run, project: Path) -> None:
    ended = perform(case, run, project)
    expect = case["expect"]
    for step, one in zip(expect.get("steps", [expect]), ended, strict=True):
        check_streams(case, step, one)
    after = files_below(project)
    wanted = {filled(name): content for name, content in expect["after"].items() if content is not None}
    assert set(after) == set(wanted)
    for name, content in wanted.items():
        if isinstance(content, dict):
            assert after[name] == bytes.fromhex(content["hex"])
        else:
            assert same(content, after[name].decode())


W = "ia/state/sessions/w.json"
PR = "ia/state/sessions/workflow:pr.json"
# What is done instead of what was recorded: exit code, a text on stdout, a text on stderr (None: nothing there),
# and whether every file stays as it was.
BETTER: dict[str, tuple[int, str | None, str | None, bool]] = {
    "get-help": (0, "usage: session-get", None, True),
    "get-all-three": (0, '"workflow": "a:b:c"', None, True),
    "get-all-corrupt-first": (1, '"workflow": "c"', "b.json is not valid JSON", True),
    "get-all-array-value": (1, "[]", "a.json is not a session: it holds an array", True),
    "get-all-number-value": (1, "[]", "s.json is not a session: it holds a bare value", True),
    "get-all-workflow-key-clash": (0, '"workflow": "workflow:pr"', None, True),
    "get-all-json-in-middle": (0, '"workflow": "x.json.bak"', None, True),
    "get-whitespace-file": (1, None, f"{PR} is not valid JSON", True),
    "get-nan-file": (1, None, f"{PR} is not valid JSON: NaN is not JSON", True),
    "get-integer-keys": (0, '"b": 1,\n    "10": "ten",\n    "2": "two"', None, True),
    "get-traversal": (1, None, "workflow name starts with '.'", True),
    "set-ctx-true": (1, None, "Invalid JSON context: not an object: true", True),
    "set-ctx-bigint": (0, "9007199254740993", "created ia/state in", False),
    "set-fourth-arg": (1, None, "unknown option: --force", True),
    "set-empty-step": (1, None, "step is empty", True),
    "set-name-slash": (1, None, "workflow name holds a slash", True),
    "set-name-nul-like": (1, None, "workflow name holds a control character", True),
    "set-steps-null": (0, '"steps": [\n    "a",\n    "b"\n  ]', "steps was not a list: null", False),
    "set-steps-object": (0, '"steps": [\n    "a",\n    "b"\n  ]', 'steps was not a list: {"0":"a"}', False),
    "set-context-array-in-file": (1, None, f"{W} has a context that is not an object; nothing changed", True),
    "set-empty-file": (1, None, f"{PR} is not valid JSON", True),
    "set-array-file": (1, None, f"{PR} is not a session: it holds an array", True),
    "set-number-file": (1, None, f"{PR} is not a session: it holds a bare value", True),
    "reset-two-names": (1, None, "unexpected argument: b", True),
    "save-status-space": (0, "**Status:** failed", None, False),
    "save-colons-three": (0, "archives/<DATE>-git-pr-monitor-feat-workflow-start.md", None, False),
    "save-name-slash": (1, None, "workflow name holds a slash", True),
    "save-ctx-multiline": (0, "- msg: l1\\nl2\n", None, False),
    "save-steps-object": (1, None, f"{W} has steps that are not a list", True),
    "save-started-missing": (0, "**Duration:** unknown\n", None, False),
    "save-corrupt": (1, None, f"{W} is not valid JSON", True),
}


@pytest.mark.parametrize("case", [c for c in CASES if c["verdict"] == "bug"], ids=lambda case: str(case["id"]))
def test_done_better(case: Case, run: Run, project: Path) -> None:
    code, stdout, stderr, untouched = BETTER[case["id"]]
    lay(project, case["before"])
    before = files_below(project)
    ended = run(*case["argv"])
    assert ended.code == code
    if stdout is None:
        assert ended.stdout == ""
    else:
        assert filled(stdout) in ended.stdout
    if stderr is None:
        assert ended.stderr == ""
    else:
        assert stderr in ended.stderr
        assert ended.stderr.count("\n") == 1 + (code == 0 and "created" in ended.stderr and "warning" in ended.stderr)
    assert (files_below(project) == before) is untouched


def test_every_case_is_run() -> None:
    assert {case["id"] for case in CASES if case["verdict"] == "bug"} == set(BETTER)
    assert {case["verdict"] for case in CASES} == {"keep", "bug"}
