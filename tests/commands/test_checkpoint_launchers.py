"""Test checkpoint_system.py and context_generator.py in scripts/: they work from any folder, as modules and copied."""

import json
import shutil
from pathlib import Path

import pytest

from tests.commands.module_process import lay
from tests.conftest import REPOSITORY
from tests.launchers import ABSENT, start

SCRIPTS = REPOSITORY / "scripts"
CONTEXT = SCRIPTS / "context_generator.py"
CHECKPOINT = SCRIPTS / "state" / "checkpoint_system.py"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    lay(tmp_path / "prism", "{}", "CURRENT_STATE.json")
    return tmp_path / "prism"


@pytest.mark.parametrize("flags", [(), ("-I",), ("-P",), ("-I", "-S")], ids=" ".join)
def test_from_anywhere(root: Path, tmp_path: Path, flags: tuple[str, ...]) -> None:
    env = {"PRISM_ROOT": str(root)}
    for folder in (tmp_path, SCRIPTS):
        code, out, err = start(*flags, CHECKPOINT, "create", cwd=folder, env=env)
        assert (code, err, out.startswith("Created checkpoint: CP_")) == (0, "", True)
        code, out, err = start(*flags, CONTEXT, cwd=folder, env=env)
        assert (code, err, out.startswith("Session context: ")) == (0, "", True)


def test_as_the_module_that_it_was(root: Path) -> None:
    env = {"PRISM_ROOT": str(root)}
    module = ("-m", "state.checkpoint_system")
    code, out, err = start(*module, "create", "--desc", "é", cwd=SCRIPTS, env=env)
    assert (code, err) == (0, "")
    assert start(*module, "restore", cwd=SCRIPTS, env=env)[:2] == (
        0,
        f"Nothing differs from checkpoint {out.split()[-1]}\n",
    )
    rows = json.loads(start(*module, "list", "--json", cwd=SCRIPTS, env=env)[1])
    assert [one["description"] for one in rows] == ["é"]
    assert start(*module, cwd=SCRIPTS)[0] == 1


@pytest.mark.parametrize(("script", "name"), [(CONTEXT, "context"), (CHECKPOINT, "checkpoint")])
def test_copied_linked_and_with_another_python(tmp_path: Path, script: Path, name: str) -> None:
    folder = tmp_path / "bin" / "state"
    folder.mkdir(parents=True)
    copy, link, old = folder / script.name, folder / "link.py", folder / "old.py"
    shutil.copy(script, copy)
    assert start("-I", "-S", copy, "--help", cwd=tmp_path) == (1, "", ABSENT)
    code, out, _ = start(copy, "--help", cwd=tmp_path, env={"PYTHONPATH": str(REPOSITORY)})
    assert (code, out.startswith(f"usage: session {name} ")) == (0, True)
    link.symlink_to(script)
    code, out, _ = start("-I", "-S", link, "--help", cwd=tmp_path)
    assert (code, out.startswith(f"usage: session {name} ")) == (0, True)
    old.write_text(script.read_text().replace("(3, 11)", "(9, 0)"))
    code, out, err = start(old, "--help", cwd=tmp_path)
    assert (code, out) == (1, "")
    assert err.startswith("session needs Python 3.11 or later; this one is ")


@pytest.mark.parametrize("script", [CONTEXT, CHECKPOINT])
def test_they_hold_no_logic(script: Path) -> None:
    lines = script.read_text().splitlines()
    assert lines[-1].startswith("output.leave(")
    assert len(lines) < 20
