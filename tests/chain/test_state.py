"""A conversation's state on disk: names are strict, a write is whole or nothing, and a failed one returns False."""

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import session.chain as ss
from session.chain import location, state
from session.chain.expiry import sweep
from session.errors import Busy, SessionError
from session.host import clock
from session.store import journal
from session.store.files import Folder
from session.store.lock import Lock
from session.store.paths import CHAINS
from tests.conftest import Before

ONE: Any = {"chain_id": "chain-a#1", "current_step": 1, "total_steps": 2}
OTHER: Any = {"chain_id": "chain-é#2", "current_step": 2, "total_steps": 2}
BAD: list[Any] = ["", "a/b", "../x", "..", ".x", "-x", "a\\b", "a\nb", "a\0b", "x" * 200, "\ud800", None, 7, ["a"]]


@pytest.fixture
def folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of states, in a workspace."""
    (project / "ws").mkdir()
    monkeypatch.setenv("MCP_WORKSPACE", str(project / "ws"))
    return project / "ws/server/cache/sessions"


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".lock"}


def test_a_round_trip(folder: Path) -> None:
    assert ss.load_session_state("s1") is None
    assert ss.save_session_state("s1", ONE)
    assert ss.save_session_state("s2", OTHER)
    assert (ss.load_session_state("s1"), ss.load_session_state("s2")) == (ONE, OTHER)
    both = (("s1", ONE), ("s2", OTHER))
    assert files(folder) == {f"{name}.json": json.dumps(each, indent=2).encode() for name, each in both}
    assert ss.save_session_state("s1", OTHER)
    assert ss.load_session_state("s1") == OTHER
    assert ss.clear_session_state("s1")
    assert ss.clear_session_state("s1")
    assert (ss.load_session_state("s1"), ss.load_session_state("s2")) == (None, OTHER)


def test_the_path_can_be_written_to(folder: Path) -> None:
    path = ss.get_session_state_path("s1")
    assert path == ss.SESSION_STATE_DIR / "s1.json" == folder / "s1.json"
    path.write_text(json.dumps(ONE))
    assert ss.load_session_state("s1") == ONE


@pytest.mark.parametrize("name", BAD, ids=repr)
def test_bad_ids(folder: Path, name: Any) -> None:
    for refused in (
        lambda: ss.save_session_state(name, ONE),
        lambda: ss.load_session_state(name),
        lambda: ss.clear_session_state(name),
        lambda: ss.get_session_state_path(name),
    ):
        with pytest.raises(ValueError, match="conversation id"):
            refused()
    assert not folder.exists()
    assert isinstance(name, str) is False or location.has_state(name) is False


@pytest.mark.parametrize("name", ["a/b", "../sessions/s1", ".x", "-x", "a\\b"])
def test_a_file_of_that_name_is_no_state(folder: Path, name: str) -> None:
    assert ss.save_session_state("s1", ONE)
    (folder / "a").mkdir()
    if not name.startswith(".."):
        (folder / f"{name}.json").write_text(json.dumps(ONE))
    assert (folder / f"{name}.json").exists()
    assert not location.has_state(name)
    state.drop(name)
    assert state.update(name, lambda old: None, 1) is None
    assert (folder / f"{name}.json").exists()


@pytest.mark.parametrize(
    "body",
    [b"", b"{bad", b"[1]", b'"x"', b"null", b"\0" * 100, b'{"\xff"', b'{"a": NaN}', '{"a": 1}'.encode("utf-16")],
)
def test_what_is_no_state_is_none_and_stays(folder: Path, body: bytes) -> None:
    folder.mkdir(parents=True)
    (folder / "s1.json").write_bytes(body)
    assert ss.load_session_state("s1") is None
    assert files(folder) == {"s1.json": body}
    assert ss.save_session_state("s1", ONE)
    assert ss.load_session_state("s1") == ONE


@pytest.mark.parametrize("wrong", [{"a": {1}}, {"a": float("nan")}, [1], None, "x", {("a",): 1}])
def test_what_can_not_be_kept_changes_nothing(folder: Path, wrong: Any) -> None:
    assert ss.save_session_state("s1", ONE)
    assert not ss.save_session_state("s1", wrong)
    loop: Any = {}
    loop["loop"] = loop
    assert not ss.save_session_state("s1", loop)
    assert not ss.save_session_state("s1", {"a": "x" * (17 << 20)})  # type: ignore[typeddict-unknown-key, typeddict-item]
    assert ss.load_session_state("s1") == ONE


def test_where_nothing_can_be_written(folder: Path, project: Path) -> None:
    assert ss.save_session_state("s1", ONE)
    (folder / "s2.json").symlink_to(project / "elsewhere")
    (folder / "s3.json").mkdir()
    for name in ("s2", "s3"):
        assert not ss.save_session_state(name, OTHER)
        assert ss.load_session_state(name) is None
    assert not (project / "elsewhere").exists()
    (project / "ws/server").rename(project / "moved")
    (project / "ws/server").write_text("a file")
    assert not ss.save_session_state("s1", OTHER)
    assert ss.load_session_state("s1") is None
    assert ss.clear_session_state("s1")
    assert (project / "ws/server").read_text() == "a file"


def test_a_busy_store(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ss.save_session_state("s1", ONE)
    monkeypatch.setenv("WORKFLOW_SESSION_LOCK_TIMEOUT_S", "0.05")
    held = Lock(Folder.at(str(folder), ""), 1)
    try:
        assert not ss.save_session_state("s1", OTHER)
        assert not ss.clear_session_state("s1")
    finally:
        held.release(clean=True)
    assert ss.load_session_state("s1") == ONE


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_modes(folder: Path) -> None:
    before = os.umask(0o022)
    try:
        ss.save_session_state("s1", ONE)
    finally:
        os.umask(before)
    for path in (folder, folder.parent, folder / "s1.json"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_readers_among_hooks_make_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "ws").mkdir()
    monkeypatch.setenv("MCP_WORKSPACE", "ws")
    assert state.load("s1") is None
    assert not location.has_state("s1")
    state.drop("s1")
    assert state.update("s1", lambda old: old, 1) is None
    assert sweep(1) == []
    assert list((project / "ws").iterdir()) == []


def test_sweeping(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("old", "older", "young"):
        assert ss.save_session_state(name, ONE)
    now_s = clock.now_ms() / 1000
    for name, hours in (("old", 24.1), ("older", 1000), ("young", 23.9)):
        os.utime(folder / f"{name}.json", (now_s, now_s - hours * 3600))
    for name in ("-strange.json", "notes.txt", ".hidden.json"):
        (folder / name).write_text("{}")
        os.utime(folder / name, (0, 0))
    (folder / "folder.json").mkdir()
    (folder / "link.json").symlink_to("nowhere")
    os.utime(folder / "folder.json", (0, 0))
    assert sweep(1) == ["old", "older"]
    assert sweep(1) == []
    assert {path.name for path in folder.iterdir()} == {
        *("young.json", "-strange.json", "notes.txt", ".hidden.json", "folder.json", "link.json", ".lock"),
    }
    monkeypatch.setattr(clock, "now_ms", lambda: 0)  # a clock that went back
    assert sweep(1) == []


def test_a_sweep_that_was_killed_is_finished(folder: Path) -> None:
    for name in ("one", "two", "three"):
        assert ss.save_session_state(name, ONE)
        os.utime(folder / f"{name}.json", (0, 0))
    code = (
        "from tests.durability.mutants import MUTANTS; MUTANTS['dies-after-commit']();"
        "from session.chain.expiry import sweep; sweep(1)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 9, done.stderr
    assert (folder / "one.json").exists()
    assert ss.load_session_state("one") is None
    assert ss.save_session_state("two", OTHER)
    assert set(files(folder)) == {"two.json"}


def test_update(folder: Path) -> None:
    assert ss.save_session_state("s1", ONE)
    before = (folder / "s1.json").stat().st_mtime_ns
    assert state.update("s1", lambda old: old, 1) == ONE
    assert (folder / "s1.json").stat().st_mtime_ns == before
    assert state.update("s1", lambda old: {**old, "x": 1}, 1) == {**ONE, "x": 1}
    assert state.update("s1", lambda old: None, 1) is None
    assert files(folder) == {}
    (folder / "s1.json").write_text("{bad")
    assert state.update("s1", lambda old: {}, 1) is None
    assert files(folder) == {"s1.json": b"{bad"}
    with pytest.raises(SessionError, match="no JSON can be made"):
        state.encode({1j})


def test_an_update_changes_what_is_there_under_the_lock(folder: Path, before_the_lock: Before) -> None:
    """Two hooks at once: the second one gets the lock after the first, and must not undo its change."""
    assert ss.save_session_state("s1", ONE)
    before_the_lock(lambda: state.update("s1", lambda old: {**old, "first": 1}, 1))
    assert state.update("s1", lambda old: {**old, "second": 2}, 1) == {**ONE, "first": 1, "second": 2}
    assert ss.load_session_state("s1") == {**ONE, "first": 1, "second": 2}


def test_an_update_does_not_bring_a_state_back(folder: Path, before_the_lock: Before) -> None:
    assert ss.save_session_state("s1", ONE)
    before_the_lock(lambda: ss.clear_session_state("s1"))
    assert state.update("s1", lambda old: {**old, "second": 2}, 1) is None
    assert files(folder) == {}


def test_an_update_deletes_only_what_is_to_be_deleted(folder: Path, before_the_lock: Before) -> None:
    """The verification passed, but another call has begun a chain meanwhile."""
    assert ss.save_session_state("s1", ONE)
    before_the_lock(lambda: ss.save_session_state("s1", OTHER))
    assert state.update("s1", lambda old: None if old == ONE else old, 1) == OTHER
    assert ss.load_session_state("s1") == OTHER


def test_of_many_updates_at_once_none_is_lost(folder: Path) -> None:
    assert ss.save_session_state("s1", ONE)
    code = (
        "from session.chain.state import update\n"
        "print(flush=True)\n"
        "update('s1', lambda old: {**old, 'count': old.get('count', 0) + 1}, 60)"
    )
    held = Lock(Folder.at(str(folder), ""), 1)
    try:
        hooks = [subprocess.Popen([sys.executable, "-P", "-c", code], stdout=subprocess.PIPE) for _ in range(4)]
        for hook in hooks:
            assert hook.stdout
            hook.stdout.readline()
    finally:
        held.release(clean=True)
    assert [hook.communicate(timeout=60) and hook.returncode for hook in hooks] == [0] * 4
    assert ss.load_session_state("s1") == {**ONE, "count": 4}


def test_a_sweep_spares_what_was_written_before_it_got_the_lock(folder: Path, before_the_lock: Before) -> None:
    """A conversation goes on after a day, while another one begins and sweeps."""
    for name in ("goes on", "stale"):
        assert ss.save_session_state(name, ONE)
        os.utime(folder / f"{name}.json", (0, 0))
    before_the_lock(lambda: ss.save_session_state("goes on", OTHER))
    assert sweep(1) == ["stale"]
    assert ss.load_session_state("goes on") == OTHER
    assert set(files(folder)) == {"goes on.json"}


def test_a_sweep_does_not_claim_what_another_one_removed(folder: Path, before_the_lock: Before) -> None:
    assert ss.save_session_state("stale", ONE)
    os.utime(folder / "stale.json", (0, 0))
    before_the_lock(lambda: sweep(1))
    assert sweep(1) == []
    assert files(folder) == {}


def test_a_journal_that_came_with_a_clone_is_not_carried_out(folder: Path) -> None:
    folder.mkdir(parents=True)
    planted = journal.pack(CHAINS, {("chains", "s1"): journal.change_of(b'{"chain_id": "planted"}', None)})
    (folder / ".journal").write_bytes(planted)
    top = folder.parents[2]
    for words in (("init", "-q"), ("add", "-f", ".")):
        subprocess.run(["git", *words], cwd=top, check=True)
    assert ss.load_session_state("s1") is None
    assert ss.save_session_state("s2", ONE)
    assert not (folder / "s1.json").exists()
    assert (folder / ".journal").read_bytes() == planted


def test_a_caller_may_wait_less_than_the_environment_says(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hooks do: the agent waits for them."""
    assert ss.save_session_state("s1", ONE)
    monkeypatch.setenv("WORKFLOW_SESSION_LOCK_TIMEOUT_S", "20")
    held = Lock(Folder.at(str(folder), ""), 1)
    began_s = time.monotonic()
    try:
        for write in (lambda: state.put("s1", OTHER, 0.05), lambda: state.drop("s1", 0.05)):
            with pytest.raises(Busy):
                write()
    finally:
        held.release(clean=True)
    assert time.monotonic() - began_s < 15
