"""The user's own files: durable, changed by one process at a time, repaired after a process that died."""

import stat
from pathlib import Path

import pytest

from session.errors import Busy, SessionError
from session.store import user_file


def test_a_missing_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    with user_file.locked(str(folder), "f.json") as opened:
        opened.replace("f.json", b"x")
    assert (folder / "f.json").read_bytes() == b"x"
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder.parent)} == {0o700}
    with user_file.reading(str(folder), "f.json") as again:
        assert again is not None
        assert again.read("f.json") == b"x"


def test_what_is_not_there_reads_as_none(tmp_path: Path) -> None:
    with user_file.reading(str(tmp_path / "none"), "f.json") as folder:
        assert folder is None
    with user_file.reading(str(tmp_path), "f.json") as folder:
        assert folder is not None
        assert folder.read("f.json") is None


def test_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKFLOW_SESSION_LOCK_TIMEOUT_S", "0")
    with user_file.locked(str(tmp_path), "f.json"), pytest.raises(Busy), user_file.locked(str(tmp_path), "f.json"):
        pass


def test_what_a_dead_holder_left_is_removed(tmp_path: Path) -> None:
    """If nobody removed the temporary file of a dead process, no later process could write."""
    (tmp_path / ".temporary").write_text("half")
    (tmp_path / ".lock").write_text(f"{4_000_000:>10}\n")  # the mark of a process that never gave it back
    with user_file.locked(str(tmp_path), "f.json") as folder:
        assert not (tmp_path / ".temporary").exists()
        folder.replace("f.json", b"x")


def test_a_file_where_the_folder_belongs_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    said = r"cannot write .*a/f\.json: not a directory; nothing changed"
    with pytest.raises(SessionError, match=said), user_file.locked(str(tmp_path / "a"), "f.json"):
        pass
