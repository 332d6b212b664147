"""Permissions: folders and files are private to their owner, with any umask."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, Ended, needs_root

pytestmark = pytest.mark.skipif(os.name == "nt", reason="access on Windows comes from the folder above")

OTHER_USER = 65534


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(project: Path) -> dict[str, int]:
    return {str(path.relative_to(project)): stat.S_IMODE(path.lstat().st_mode) for path in project.rglob("*")}


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o177])
def test_exact_at_creation(project: Path, capfd: pytest.CaptureFixture[str], mask: int) -> None:
    from session import save, set

    os.umask(mask)
    assert set.main(["a", "init"]) == set.main(["b", "init"]) == save.main(["a"]) == 0
    found = modes(project)
    [archive] = [path for path in found if path.endswith(".md")]
    assert found == {
        "ia": 0o700,
        "ia/state": 0o700,
        "ia/state/.gitignore": 0o600,
        "ia/state/.lock": 0o600,
        "ia/state/sessions": 0o700,
        "ia/state/sessions/b.json": 0o600,
        "ia/state/sessions/archives": 0o700,
        archive: 0o600,
    }


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o666, 0o640])
def test_a_file_that_is_replaced_keeps_its_mode(
    project: Path, sessions: Path, capfd: pytest.CaptureFixture[str], mode: int
) -> None:
    from session import set

    os.umask(0o077)
    (sessions / "a.json").write_bytes(b"{}")
    (sessions / "a.json").chmod(mode)
    sessions.chmod(0o755)  # made by another tool: not ours to change
    assert set.main(["a", "init"]) == 0
    assert stat.S_IMODE((sessions / "a.json").stat().st_mode) == mode
    assert stat.S_IMODE(sessions.stat().st_mode) == 0o755


@needs_root
class TestAnotherUser:
    """An error names the owner if files belong to another user, as after a container that ran as root."""

    @pytest.fixture
    def place(self) -> Iterator[Path]:
        """Return a project folder that other users can reach; pytest's own folders are private."""
        if not shutil.which("setpriv"):
            pytest.skip("needs setpriv to act as another user")
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            folder.chmod(0o755)
            (folder / "ia/state/sessions/archives").mkdir(parents=True)
            (folder / "ia/state/sessions/w.json").write_bytes(b'{"step": "init", "steps": ["init"]}')
            yield folder

    @staticmethod
    def run(place: Path, name: str, *words: str) -> Ended:
        """Run a command as another user, with a Python that any user can run."""
        python = next((p for p in (sys.executable, "/usr/bin/python3") if Path(p).exists() and works(p)), None)
        if python is None:
            pytest.skip("no Python 3.11 that another user can run")
        done = subprocess.run(
            [*as_other(python), "-m", f"session.{name}", *words], cwd=place, capture_output=True, check=False
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def test_a_file(self, place: Path) -> None:
        path = place / "ia/state/sessions/w.json"
        path.chmod(0o600)
        before = path.read_bytes()
        ended = self.run(place, "get", "w")
        assert (ended.code, ended.stdout) == (1, "")
        assert ended.stderr == (
            "cannot read ia/state/sessions/w.json: permission denied"
            " (ia/state/sessions/w.json belongs to another user (uid 0))\n"
        )
        assert path.read_bytes() == before

    def test_a_folder(self, place: Path) -> None:
        state = place / "ia/state"
        before = (state / "sessions/w.json").read_bytes()
        for words in (("set", "w", "next"), ("save", "w"), ("reset", "w")):
            ended = self.run(place, *words)
            assert (ended.code, ended.stdout) == (1, "")
            assert ended.stderr == (
                "cannot use ia/state/.lock: permission denied; nothing changed"
                " (ia/state belongs to another user (uid 0))\n"
            )
        assert (state / "sessions/w.json").read_bytes() == before
        assert self.run(place, "get", "w").code == 0  # which may be read

    def test_a_folder_of_sessions(self, place: Path) -> None:
        for folder in (place / "ia", place / "ia/state"):
            os.chown(folder, OTHER_USER, OTHER_USER)
        ended = self.run(place, "set", "new", "init")
        assert (ended.code, ended.stdout) == (1, "")
        assert ended.stderr == (
            "cannot write ia/state/sessions/new.json: permission denied; nothing changed"
            " (ia/state/sessions belongs to another user (uid 0))\n"
        )

    def test_closed_folders(self, place: Path) -> None:
        (place / "ia").chmod(0o700)
        ended = self.run(place, "get", "w")
        assert (ended.code, ended.stdout) == (1, "")
        assert ended.stderr.endswith("permission denied (ia belongs to another user (uid 0))\n")


def as_other(python: str) -> list[str]:
    ids = [f"--reuid={OTHER_USER}", f"--regid={OTHER_USER}", "--clear-groups"]
    return ["setpriv", *ids, "env", f"PYTHONPATH={REPOSITORY}", "PYTHONDONTWRITEBYTECODE=1", python, "-P"]


def works(python: str) -> bool:
    tried = subprocess.run([*as_other(python), "-c", "import session.set"], capture_output=True, check=False)
    return tried.returncode == 0
