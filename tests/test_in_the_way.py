"""Links, FIFOs, sockets, devices and folders in the place of a file: commands refuse them, and never hang."""

import os
import socket
import stat
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.faults import GOOD, WRITERS, documents, refused
from tests.store.tree import tree


def occupy(path: Path, kind: str, target: Path) -> None:
    """Put something at `path` that is not a regular file."""
    if kind == "link to a file":
        path.symlink_to(target)
    elif kind == "dangling link":
        path.symlink_to("nowhere")
    elif kind == "link to a device":
        path.symlink_to("/dev/zero")
    elif kind == "FIFO":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(os.path.relpath(path))
    elif kind == "device":
        try:
            os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))  # as /dev/zero
        except PermissionError:
            pytest.skip("only root may make devices")
    else:
        path.mkdir()


KINDS = ["link to a file", "dangling link", "link to a device", "FIFO", "socket", "device"]


@pytest.mark.skipif(os.name == "nt", reason="kinds of files as on POSIX")
class TestInTheWay:
    """Commands refuse without hanging, and do not touch the target of a link."""

    @pytest.fixture
    def target(self, tmp_path: Path) -> Path:
        path = tmp_path / "target"
        path.write_bytes(GOOD)
        return path

    @pytest.mark.parametrize("kind", KINDS)
    def test_as_state(self, project: Path, sessions: Path, run: Run, target: Path, kind: str) -> None:
        occupy(sessions / "w.json", kind, target)
        before = documents(project)
        expected = "a symbolic link" if "link" in kind else "not a regular file"
        for words in (("get", "w"), *WRITERS, ("reset", "w")):
            assert refused(run(*words)).startswith(f"ia/state/sessions/w.json is {expected}: refused")
            assert documents(project) == before
        every = run("get", "--all")
        assert (every.code, every.stdout, every.stderr.count("\n")) == (1, "[]\n", 1)
        assert target.read_bytes() == GOOD

    def test_a_folder_as_state(self, project: Path, sessions: Path, run: Run) -> None:
        (sessions / "w.json").mkdir()
        before = documents(project)
        assert run("get", "w").stdout == "null\n"
        assert run("get", "--all").stdout == "[]\n"
        assert run("reset", "w").stdout == "No session found for w\n"
        assert refused(run("save", "w")) == "No session found for w"
        assert refused(run("set", "w", "init")).startswith("ia/state/sessions/w.json is a folder: refused")
        assert documents(project) == before

    @pytest.mark.parametrize("kind", [*KINDS, "folder"])
    def test_as_lock(self, project: Path, sessions: Path, run: Run, target: Path, kind: str) -> None:
        (sessions / "w.json").write_bytes(GOOD)
        occupy(sessions.parent / ".lock", kind, target)
        before = tree(project)
        for words in (("set", "w", "next"), ("save", "w"), ("reset", "w")):
            assert refused(run(*words)).startswith("ia/state/.lock is not a regular file: refused")
            assert tree(project) == before
        assert run("get", "w").code == 0  # readers need none
        assert target.read_bytes() == GOOD

    @pytest.mark.parametrize("kind", [*KINDS, "folder"])
    def test_as_temporary_file(self, project: Path, run: Run, target: Path, kind: str) -> None:
        assert run("set", "w", "init").code == 0
        sessions = project / "ia/state/sessions"
        occupy(sessions / ".temporary", kind, target)
        before = tree(project)
        line = refused(run("set", "w", "next"))
        assert line.startswith("ia/state/sessions/.temporary is ")
        assert "refused" in line
        assert documents(project) == {path: what for path, what in before.items() if path in documents(project)}
        assert '"step": "init"' in run("get", "w").stdout
        assert target.read_bytes() == GOOD

    @pytest.mark.parametrize("kind", ["link to a file", "dangling link", "FIFO", "device"])
    def test_as_journal(self, project: Path, sessions: Path, run: Run, target: Path, kind: str) -> None:
        (sessions / "w.json").write_bytes(GOOD)
        occupy(sessions.parent / ".journal", kind, target)
        before = documents(project)
        for words in (("get", "w"), ("set", "w", "next"), ("save", "w"), ("reset", "w"), ("get", "--all")):
            assert refused(run(*words)).startswith("ia/state/.journal is ")
            assert documents(project) == before
        assert target.read_bytes() == GOOD

    @pytest.mark.parametrize("folder", ["ia/state", "ia/state/sessions"])
    def test_a_link_as_folder(self, project: Path, tmp_path: Path, run: Run, folder: str) -> None:
        elsewhere = tmp_path / "elsewhere"
        (elsewhere / "sessions").mkdir(parents=True)
        for path in (elsewhere / "w.json", elsewhere / "sessions/w.json"):
            path.write_bytes(GOOD)
        (project / folder).parent.mkdir(parents=True)
        (project / folder).symlink_to(elsewhere)
        before = tree(elsewhere)
        for words in (("get", "w"), ("set", "w", "next"), ("save", "w"), ("reset", "w"), ("get", "--all")):
            assert refused(run(*words)).startswith(f"{folder} is a symbolic link: refused")
            assert tree(elsewhere) == before

    def test_a_link_as_folder_of_archives(self, project: Path, tmp_path: Path, run: Run) -> None:
        assert run("set", "w", "init").code == 0
        (tmp_path / "elsewhere").mkdir()
        (project / "ia/state/sessions/archives").symlink_to(tmp_path / "elsewhere")
        before = documents(project)
        assert refused(run("save", "w")).startswith("ia/state/sessions/archives is a symbolic link: refused")
        assert documents(project) == before
        assert tree(tmp_path / "elsewhere") == {}
