"""The sweep of temporary folders never removes a folder of another user."""

import os
import sys
import time
from pathlib import Path

import pytest

from session.host import temp_folders

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="each user of Windows has a temporary folder of their own"),
    pytest.mark.skipif(
        sys.platform != "win32" and os.geteuid() != 0, reason="only root can give a folder to another user"
    ),
]

ANOTHER_USER = 65_534  # `nobody`, nearly everywhere
A_DAY_S = 24 * 60 * 60


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the temporary folder of all users, as /tmp is."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o1777)
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def old_folder(shared: Path, name: str, owner: int) -> Path:
    """Make a folder with a file in it, both old and of that owner, as a crash left them."""
    folder = shared / f"{temp_folders.PREFIX}{name}"
    folder.mkdir(mode=0o700)
    (folder / "index").write_text("x")
    then = time.time() - A_DAY_S
    for path in (folder / "index", folder):
        os.chown(path, owner, owner)
        os.utime(path, (then, then))
    return folder


def test_a_folder_of_another_user_stays(shared: Path) -> None:
    theirs = old_folder(shared, "a", ANOTHER_USER)
    ours = old_folder(shared, "b", os.geteuid())
    also_theirs = old_folder(shared, "c", ANOTHER_USER)
    assert temp_folders.sweep() == [str(ours)]
    assert sorted(shared.iterdir()) == [theirs, also_theirs]
    assert [(folder / "index").read_text() for folder in (theirs, also_theirs)] == ["x", "x"]
    assert temp_folders.sweep() == []


def test_a_link_to_a_folder_of_ours_stays(shared: Path, tmp_path: Path) -> None:
    """Another user could make us remove a folder elsewhere."""
    ours = tmp_path / "ours"
    ours.mkdir()
    (ours / "file").write_text("x")
    link = shared / f"{temp_folders.PREFIX}link"
    link.symlink_to(ours)
    then = time.time() - A_DAY_S
    os.utime(ours, (then, then))
    for owner in (ANOTHER_USER, os.geteuid()):
        os.chown(link, owner, owner, follow_symlinks=False)
        os.utime(link, (then, then), follow_symlinks=False)
        assert temp_folders.sweep() == []
        assert (ours / "file").read_text() == "x"
        assert link.is_symlink()
