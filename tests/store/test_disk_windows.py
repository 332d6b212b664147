"""Folders by path: besides the store's contract, they retry while a reader has the file open."""

import os
from pathlib import Path

import pytest

from session.errors import SessionError
from session.store import disk_windows
from session.store.disk_windows import Folder


@pytest.fixture
def folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setattr(disk_windows.time, "sleep", lambda _: None)
    return Folder.at(str(project), "shown/")


@pytest.mark.parametrize("refusals", [0, 1, 50])
def test_a_file_that_is_open_is_tried_again(
    project: Path, folder: Folder, monkeypatch: pytest.MonkeyPatch, refusals: int
) -> None:
    replace = os.replace
    left = [refusals]

    def refuse_at_first(old: str, new: str) -> None:
        if left[0]:
            left[0] -= 1
            raise PermissionError(13, "in use")
        replace(old, new)

    monkeypatch.setattr(disk_windows.os, "replace", refuse_at_first)
    folder.replace("f", b"1")
    assert [path.name for path in project.iterdir()] == ["f"]


def test_but_not_for_ever(project: Path, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.replace("f", b"before")

    def refuse(old: str, new: str) -> None:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(disk_windows.os, "replace", refuse)
    with pytest.raises(PermissionError):
        folder.replace("f", b"after")
    assert [(path.name, path.read_bytes()) for path in project.iterdir()] == [("f", b"before")]


def test_the_root_is_a_folder(project: Path) -> None:
    (project / "file").touch()
    with pytest.raises(NotADirectoryError):
        Folder.at(str(project / "file"), "")
    with pytest.raises(FileNotFoundError):
        Folder.at(str(project / "none"), "")


def test_links_are_refused(project: Path, folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"mine")
    (project / "f").symlink_to(tmp_path / "target")
    (project / "d").symlink_to(tmp_path)
    for touch in (folder.read, folder.has, lambda name: folder.replace(name, b"new")):
        with pytest.raises(SessionError, match="shown/f is a symbolic link: refused"):
            touch("f")
    with pytest.raises(SessionError, match="shown/d is a symbolic link: refused"):
        folder.child("d")
    assert folder.child("d", link=True) is not None
    assert (tmp_path / "target").read_bytes() == b"mine"
