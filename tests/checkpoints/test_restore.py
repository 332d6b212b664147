"""Restore: which files are restored, which are left alone, and that no replaced content is lost."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.commands.module_process import STATE, checkpoint, lay, made
from tests.commands.test_checkpoint import ORIGINAL, ids, original, stored
from tests.conftest import Run
from tests.store.tree import tree

SESSIONS = "ia/state/sessions"
ONE = '{"current": {"phase": "1.A"}, "n": 12345678901234567890}\n'
TWO = '{"current": {"phase": "2.B"}}'


def state(project: Path) -> str:
    return (project / STATE).read_bytes().decode("latin-1")


def session(project: Path, workflow: str) -> Any:
    return json.loads((project / SESSIONS / f"{workflow}.json").read_text())


def restored(name: str, *lines: str, saved: str = "") -> str:
    text = [f"Restored checkpoint: {name}", *(f"  {line}" for line in lines)]
    return "\n".join([*text, *([f"What was replaced is in checkpoint {saved}"] if saved else [])]) + "\n"


def test_the_newest_one_by_default(project: Path) -> None:
    lay(project, ONE)
    made()
    lay(project, TWO)
    name = made()
    lay(project, "{}")
    ended = checkpoint("restore")
    assert (ended.code, ended.stderr, state(project)) == (0, "", TWO)
    assert ended.stdout == restored(name, f"{STATE} (replaced)", saved=ids()[0])


def test_one_by_its_id_byte_for_byte(project: Path) -> None:
    lay(project, ONE)
    name = made()
    lay(project, TWO)
    made()
    assert checkpoint("restore", "--id", name).code == 0
    assert state(project) == ONE


def test_the_newest_valid_one(project: Path) -> None:
    lay(project, ONE)
    good = made()
    lay(project, TWO)
    at = project / f"ia/state/CHECKPOINTS/{made()}/checkpoint.json"
    at.write_bytes(at.read_bytes().replace(b"2.B", b"3.C"))
    ended = checkpoint("restore")
    assert (ended.stdout.split("\n")[0], state(project)) == (f"Restored checkpoint: {good}", ONE)
    ended = checkpoint("restore", "--id", at.parent.name)
    assert (ended.code, ended.stdout) == (1, "")
    assert " can't be relied on: its checksum is wrong" in ended.stderr
    shutil.rmtree(at.parent.parent / good)
    ended = checkpoint("restore")
    assert ended.code == 1
    assert ended.stderr.startswith(f"no checkpoint is valid, the newest: ia/state/CHECKPOINTS/{at.parent.name}/")


@pytest.mark.parametrize("broken", [b"{bad", b"", b"[1]", b"null", b"\xff\x00\xfe", b'{"x": NaN}'], ids=range(6))
def test_a_broken_state_is_saved_as_it_is_and_replaced(project: Path, broken: bytes) -> None:
    lay(project, ONE)
    name = made()
    lay(project, broken)
    ended = checkpoint("restore")
    saved = ids()[0]
    was = "was missing" if broken == b"null" else "was broken"
    assert (ended.code, ended.stdout) == (0, restored(name, f"{STATE} ({was})", saved=saved))
    assert state(project) == ONE
    saved_document = stored(project, saved)
    assert (saved_document["before_restore_of"], saved_document["state_snapshot"]) == (name, None)
    [file] = saved_document["files"]
    assert file["text"].encode() == broken if "text" in file else "base64" in file
    # the broken one is intact as a checkpoint, but nothing to go back to
    assert checkpoint("verify").code == 0
    ended = checkpoint("restore", "--id", saved)
    assert (ended.code, ended.stdout) == (1, "")
    assert " holds no project state to go back to" in ended.stderr
    assert checkpoint("restore").stdout == f"Nothing differs from checkpoint {name}\n"


def test_a_missing_state(project: Path) -> None:
    lay(project, ONE)
    name = made()
    (project / STATE).unlink()
    assert checkpoint("restore").stdout == restored(name, f"{STATE} (was missing)")
    assert state(project) == ONE
    assert ids() == [name]  # there was nothing to save


def test_what_was_replaced_can_be_had_back(project: Path) -> None:
    lay(project, ONE)
    name = made()
    lay(project, TWO)
    checkpoint("restore")
    saved = ids()[0]
    for _ in range(2):  # again changes nothing: it does not go back and forth
        assert checkpoint("restore").stdout == f"Nothing differs from checkpoint {name}\n"
    assert (ids(), state(project)) == ([saved, name], ONE)
    assert checkpoint("restore", "--id", saved).code == 0
    assert state(project) == TWO


def test_live_sessions_of_others_stay_as_they_are(project: Path, run: Run) -> None:
    lay(project, ONE)
    for workflow in ("alive", "broken", "lost"):
        run("set", workflow, "one")
    before = session(project, "broken")
    name = made()
    lay(project, TWO)
    run("set", "alive", "two")
    run("set", "begun:since", "one")
    lay(project, b"{bad", f"{SESSIONS}/broken.json")
    (project / SESSIONS / "lost.json").unlink()
    ended = checkpoint("restore")
    saved = ids()[0]
    assert (ended.code, ended.stderr) == (0, "")
    assert ended.stdout == restored(
        name,
        f"{STATE} (replaced)",
        f"{SESSIONS}/broken.json (was broken)",
        f"{SESSIONS}/lost.json (was missing)",
        saved=saved,
    )
    assert session(project, "alive")["steps"] == ["one", "two"]
    assert session(project, "begun:since")["steps"] == ["one"]
    assert session(project, "broken") == before
    assert session(project, "lost")["steps"] == ["one"]
    texts = {file["name"]: file["text"] for file in stored(project, saved)["files"]}
    assert texts.keys() == {"CURRENT_STATE", "broken", "alive", "begun:since"}
    assert (texts["CURRENT_STATE"], texts["broken"]) == (TWO, "{bad")


def test_everything_when_asked_for(project: Path, run: Run) -> None:
    lay(project, ONE)
    run("set", "alive", "one")
    run("set", "anew", "one")
    name = made()
    run("set", "alive", "two")
    run("set", "begun:since", "one")
    run("reset", "anew")
    run("set", "anew", "other")
    ended = checkpoint("restore", "--all")
    assert ended.code == 0
    assert ended.stdout == restored(name, f"{SESSIONS}/alive.json (replaced)", saved=ids()[0])
    assert ended.stderr == f"left alone: {SESSIONS}/anew.json begun since, so it stays\n"
    assert session(project, "alive")["steps"] == ["one"]
    assert session(project, "anew")["steps"] == ["other"]
    assert session(project, "begun:since")["steps"] == ["one"]
    assert checkpoint("restore", "--all", "--id", ids()[0]).code == 0
    assert session(project, "alive")["steps"] == ["one", "two"]


@pytest.mark.parametrize("words", [(), ("--all",)])
def test_archived_sessions_are_not_revived(project: Path, run: Run, words: tuple[str, ...]) -> None:
    lay(project, ONE)
    for workflow in ("before", "w:pr", "theirs"):
        run("set", workflow, "one")
    run("save", "before")
    run("set", "before", "two")
    name = made()
    (project / SESSIONS / "before.json").unlink()
    run("save", "w:pr")
    (project / SESSIONS / "theirs.json").unlink()
    archive = "# theirs - 2999-01-01\n\n**Status:** completed\n"  # of a day, without a time
    lay(project, archive, f"{SESSIONS}/archives/theirs.md")
    ended = checkpoint("restore", *words)
    assert (ended.code, ended.stdout) == (0, restored(name, f"{SESSIONS}/before.json (was missing)"))
    assert ended.stderr == "".join(
        f"left alone: {SESSIONS}/{workflow}.json archived since, so it is not revived\n"
        for workflow in ("theirs", "w:pr")
    )
    assert sorted(path.name for path in (project / SESSIONS).glob("*.json")) == ["before.json"]


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_what_is_in_the_way_is_refused_before_anything_changes(project: Path) -> None:
    lay(project, ONE)
    lay(project, "{}", f"{SESSIONS}/w.json")
    made()
    at = project / STATE
    for make in (at.mkdir, lambda: at.symlink_to(project / "elsewhere"), lambda: os.mkfifo(at)):
        at.unlink()
        (project / SESSIONS / "w.json").unlink(missing_ok=True)
        make()
        before = tree(project)
        ended = checkpoint("restore")
        assert (ended.code, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
        assert ended.stderr.startswith(STATE)
        assert tree(project) == before
        if at.is_dir():
            at.rmdir()
            at.touch()
    # a session that can't be restored keeps nothing else from being restored
    at.unlink()
    (project / SESSIONS / "w.json").mkdir()
    ended = checkpoint("restore")
    assert (ended.code, ended.stderr) == (
        0,
        f"left alone: {SESSIONS}/w.json is not a file: refused (move it away)\n",
    )
    assert state(project) == ONE


def test_those_of_the_original_scripts(tmp_path: Path) -> None:
    root = tmp_path / "prism"
    env = {"PRISM_ROOT": str(root)}
    folder = original(root)
    wanted = json.loads((folder / "CURRENT_STATE.json").read_text())
    lay(root, "{bad", "CURRENT_STATE.json")
    ended = checkpoint("restore", env=env)
    assert (ended.code, ended.stderr) == (0, "")
    assert ended.stdout.startswith(f"Restored checkpoint: {ORIGINAL}\n  {root}/CURRENT_STATE.json (was broken)\n")
    assert json.loads((root / "CURRENT_STATE.json").read_text()) == wanted
    assert checkpoint("diff", env=env).stdout == f"No differences from {ORIGINAL}\n"


def test_a_checkpoint_from_elsewhere_puts_nothing_where_it_does_not_belong(project: Path, tmp_path: Path) -> None:
    """A root that holds nothing but state takes only the state from the checkpoint of a whole project."""
    lay(project, ONE)
    lay(project, "{}", f"{SESSIONS}/w.json")
    name = made()
    root = tmp_path / "prism"
    shutil.copytree(project / "ia/state/CHECKPOINTS", root / "CHECKPOINTS")
    ended = checkpoint("restore", "--all", env={"PRISM_ROOT": str(root)})
    assert ended.stdout == restored(name, f"{root}/CURRENT_STATE.json (was missing)")
    assert not (root / "sessions").exists()
