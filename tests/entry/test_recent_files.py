"""The history of recently edited files."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.entry import recent_files
from session.errors import SessionError
from session.store.files import FileStore

NAME = ".claude/progress/file_history.json"


def noted(project: Path, *paths: str) -> Any:
    for path in paths:
        recent_files.note(FileStore(str(project), ""), path, "Edit", timeout_s=10)
    return json.loads((project / NAME).read_text())


def test_the_newest_is_last_and_stands_there_once(project: Path) -> None:
    found = noted(project, "a.py", f"{project}/src/b.py", "/elsewhere/c.py", "a.py")
    assert [each["path"] for each in found] == ["src/b.py", "/elsewhere/c.py", "a.py"]
    assert {each["operation"] for each in found} == {"Edit"}
    assert [each["timestamp"] for each in found] == sorted(each["timestamp"] for each in found)


def test_twenty_are_kept(project: Path) -> None:
    assert [each["path"] for each in noted(project, *map(str, range(25)))] == [str(number) for number in range(5, 25)]


def test_the_other_shape_stays(project: Path) -> None:
    path = project / NAME
    path.parent.mkdir(parents=True)
    path.write_text('{"files": ["a", {"path": "b", "mine": 1}], "last_updated": "x", "more": 1}')
    found = noted(project, "a")
    assert (found["files"][0], found["files"][1]["path"], found["more"]) == ({"path": "b", "mine": 1}, "a", 1)
    assert found["last_updated"] == found["files"][1]["timestamp"]


@pytest.mark.parametrize("text", ["{bad", "7", "null", '{"files": 7}'])
def test_what_is_no_history_is_left_alone(text: str, project: Path) -> None:
    path = project / NAME
    path.parent.mkdir(parents=True)
    path.write_text(text)
    if text == "null":
        assert len(noted(project, "a")) == 1
        return
    with pytest.raises(SessionError, match=r"file_history\.json is not"):
        noted(project, "a")
    assert path.read_text() == text


@given(paths=st.lists(st.text(min_size=1, max_size=5), max_size=30))
def test_any_path(paths: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    project = tmp_path_factory.mktemp("project")
    usable = [path for path in paths if path.isprintable()]
    if usable:
        kept = [each["path"] for each in noted(project, *usable)]
        assert kept == list(reversed(list(dict.fromkeys(reversed(usable)))))[-20:]
