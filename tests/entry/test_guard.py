"""The guard refuses edits of the sources while the project is BROKEN, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from session.entry.guard import refuses


@pytest.fixture(autouse=True)
def broken(project: Path) -> Path:
    path = project / ".claude/progress/state.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"state": "FIX_BROKEN", "health_status": "BROKEN"}')
    return path


def edit(path: Any, tool: str = "Edit", key: str = "file_path") -> dict[str, Any]:
    return {"tool_name": tool, "tool_input": {key: path}}


@pytest.mark.parametrize(
    "path",
    [
        *("src/a.py", "/x/src/a.py", "./src/a.py", "lib/src/a.py", "src//a.py", "packages/x/src/deep/er/a.ts"),
        *("src\\a.py", "C:\\work\\app\\src\\a.py", "C:/work\\src/a.py", "\\\\server\\share\\src\\a.py"),
        *("app/../src/a.py", "src/é.py", "src/with space.py"),
    ],
)
def test_what_is_protected(path: str) -> None:
    assert refuses(edit(path))


@pytest.mark.parametrize("path", ["app/a.py", "srcs/a.py", "SRC/a.py", "a/src.py", "README.md", "", "mysrc\\a.py", "."])
def test_what_is_not(path: str) -> None:
    assert not refuses(edit(path))


def test_a_project_within_a_folder_of_that_name(tmp_path: Path, broken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below = tmp_path / "src" / "app"
    (below / ".claude/progress").mkdir(parents=True)
    (below / ".claude/progress/state.json").write_text(broken.read_text())
    monkeypatch.chdir(below)
    assert not refuses(edit(f"{below}/README.md"))
    assert refuses(edit(f"{below}/src/a.py"))


@pytest.mark.parametrize(
    "tool", ["Edit", "MultiEdit", "Write", "NotebookEdit", "write_file", "replace", "anything", None]
)
def test_tools_that_change_files(tool: str | None) -> None:
    assert refuses({"tool_name": tool, "tool_input": {"file_path": "src/a.py"}})
    assert refuses({"tool_input": {"notebook_path": "src/a.ipynb"}})


@pytest.mark.parametrize("tool", ["Read", "Grep", "Glob", "LS", "read_file"])
def test_tools_that_only_look(tool: str) -> None:
    assert not refuses(edit("src/a.py", tool))


def test_a_patch_names_its_files() -> None:
    patch = "*** Begin Patch\n*** Update File: docs/a.md\n@@\n-*** Update File: x\n{}+b\n*** End Patch"
    assert not refuses({"tool_name": "apply_patch", "tool_input": {"command": patch.format("")}})
    assert refuses({"tool_input": {"command": patch.format("*** Add File: src/b.py\n")}})
    assert refuses({"tool_input": {"input": patch.format("*** Move to: src/c.py\n")}})


@pytest.mark.parametrize(
    "state",
    [
        '{"health_status": "HEALTHY"}',
        '{"health_status": "UNKNOWN", "was": "BROKEN"}',
        '{"health_status": ["BROKEN"]}',
        '["BROKEN"]',
        "null",
    ],
)
def test_only_broken_blocks(state: str, broken: Path) -> None:
    broken.write_text(state)
    assert not refuses(edit("src/a.py"))


def test_without_a_state(broken: Path) -> None:
    broken.unlink()
    assert not refuses(edit("src/a.py"))


@pytest.mark.parametrize("payload", [{}, {"tool_input": None}, {"tool_input": []}, {"tool_input": {"file_path": 7}}])
def test_odd_payloads(payload: dict[str, Any]) -> None:
    assert not refuses(payload)


@pytest.mark.parametrize(
    ("protected", "refused", "free"),
    [
        (["app", "lib/core"], ["app/a.py", "x/app/a.py", "lib/core/a.py", "lib\\core\\a"], ["src/a.py", "lib/a.py"]),
        (["./app/"], ["app/a.py"], ["src/a.py"]),
        ([], ["src/a.py"], ["app/a.py"]),
        ("app", ["src/a.py"], ["app/a.py"]),
        ([""], ["src/a.py"], ["app/a.py"]),
    ],
)
def test_paths_of_the_projects_own(project: Path, protected: Any, refused: list[str], free: list[str]) -> None:
    config = project / ".claude/config/project.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"protected_paths": protected}))
    assert [path for path in (*refused, *free) if refuses(edit(path))] == refused
    config.write_text("{bad")
    assert refuses(edit("src/a.py"))
