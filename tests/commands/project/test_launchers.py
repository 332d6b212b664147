"""The launchers with the names of the original scripts: they work from any folder, linked, copied and isolated."""

import os
import shutil
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.launchers import ABSENT, start
from tests.project.conftest import stored

NAMES = ("update_state", "session_manager")


@pytest.mark.parametrize("flags", [(), ("-I",), ("-P",), ("-I", "-S")], ids=" ".join)
def test_from_anywhere(prism: Path, tmp_path: Path, flags: tuple[str, ...]) -> None:
    env = {"PRISM_ROOT": str(prism)}
    for folder in (tmp_path, REPOSITORY / "scripts"):
        script = REPOSITORY / "scripts/session_manager.py"
        code, out, err = start(*flags, script, "start", "1.A.5", cwd=folder, env=env)
        assert (code, err) == (0, "")
        assert out.startswith(f"✅ State saved to {prism}/CURRENT_STATE.json\n")
        script = REPOSITORY / "scripts/update_state.py"
        assert start(*flags, script, "complete", "x", cwd=folder, env=env)[::2] == (0, "")
        assert start(*flags, REPOSITORY / "scripts/session_manager.py", "end", cwd=folder, env=env)[::2] == (0, "")
    assert len(stored(prism)["history"]) == 2


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_linked(prism: Path, tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / f"{name}.py").symlink_to(REPOSITORY / f"scripts/{name}.py")
        code, out, err = start(tmp_path / f"{name}.py", "--help", cwd=tmp_path)
        assert (code, err) == (0, "")
        assert out.startswith("usage: session project ")


def test_copied_beside_nothing(tmp_path: Path) -> None:
    """A copy elsewhere uses the installed package; if there is none, it prints how to install it."""
    (tmp_path / "copy").mkdir()
    for name in NAMES:
        script = tmp_path / "copy" / f"{name}.py"
        shutil.copy(REPOSITORY / f"scripts/{name}.py", script)
        assert start("-I", "-S", script, "--help", cwd=tmp_path) == (1, "", ABSENT)
        code, out, _ = start(script, "--help", cwd=tmp_path, env={"PYTHONPATH": str(REPOSITORY)})
        assert (code, out.startswith("usage: session project ")) == (0, True)


def test_beside_folders_of_the_same_name(prism: Path, tmp_path: Path) -> None:
    """A folder in the working folder that has the name of our package is not imported."""
    for name in ("session", "scripts"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('the wrong code')\n")
    env = {"PRISM_ROOT": str(prism)}
    code, _, err = start(REPOSITORY / "scripts/update_state.py", "complete", "x", cwd=tmp_path, env=env)
    assert (code, err) == (0, "")


def test_an_older_python_is_named(tmp_path: Path) -> None:
    for name in NAMES:
        text = (REPOSITORY / f"scripts/{name}.py").read_text()
        (tmp_path / f"{name}.py").write_text(text.replace("(3, 11)", "(9, 0)"))
        code, out, err = start(tmp_path / f"{name}.py", "status", cwd=tmp_path)
        assert (code, out) == (1, "")
        assert err.startswith("session needs Python 3.11 or later; this one is ")


def test_they_hold_no_logic() -> None:
    for name in NAMES:
        lines = (REPOSITORY / f"scripts/{name}.py").read_text().splitlines()
        assert lines[-1] == f"output.leave({name}.main(sys.argv[1:]))"
        assert len(lines) < 20
