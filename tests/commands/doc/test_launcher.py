"""Test scripts/session_state_manager.py: it works from any folder, linked, copied and isolated."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.launchers import ABSENT, start

SCRIPT = REPOSITORY / "scripts/session_state_manager.py"


@pytest.mark.parametrize("flags", [(), ("-I",), ("-P",), ("-I", "-S")], ids=" ".join)
def test_from_anywhere(tmp_path: Path, flags: tuple[str, ...]) -> None:
    env = {"WORKFLOW_SESSION_CONVERSATIONS": str(tmp_path / "base")}
    for name in ("session", "scripts"):  # what is called like ours where one works is not ours to run
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('the wrong code')\n")
    for number, folder in enumerate((tmp_path, SCRIPT.parent)):
        code, out, _ = start(*flags, SCRIPT, "init", "--convo-id", f"c{number}", cwd=folder, env=env)
        assert code == 0
        assert out.endswith(f"  Path: {tmp_path}/base/c{number}/SESSION_STATE.md\n")
        assert start(*flags, SCRIPT, "init", cwd=folder, env=env)[0] == 2


def test_copied_linked_and_with_another_python(tmp_path: Path) -> None:
    copy, link, old = tmp_path / "copy.py", tmp_path / "link.py", tmp_path / "old.py"
    shutil.copy(SCRIPT, copy)
    assert start("-I", "-S", copy, "--help", cwd=tmp_path) == (1, "", ABSENT)
    code, out, _ = start(copy, "--help", cwd=tmp_path, env={"PYTHONPATH": str(REPOSITORY)})
    assert (code, out.startswith("usage: session_state_manager.py ")) == (0, True)
    link.symlink_to(SCRIPT)
    code, out, _ = start("-I", "-S", link, "--help", cwd=tmp_path)
    assert (code, out.startswith("usage: session_state_manager.py ")) == (0, True)
    old.write_text(SCRIPT.read_text().replace("(3, 11)", "(9, 0)"))
    code, out, err = start(old, "--help", cwd=tmp_path)
    assert (code, out) == (1, "")
    assert err.startswith("session needs Python 3.11 or later; this one is ")


def test_it_holds_no_logic() -> None:
    lines = SCRIPT.read_text().splitlines()
    assert lines[-1] == "output.leave(session_state_manager.main(sys.argv[1:]))"
    assert len(lines) < 20
