"""Tests of trust: which commands of a repository the user trusts, and that nothing else makes one trusted."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.errors import Busy, SessionError
from session.host import trust
from session.store.files import Folder
from session.store.lock import Lock
from tests.conftest import needs_root

COMMANDS = {"health_check": "curl -sf localhost", "test_command": "pytest -q"}


@pytest.fixture
def root(project: Path) -> str:
    return str(project)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Return the path of the record of trust."""
    return tmp_path / "home" / ".config" / "workflow-session" / "trust.json"


class TestTrust:
    def test_from_new_to_trusted_to_changed(self, root: str) -> None:
        assert trust.status(root, COMMANDS) == dict.fromkeys(COMMANDS, trust.NEW)
        trust.trust(root, COMMANDS)
        assert trust.status(root, COMMANDS) == dict.fromkeys(COMMANDS, trust.TRUSTED)
        changed = {**COMMANDS, "test_command": "pytest -q "}
        assert trust.status(root, changed) == {"health_check": trust.TRUSTED, "test_command": trust.CHANGED}
        trust.trust(root, changed)
        assert trust.status(root, COMMANDS)["test_command"] == trust.CHANGED
        assert trust.status(root, {"init_script": "pytest -q"}) == {"init_script": trust.NEW}

    def test_require(self, root: str) -> None:
        hint = r" \(session trust shows it, and asks\)$"
        with pytest.raises(SessionError, match=f"^test_command of {root} is not trusted: not run{hint}"):
            trust.require(root, "test_command", "a")
        trust.trust(root, {"test_command": "a"})
        trust.require(root, "test_command", "a")
        with pytest.raises(SessionError, match=f"has changed since it was trusted: not run{hint}"):
            trust.require(root, "test_command", "b")
        with pytest.raises(SessionError, match=f"^tests of F-1 of {root} are not trusted: not run{hint}"):
            trust.require(root, "tests of F-1", "a")
        trust.trust(root, {"tests of F-1": "a"})
        with pytest.raises(SessionError, match=f"have changed since they were trusted: not run{hint}"):
            trust.require(root, "tests of F-1", "b")

    def test_another_copy_is_not_trusted_but_the_same_folder_by_a_link_is(self, root: str, tmp_path: Path) -> None:
        trust.trust(root, COMMANDS)
        (tmp_path / "copy").mkdir()
        assert set(trust.status(str(tmp_path / "copy"), COMMANDS).values()) == {trust.NEW}
        (tmp_path / "link").symlink_to(root)
        assert set(trust.status(str(tmp_path / "link"), COMMANDS).values()) == {trust.TRUSTED}

    def test_a_link_stands_for_its_folder_in_every_change(self, root: str, tmp_path: Path, kept: Path) -> None:
        link = tmp_path / "link"
        link.symlink_to(root)
        trust.trust(str(link), COMMANDS)
        assert list(json.loads(kept.read_text())["trusted"]) == [root]
        trust.require(root, "test_command", COMMANDS["test_command"])
        assert trust.revoke(str(link), ["health_check"]) == 1
        assert trust.status(root, COMMANDS) == {"health_check": trust.NEW, "test_command": trust.TRUSTED}
        assert trust.revoke(str(link)) == 1
        assert json.loads(kept.read_text()) == {"trusted": {}}

    def test_revoke_by_name(self, root: str, kept: Path) -> None:
        trust.trust(root, COMMANDS)
        before = kept.read_bytes()
        assert trust.revoke(root, ["init_script"]) == 0
        assert kept.read_bytes() == before
        assert trust.revoke(root, ["init_script", "test_command"]) == 1
        assert trust.status(root, COMMANDS) == {"health_check": trust.TRUSTED, "test_command": trust.NEW}
        assert trust.revoke(root, ["health_check"]) == 1
        assert json.loads(kept.read_text()) == {"trusted": {}}

    def test_revoke(self, root: str, tmp_path: Path, kept: Path) -> None:
        assert trust.revoke(root) == 0
        assert not kept.parent.exists()
        trust.trust(root, COMMANDS)
        trust.trust(str(tmp_path), COMMANDS)
        assert trust.revoke(root) == 2
        assert trust.revoke(root) == 0
        assert set(trust.status(root, COMMANDS).values()) == {trust.NEW}
        assert set(trust.status(str(tmp_path), COMMANDS).values()) == {trust.TRUSTED}

    @given(st.tuples(st.text(), st.text(), st.text()), st.tuples(st.text(), st.text(), st.text()))
    def test_no_two_triples_share_a_hash(self, one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
        def of(triple: tuple[str, str, str]) -> str:
            return trust._hash("/" + triple[0].replace("\0", "").replace("/", "").replace(".", ""), *triple[1:])

        assert (of(one) == of(other)) == (
            [one[0].replace("\0", "").replace("/", "").replace(".", ""), *one[1:]]
            == [other[0].replace("\0", "").replace("/", "").replace(".", ""), *other[1:]]
        )

    def test_each_part_counts_in_the_hash(self) -> None:
        """The hash of one command, copied in the file to another name or repository, trusts nothing there."""
        triples = [
            ("/a", "n", "c"),
            ("/b", "n", "c"),
            ("/a", "m", "c"),
            ("/a", "n", "d"),
            ("/a", "nc", ""),
            ("/a", "", "nc"),
        ]
        assert len({trust._hash(*triple) for triple in triples}) == len(triples)

    def test_a_hash_that_was_copied_to_another_name_trusts_nothing(self, root: str, kept: Path) -> None:
        trust.trust(root, {"health_check": "make"})
        document = json.loads(kept.read_text())
        records = document["trusted"][root]
        records["test_command"] = records["health_check"]
        document["trusted"]["/elsewhere"] = records
        kept.write_text(json.dumps(document))
        commands = {"health_check": "make", "test_command": "make"}
        assert trust.status(root, commands) == {"health_check": trust.TRUSTED, "test_command": trust.CHANGED}
        assert set(trust.status("/elsewhere", commands).values()) == {trust.CHANGED}


class TestFile:
    def test_only_the_user_may_read_it(self, root: str, kept: Path) -> None:
        before = os.umask(0)
        try:
            trust.trust(root, COMMANDS)
        finally:
            os.umask(before)
        modes = {path.name: path.stat().st_mode & 0o777 for path in (kept, kept.parent, kept.parent.parent)}
        assert modes == {"trust.json": 0o600, "workflow-session": 0o700, ".config": 0o700}

    def test_it_holds_no_command(self, root: str, kept: Path) -> None:
        trust.trust(root, {"test_command": "deploy --password hunter2"})
        assert "hunter2" not in kept.read_text()
        assert list(json.loads(kept.read_text())["trusted"][root]) == ["test_command"]

    def test_where_the_system_says(self, root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "a" / "b"))
        trust.trust(root, COMMANDS)
        assert (tmp_path / "a" / "b" / "workflow-session" / "trust.json").is_file()
        trust.require(root, "test_command", COMMANDS["test_command"])

    def test_reading_makes_nothing(self, root: str, kept: Path) -> None:
        trust.status(root, COMMANDS)
        assert not kept.parent.parent.exists()

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"[]",
            b'{"trusted": []}',
            b'{"trusted": {"/x": 1}}',
            b'{"trusted": {"/x": {"test_command": "y"}}}',
            b'{"trusted": {"/x": {"test_command": {"sha256": 1}}}}',
            b'{"trusted": {}}\xff',
        ],
    )
    def test_a_damaged_one_is_named_and_left_alone(self, root: str, kept: Path, body: bytes) -> None:
        kept.parent.mkdir(parents=True)
        kept.write_bytes(body)
        for doing in (
            lambda: trust.status(root, COMMANDS),
            lambda: trust.trust(root, COMMANDS),
            lambda: trust.revoke(root),
        ):
            with pytest.raises(SessionError, match=f"^{kept} "):
                doing()
        assert kept.read_bytes() == body

    def test_what_it_holds_besides_is_kept(self, root: str, kept: Path) -> None:
        kept.parent.mkdir(parents=True)
        kept.write_text('{"later": 1, "trusted": {"/x": {"y": {"sha256": "z", "by": 2}}}}')
        trust.trust(root, COMMANDS)
        document = json.loads(kept.read_text())
        assert document["later"] == 1
        assert document["trusted"]["/x"] == {"y": {"sha256": "z", "by": 2}}

    def test_a_link_in_its_place_is_refused(self, root: str, kept: Path, tmp_path: Path) -> None:
        kept.parent.mkdir(parents=True)
        (tmp_path / "theirs.json").write_text('{"trusted": {}}')
        kept.symlink_to(tmp_path / "theirs.json")
        for doing in (lambda: trust.status(root, COMMANDS), lambda: trust.trust(root, COMMANDS)):
            with pytest.raises(SessionError, match=r"trust\.json is a symbolic link: refused"):
                doing()
        assert (tmp_path / "theirs.json").read_text() == '{"trusted": {}}'

    @needs_root
    @pytest.mark.parametrize("what", ["file", "folder"])
    @pytest.mark.parametrize("way", ["owner", "group", "everybody", "link"])
    def test_what_others_could_have_written_is_not_believed(
        self, root: str, kept: Path, tmp_path: Path, what: str, way: str
    ) -> None:
        trust.trust(root, COMMANDS)
        body = kept.read_bytes()
        path = kept if what == "file" else kept.parent
        if way == "link":
            kept.parent.rename(tmp_path / "cfg")
            kept.parent.symlink_to(tmp_path / "cfg")
            trust.require(root, "test_command", COMMANDS["test_command"])  # the user's own place
            os.chown(tmp_path / "cfg" / ("trust.json" if what == "file" else ""), 65534, 65534)
        elif way == "owner":
            os.chown(path, 65534, 65534)
        else:
            path.chmod(0o722 if way == "everybody" else 0o770)
        said = {
            "owner": rf"^{path} belongs to nobody \(uid 65534\): not believed "
            rf"\(look at it, then: sudo chown 0 {path}\)$",
            "group": rf"^{path} belongs to root \(uid 0\) and can be written by its group: not believed "
            rf"\(look at it, then: chmod go-w {path}\)$",
            "everybody": rf"^{path} belongs to root \(uid 0\) and can be written by everybody: not believed ",
        }
        said["link"] = said["owner"]
        for doing in (
            lambda: trust.status(root, COMMANDS),
            lambda: trust.require(root, "test_command", COMMANDS["test_command"]),
            lambda: trust.trust(root, COMMANDS),
            lambda: trust.revoke(root),
        ):
            with pytest.raises(SessionError, match=said[way]):
                doing()
        assert kept.read_bytes() == body

    @needs_root
    def test_root_acts_for_the_owner_of_the_home_folder(self, root: str, kept: Path, tmp_path: Path) -> None:
        os.chown(tmp_path / "home", 65534, 65534)
        trust.trust(root, COMMANDS)
        assert {path.stat().st_uid for path in (kept.parent.parent, *kept.parent.rglob("*"), kept.parent)} == {65534}
        trust.require(root, "test_command", COMMANDS["test_command"])
        os.chown(kept, 0, 0)
        trust.require(root, "test_command", COMMANDS["test_command"])
        trust.trust(root, {"test_command": "other"})
        assert kept.stat().st_uid == 0  # as it was

    def test_where_its_folder_cannot_be_made(self, root: str, kept: Path) -> None:
        kept.parent.parent.touch()
        with pytest.raises(SessionError, match=f"cannot write {kept}: not a directory; nothing changed"):
            trust.trust(root, COMMANDS)

    def test_what_a_dead_writer_left_is_cleared_away(self, root: str, kept: Path) -> None:
        trust.trust(root, {"health_check": "a"})
        before = kept.read_bytes()
        folder = Folder.at(str(kept.parent), "")
        Lock(folder, 1).release(clean=False)
        (kept.parent / ".temporary").write_bytes(b"half")
        assert trust.revoke("/nowhere") == 0
        assert kept.read_bytes() == before
        trust.trust(root, COMMANDS)
        assert sorted(path.name for path in kept.parent.iterdir()) == [".lock", "trust.json"]
        folder.close()

    @pytest.mark.parametrize("change", ["trust", "revoke"])
    def test_after_a_dead_writer_the_folder_is_synced_before_it_is_read(
        self, root: str, kept: Path, monkeypatch: pytest.MonkeyPatch, change: str
    ) -> None:
        trust.trust(root, {"health_check": "a"})
        folder = Folder.at(str(kept.parent), "")
        Lock(folder, 1).release(clean=False)
        folder.close()
        steps: list[str] = []
        sync, read, replace = Folder.sync, Folder.read, Folder.replace

        def watch_read(folder: Folder, name: str, **options: Any) -> bytes | None:
            steps.append("read")
            return read(folder, name, **options)

        def watch_replace(folder: Folder, name: str, data: bytes) -> None:
            steps.append("replace")
            replace(folder, name, data)

        monkeypatch.setattr(Folder, "sync", lambda folder: (steps.append("sync"), sync(folder))[1])
        monkeypatch.setattr(Folder, "read", watch_read)
        monkeypatch.setattr(Folder, "replace", watch_replace)
        if change == "trust":
            trust.trust(root, COMMANDS)
        else:
            assert trust.revoke(root) == 1
        at = steps.index("replace")  # reads before that, without the lock, only decide if there is anything to do
        assert steps[at - 2 : at + 2] == ["sync", "read", "replace", "sync"]

    def test_one_writer_at_a_time(self, root: str, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        trust.trust(root, {"health_check": "a"})
        monkeypatch.setenv("WORKFLOW_SESSION_LOCK_TIMEOUT_S", "0")
        folder = Folder.at(str(kept.parent), "")
        held = Lock(folder, 1)
        with pytest.raises(Busy, match=f"process {os.getpid()} holds the lock {kept.parent}/.lock; nothing changed"):
            trust.trust(root, COMMANDS)
        assert trust.status(root, COMMANDS)["test_command"] == trust.NEW
        held.release(clean=True)
        folder.close()

    def test_of_many_at_once_all_are_kept(self, tmp_path: Path, kept: Path) -> None:
        code = "import sys; from session.host import trust; trust.trust(sys.argv[1], {'test_command': 'x'})"
        writers = [
            subprocess.Popen([sys.executable, "-P", "-c", code, str(tmp_path / str(number))]) for number in range(8)
        ]
        assert [writer.wait(60) for writer in writers] == [0] * 8
        assert len(json.loads(kept.read_text())["trusted"]) == 8
