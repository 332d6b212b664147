"""Places: one lock and one journal where the bytes are, whichever way leads there, and none couples another."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from session.conversation.location import conversation_store
from session.errors import Busy, SessionError, Unconfirmed
from session.project.location import project_store
from session.root import STATE
from session.store import intentions, journal, lock
from session.store.disk import Folder
from session.store.files import FileStore
from session.store.paths import JOURNAL, PLACES, PROGRESS
from tests.conftest import Run, needs_root
from tests.store.contract import A, B, put

STATE_KEY, FEATURES_KEY = ("progress", "state"), ("progress", "feature-list")
DOCUMENT = ("conversations", "c")


def write(store: FileStore, key: tuple[str, str], data: bytes = b"{}", *more: tuple[str, str]) -> None:
    """Commit the document, and `more` documents of its place with it."""
    place = next(each for each in PLACES if key[0] in _collections(each))
    with store.transaction(5, place=place) as tx:
        for each in (key, *more):
            tx.put(each, data)


def _collections(place: tuple[str, ...]) -> set[str]:
    from session.store.paths import COLLECTIONS

    return {name for name, row in COLLECTIONS.items() if row[3] == place}


Cloned = tuple[FileStore, list[str]]


@pytest.fixture
def cloned(project: Path) -> Cloned:
    """Return a store that is told that each journal came with a clone, and a list of those that it has asked about."""
    asked: list[str] = []

    def origin(folder: str, name: str) -> str:
        asked.append(f"{folder}/{name}")
        return "git tracks it"

    return FileStore(str(project), "", journal_origin=origin), asked


@pytest.fixture
def mounts() -> Iterator[list[Path]]:
    """Yield a list: what is put into it is unmounted at the end."""
    points: list[Path] = []
    yield points
    for point in reversed(points):
        subprocess.run(["umount", point], check=True)


def test_each_place_has_its_own_lock(project: Path, store: FileStore) -> None:
    for key in (A, STATE_KEY, DOCUMENT):
        write(store, key)
    assert {path.parent.relative_to(project).parts for path in project.rglob(".lock")} == set(PLACES)
    holders = [store.transaction(0, place=place) for place in PLACES]
    for holder in holders:  # none waits for another
        holder.__enter__()
    for holder in holders:
        holder.__exit__(None, None, None)


@pytest.mark.parametrize("name", ["ia", ".claude"])
def test_the_first_folder_of_a_place_may_be_a_link(project: Path, store: FileStore, tmp_path: Path, name: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    (project / name).symlink_to(tmp_path / "elsewhere")
    key = A if name == "ia" else STATE_KEY
    write(store, key)
    assert store.read(key) == b"{}"
    assert list((tmp_path / "elsewhere").rglob("*.json"))


@pytest.mark.parametrize(("name", "key"), [("ia/state", A), (".claude/progress", STATE_KEY)])
def test_a_folder_below_may_not(project: Path, store: FileStore, tmp_path: Path, name: str, key: Any) -> None:
    (tmp_path / "elsewhere").mkdir()
    (project / name).parent.mkdir()
    (project / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SessionError, match="is a symbolic link: refused"):
        write(store, key)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_folder_that_a_variable_names_may_be_a_link(project: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    words = [sys.executable, "-P", "-m", "session.commands.update_state", "stats", "n", "1"]
    env = {**os.environ, "PRISM_ROOT": str(tmp_path / "link")}
    assert subprocess.run(words, env=env, capture_output=True, check=False).returncode == 0
    assert json.loads((tmp_path / "real/CURRENT_STATE.json").read_text())["quick_stats"] == {"n": 1}


def test_two_roots_that_share_a_place_by_a_link(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    stores = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / ".claude").symlink_to(shared)
        stores.append(FileStore(str(tmp_path / name), ""))
    with (
        stores[0].transaction(5, place=PROGRESS),
        pytest.raises(SessionError, match=f"process {os.getpid()} holds the lock"),
        stores[1].transaction(0, place=PROGRESS),
    ):
        pass


@needs_root
def test_two_roots_that_share_a_place_by_a_bind_mount(tmp_path: Path, mounts: list[Path]) -> None:
    for name in ("a", "b"):
        (tmp_path / name / ".claude").mkdir(parents=True)
    subprocess.run(["mount", "--bind", tmp_path / "a/.claude", tmp_path / "b/.claude"], check=True)
    mounts.append(tmp_path / "b/.claude")
    first, second = (FileStore(str(tmp_path / name), "") for name in ("a", "b"))
    with (
        first.transaction(5, place=PROGRESS),
        pytest.raises(SessionError, match="holds the lock"),
        second.transaction(0, place=PROGRESS),
    ):
        pass


def test_a_variable_that_names_the_default_folder(project: Path, run: Run) -> None:
    """Half of the writers come by the variable: nothing acknowledged is lost."""
    assert run("set", "w", "x").code == 0
    doc = [sys.executable, "-P", "-m", "session.commands.session_state_manager"]
    subprocess.run([*doc, "init", "--convo-id", "c"], check=True, capture_output=True)
    running = []
    for number in range(12):
        text = f"N{number}E"
        env = dict(os.environ)
        if number % 2:
            env["WORKFLOW_SESSION_CONVERSATIONS"] = str(project / "ia/state/conversations")
        words = [*doc, "sync", "--convo-id", "c", "--json", json.dumps({text: [text]})]
        running.append(subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL))
    assert [process.wait(60) for process in running] == [0] * 12
    document = (project / "ia/state/conversations/c/SESSION_STATE.md").read_text()
    assert [number for number in range(12) if f"N{number}E" not in document] == []


class TestApplying:
    """A commit that is decided, but cannot be applied, makes its own place wait."""

    @pytest.fixture
    def stuck(self, store: FileStore) -> FileStore:
        write(store, STATE_KEY, b"{}")
        write(store, A)

        def fail(*_: object) -> None:
            raise OSError(30, os.strerror(30))  # a mount that was turned read-only after everything was prepared

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Folder, "put", _only_journals(fail))
            with pytest.raises(Unconfirmed, match="not yet in its files: cannot"):
                write(store, STATE_KEY, b'{"a": 1}', FEATURES_KEY)
        return store

    def test_other_places_go_on(self, stuck: FileStore, project: Path) -> None:
        assert (project / ".claude/progress" / JOURNAL).exists()
        write(stuck, A, b"1")
        write(stuck, DOCUMENT, b"2")
        assert (stuck.read(A), stuck.read(DOCUMENT)) == (b"1", b"2")

    def test_its_own_place_says_which_file_and_why(self, stuck: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> None:
            raise OSError(30, os.strerror(30))

        monkeypatch.setattr(Folder, "replace", fail)
        with pytest.raises(SessionError) as caught:
            write(stuck, STATE_KEY, b"3")
        assert "cannot write .claude/progress/state.json: read-only file system" in str(caught.value)

    def test_the_next_writer_finishes_it(self, stuck: FileStore, project: Path) -> None:
        assert stuck.read(STATE_KEY) == b'{"a": 1}'  # a reader sees it decided
        write(stuck, ("metrics", "m"))
        assert (project / ".claude/progress/state.json").read_bytes() == b'{"a": 1}'
        assert not (project / ".claude/progress" / JOURNAL).exists()


def _only_journals(fail: Any) -> Any:
    real = Folder.put

    def put_or_fail(self: Folder, temporary: str, name: str) -> None:
        return real(self, temporary, name) if name == JOURNAL else fail()

    return put_or_fail


class TestPreparing:
    """What cannot be prepared fails before the journal, with nothing changed."""

    @needs_root
    def test_a_read_only_mount(self, project: Path, store: FileStore, mounts: list[Path]) -> None:
        write(store, STATE_KEY)
        metrics = project / ".claude/progress/metrics"
        metrics.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "none", metrics], check=True)
        mounts.append(metrics)
        with pytest.raises(SessionError, match="read-only file system; nothing changed"):
            write(store, STATE_KEY, b"1", ("metrics", "m"))
        assert store.read(STATE_KEY) == b"{}"
        write(store, STATE_KEY, b"2")
        assert sorted(path.name for path in (project / ".claude/progress").iterdir() if path.is_file()) == [
            ".gitignore",
            ".lock",
            "state.json",
        ]

    @needs_root
    def test_an_immutable_file(self, project: Path, store: FileStore) -> None:
        write(store, STATE_KEY, b"{}", FEATURES_KEY)
        path = project / ".claude/progress/feature-list.json"
        if subprocess.run(["chattr", "+i", path], capture_output=True, check=False).returncode:
            pytest.skip("this file system has no immutable files")
        try:
            with pytest.raises(SessionError, match="operation not permitted; nothing changed"):
                write(store, STATE_KEY, b"1", FEATURES_KEY)
        finally:
            subprocess.run(["chattr", "-i", path], check=True)
        assert (store.read(STATE_KEY), store.read(FEATURES_KEY)) == (b"{}", b"{}")

    def test_a_file_in_the_place_of_a_folder(self, project: Path, store: FileStore) -> None:
        write(store, STATE_KEY)
        (project / ".claude/progress/metrics").touch()
        with pytest.raises(SessionError, match="not a directory"):
            write(store, STATE_KEY, b"1", ("metrics", "m"))
        write(store, STATE_KEY, b"2")

    def test_one_that_fails_leaves_no_temporary_file(
        self, project: Path, store: FileStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(store, a=b"1", b=b"2")
        prepare, count = Folder.prepare, [0]

        def second_fails(self: Folder, temporary: str, name: str, data: bytes) -> None:
            count[0] += 1
            if count[0] == 2:
                raise OSError(28, os.strerror(28))
            prepare(self, temporary, name, data)

        monkeypatch.setattr(Folder, "prepare", second_fails)
        with pytest.raises(SessionError, match="no space left on device; nothing changed"):
            put(store, a=b"3", b=b"4")
        assert list(project.rglob(".temporary*")) == []
        assert (store.read(A), store.read(B)) == (b"1", b"2")


class TestJournals:
    """A journal belongs to the place that it lies in, and to its user."""

    def test_that_of_another_place_is_named_and_not_applied(self, project: Path, store: FileStore) -> None:
        write(store, A)
        packed = journal.pack(PROGRESS, {STATE_KEY: journal.change_of(b"1", None)})
        (project / "ia/state" / JOURNAL).write_bytes(packed)
        with pytest.raises(SessionError, match=r"belongs to another folder, \.claude/progress"):
            write(store, A, b"2")
        assert store.read(STATE_KEY) is None
        write(store, STATE_KEY, b"3")  # which is no affair of the entry protocol's place

    def test_that_of_an_earlier_version_is_finished_in_every_place(self, project: Path, store: FileStore) -> None:
        write(store, A)
        packed = journal.pack(
            STATE,
            {
                A: journal.change_of(b"new", b"{}"),
                STATE_KEY: journal.change_of(b"entry", None),
                DOCUMENT: journal.change_of(b"document", None),
            },
        )
        _, _, rest = packed.split(b"\n", 2)
        head, _, bodies = rest.partition(b"\n")
        rows = json.dumps(json.loads(head)["changes"]).encode()
        import hashlib

        body = rows + b"\n" + bodies
        digest = hashlib.sha256(body).hexdigest().encode()
        (project / "ia/state" / JOURNAL).write_bytes(b"session-journal 1\n" + digest + b"\n" + body)
        write(store, B)
        assert (store.read(A), store.read(STATE_KEY), store.read(DOCUMENT)) == (b"new", None, None)
        write(store, FEATURES_KEY)
        assert store.read(STATE_KEY) == b"entry"
        write(store, ("conversations", "d"))
        assert store.read(DOCUMENT) == b"document"
        assert list(store.scan(intentions.COLLECTION)) == []

    @needs_root
    def test_that_of_another_user_in_a_shared_folder_does_not_count(self, project: Path, store: FileStore) -> None:
        write(store, A)
        (project / "ia/state").chmod(0o1777)
        path = project / "ia/state" / JOURNAL
        path.write_bytes(journal.pack(STATE, {A: journal.change_of(b"planted", b"{}")}))
        os.chown(path, 65534, 65534)
        assert store.read(A) == b"{}"
        write(store, B)
        assert store.read(A) == b"{}"
        assert store.notices[-1:] == ["ignored ia/state/.journal: it belongs to another user (uid 65534)"]

    def test_one_that_came_with_a_clone_does_not_count(self, cloned: Cloned, project: Path) -> None:
        store, asked = cloned
        write(store, A)
        assert asked == []  # nobody is asked as long as there is no journal
        (project / "ia/state" / JOURNAL).write_bytes(journal.pack(STATE, {A: journal.change_of(b"planted", b"{}")}))
        assert store.read(A) == b"{}"
        assert asked == [str(project / "ia/state" / JOURNAL)]
        assert store.notices[-1:] == ["ignored ia/state/.journal: git tracks it"]


class TestIntentions:
    """A record in ia/state of what another place has yet to receive."""

    @pytest.fixture
    def recorded(self, store: FileStore) -> FileStore:
        """Record that the features become `new`, where they are `old` now."""
        write(store, FEATURES_KEY, b'"old"')
        with store.transaction(5) as tx:
            intentions.record(tx, "r", {FEATURES_KEY: b'"new"'}, {FEATURES_KEY: b'"old"'})
        return store

    def test_the_next_writer_carries_it_out_once(self, recorded: FileStore, project: Path) -> None:
        write(recorded, STATE_KEY)
        assert recorded.read(FEATURES_KEY) == b'"new"'
        assert list(project.rglob("*.intention")) == []

    def test_nobody_writes_before_its_record_is_deleted(self, recorded: FileStore) -> None:
        """Otherwise the next writer would carry it out once more, over what this one has written."""
        with (
            recorded.transaction(5),  # the record's own place is busy
            pytest.raises(Busy),
            recorded.transaction(0, place=PROGRESS) as tx,
        ):
            tx.delete(FEATURES_KEY)
        assert recorded.read(FEATURES_KEY) == b'"new"'
        with recorded.transaction(5, place=PROGRESS) as tx:
            tx.delete(FEATURES_KEY)
        write(recorded, STATE_KEY)
        assert recorded.read(FEATURES_KEY) is None

    def test_one_that_came_with_a_clone_is_named_and_not_carried_out(
        self, recorded: FileStore, cloned: Cloned, project: Path
    ) -> None:
        store, asked = cloned
        write(store, STATE_KEY)
        assert store.read(FEATURES_KEY) == b'"old"'
        assert asked == [str(project / "ia/state/r.intention")]
        assert store.notices == ["ignored ia/state/r.intention: git tracks it"]

    @needs_root
    def test_that_of_another_user_in_a_shared_folder_is_not_carried_out(
        self, recorded: FileStore, project: Path
    ) -> None:
        (project / "ia/state").chmod(0o1777)
        os.chown(project / "ia/state/r.intention", 65534, 65534)
        write(recorded, STATE_KEY)
        assert recorded.read(FEATURES_KEY) == b'"old"'

    @pytest.mark.parametrize("name", [5, None, ["a"]])
    def test_one_with_odd_types_stops_nobody(self, recorded: FileStore, project: Path, name: object) -> None:
        path = project / "ia/state/r.intention"
        rest = json.dumps({"place": "", "changes": [{"collection": "progress", "name": name, "size": 1, "was": None}]})
        rest += "\nx"
        path.write_text(f"session-journal 2\n{hashlib.sha256(rest.encode()).hexdigest()}\n{rest}")
        write(recorded, STATE_KEY)
        assert recorded.notices[-1].startswith("not finished: ia/state/r.intention is damaged")
        path.rename(project / "ia/state" / JOURNAL)
        with pytest.raises(SessionError, match=r"is damaged|belongs to another folder"):
            recorded.read(A)


@needs_root
def test_a_sticky_folder_with_another_users_file(project: Path) -> None:
    """Only its owner could remove the file, so the commit fails before it is decided."""
    script = f"""
import os
from session.errors import SessionError
from session.store import commit, problem  # the other user may not be able to load them later
from session.store.files import FileStore
store = FileStore({str(project)!r}, "")
with store.transaction(5) as tx:
    tx.put(("sessions", "w"), b"{{}}")
os.chmod("ia/state/sessions", 0o1777)
for path in ("ia/state/sessions", "ia/state/sessions/w.json"):
    os.chown(path, 0, 0)
for path in (".", "ia", "ia/state", "ia/state/.lock"):
    os.chown(path, 65534, 65534)
os.chmod("ia/state/sessions/w.json", 0o644)
os.setuid(65534)
try:
    with store.transaction(5) as tx:
        tx.put(("archives", "w"), b"x")
        tx.delete(("sessions", "w"))
except SessionError as error:
    print(error)
with store.transaction(5) as tx:
    tx.put(("sessions", "other"), b"{{}}")
"""
    for above in (project, *project.parents):
        if above.stat().st_uid == 0 and above != Path("/") and not above.stat().st_mode & 1:
            above.chmod(above.stat().st_mode | 0o111)
    words = [sys.executable, "-P", "-c", script]
    ended = subprocess.run(words, cwd=project, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "nothing changed" in ended.stdout
    assert not (project / "ia/state" / JOURNAL).exists()
    assert not (project / "ia/state/sessions/archives/w.md").exists()


@pytest.mark.parametrize("name", [".temporary-notes.txt", ".temporary.md", ".temporary-"])
def test_a_repair_removes_only_the_stores_own_temporary_files(project: Path, store: FileStore, name: str) -> None:
    write(store, A)
    for each in (name, ".temporary", ".temporary-12"):
        (project / "ia/state" / each).write_text("mine")
    (project / "ia/state/.lock").write_text(f"{4_000_000:>10}\n")  # a writer died
    write(store, A, b"1")
    left = {path.name for path in (project / "ia/state").iterdir() if path.name.startswith(".temporary")}
    assert left == {name}


@pytest.mark.parametrize("variable", ["PRISM_ROOT", "WORKFLOW_SESSION_CONVERSATIONS"])
@pytest.mark.parametrize("folder", ["ia/state/sessions", ".claude/progress/metrics", "other/CHECKPOINTS"])
def test_a_folder_of_another_places_documents_is_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch, variable: str, folder: str
) -> None:
    (project / folder).mkdir(parents=True)
    (project / "other").mkdir(exist_ok=True)
    (project / "other/.lock").touch()
    monkeypatch.setenv(variable, folder)
    open_named = project_store if variable == "PRISM_ROOT" else conversation_store
    with pytest.raises(SessionError, match=f"^{variable} names a folder in which other documents are: "):
        open_named()


def test_a_document_never_shares_its_folder_with_a_place(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(FileStore(str(project), ""), A)
    (project / "ia/state/.temporary").write_text("by a living writer")
    monkeypatch.setenv("WORKFLOW_SESSION_CONVERSATIONS", str(project / "ia"))
    store = conversation_store()
    write(store, DOCUMENT)  # the first writer repairs
    with pytest.raises(SessionError, match="state/ has a lock of its own"):
        write(store, ("conversations", "state"))
    assert (project / "ia/state/.temporary").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="the limit is POSIX")
@pytest.mark.parametrize("own_folder", [False, True])
def test_a_commit_of_many_documents_needs_few_descriptors(project: Path, own_folder: bool) -> None:
    collection = "checkpoints" if own_folder else "sessions"
    script = f"""
import resource
from session.store.files import FileStore
store = FileStore({str(project)!r}, "")
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
keys = [({collection!r}, f"d{{n}}") for n in range(200)]
for data in (b"1", b"2", None):
    with store.transaction(5) as tx:
        for key in keys:
            tx.delete(key) if data is None else tx.put(key, data)
    assert [store.read(key) for key in keys] == [data] * 200
"""
    words = [sys.executable, "-P", "-c", script]
    assert subprocess.run(words, capture_output=True, check=True, cwd=project).stderr == b""
    assert [*project.rglob("d1*"), *project.rglob(".temporary*")] == []


def test_the_folder_above_a_named_one_is_synced_after_a_dead_writer(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer may die between making the named folder and syncing the folder above it."""
    (project / "x").mkdir()
    synced: list[str] = []
    sync = Folder.sync

    def noted(self: Folder) -> None:
        synced.append(os.path.realpath(f"/proc/self/fd/{self.fd}"))
        sync(self)

    monkeypatch.setattr(Folder, "sync", noted)
    monkeypatch.setenv("WORKFLOW_SESSION_CONVERSATIONS", str(project / "x/y"))
    write(conversation_store(), DOCUMENT)
    if Path("/proc/self/fd").exists():
        assert str(project.resolve()) in synced


def test_a_repair_touches_only_its_own_place(project: Path, store: FileStore, tmp_path: Path) -> None:
    (project / ".claude").mkdir()
    (project / ".claude/progress").symlink_to(tmp_path)
    write(store, A)
    (project / ".claude/progress").unlink()
    (project / ".claude/progress").touch()
    (project / "ia/state/.lock").write_text(f"{4_000_000:>10}\n")  # a writer died
    write(store, A, b"1")
    assert store.read(A) == b"1"


def test_nobody_waits_for_a_lock_while_holding_another(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run the operations on two places in this process, and look at every lock that is taken."""
    from session.commands import checkpoint, enter, feature
    from session.conversation import store as documents

    held: list[str] = []
    init, release = lock.Lock.__init__, lock.Lock.release

    def taken(self: lock.Lock, folder: Folder, timeout_s: float) -> None:
        assert held == [], f"{folder.path} while holding {held}"
        init(self, folder, timeout_s)
        held.append(folder.path)

    def given(self: lock.Lock, *, clean: bool) -> None:
        held.pop()
        release(self, clean=clean)

    monkeypatch.setattr(lock.Lock, "__init__", taken)
    monkeypatch.setattr(lock.Lock, "release", given)
    assert enter.main(["--force", "--json"]) == 0
    assert feature.main(["add", "F-1", "x"]) == 0
    (project / "ia/state/CURRENT_STATE.json").write_text("{}")
    assert checkpoint.main(["create"]) == 0
    (project / ".claude/progress/state.json").write_text("{bad")
    (project / "ia/state/CURRENT_STATE.json").write_text("{bad")
    assert checkpoint.main(["restore"]) == 0
    assert json.loads((project / ".claude/progress/state.json").read_text())["state"] == "START"
    store = FileStore(str(project), "")
    documents.begin(store, "c", "text", force=False, timeout_s=5)
    assert held == []


class TestRestore:
    """A restore of two places goes only forward."""

    @pytest.fixture
    def damaged(self, project: Path, run: Run) -> Path:
        for words in (["session.commands.enter", "--force", "--json"], ["session.commands.checkpoint", "create"]):
            (project / "ia/state").mkdir(parents=True, exist_ok=True)
            (project / "ia/state/CURRENT_STATE.json").write_text('{"a": 1}')
            subprocess.run([sys.executable, "-P", "-m", *words], check=True, capture_output=True)
        (project / "ia/state/CURRENT_STATE.json").write_text("{bad")
        (project / ".claude/progress/state.json").write_text("{bad")
        return project

    def restore(self) -> "subprocess.CompletedProcess[str]":
        words = [sys.executable, "-P", "-m", "session.commands.checkpoint", "restore"]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    def test_both(self, damaged: Path) -> None:
        assert self.restore().returncode == 0
        assert json.loads((damaged / "ia/state/CURRENT_STATE.json").read_text()) == {"a": 1}
        assert json.loads((damaged / ".claude/progress/state.json").read_text())["state"] == "START"
        assert list((damaged / "ia/state").glob("*.intention")) == []

    @needs_root
    def test_a_place_that_cannot_be_written_is_found_before_the_first_commit(
        self, damaged: Path, mounts: list[Path]
    ) -> None:
        place = damaged / ".claude"
        subprocess.run(["mount", "--bind", place, place], check=True)
        mounts.append(place)
        subprocess.run(["mount", "-o", "remount,bind,ro", place], check=True)
        done = self.restore()
        assert (done.returncode, done.stdout) == (1, "")
        assert "read-only file system; nothing changed" in done.stderr
        assert (damaged / "ia/state/CURRENT_STATE.json").read_text() == "{bad"

    def test_one_that_died_in_between_is_finished_by_the_next_writer(self, damaged: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            from session.commands import checkpoint

            patch.setattr(intentions, "finish", lambda *_: None)
            assert checkpoint.main(["restore"]) == 0
        assert json.loads((damaged / "ia/state/CURRENT_STATE.json").read_text()) == {"a": 1}
        assert (damaged / ".claude/progress/state.json").read_text() == "{bad"  # not restored yet
        words = [sys.executable, "-P", "-m", "session.commands.transition", "INIT"]
        assert subprocess.run(words, capture_output=True, check=False).returncode == 0
        assert json.loads((damaged / ".claude/progress/state.json").read_text())["state"] == "INIT"
        assert list((damaged / "ia/state").glob("*.intention")) == []

    def test_what_was_changed_since_stays(self, damaged: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            from session.commands import checkpoint

            patch.setattr(intentions, "finish", lambda *_: None)
            assert checkpoint.main(["restore"]) == 0
        mended = '{"state": "TEST", "health_status": "HEALTHY", "history": []}'
        (damaged / ".claude/progress/state.json").write_text(mended)
        words = [sys.executable, "-P", "-m", "session.commands.feature", "add", "F-9", "x"]
        assert subprocess.run(words, capture_output=True, check=False).returncode == 0
        assert json.loads((damaged / ".claude/progress/state.json").read_text())["state"] == "TEST"


@needs_root
def test_state_of_another_user_is_no_root(tmp_path: Path, run: Run) -> None:
    """In a folder that everybody may write to, nobody can plant state for all projects below it."""
    shared = tmp_path / "shared"
    (shared / "ia/state").mkdir(parents=True)
    for folder in (shared / "ia", shared / "ia/state"):
        os.chown(folder, 65534, 65534)
    shared.chmod(0o1777)
    (shared / "mine").mkdir()
    (shared / "mine/pyproject.toml").touch()
    assert run("set", "w", "x", cwd=shared / "mine").code == 0
    assert (shared / "mine/ia/state/sessions/w.json").exists()
    shared.chmod(0o755)  # a user's own folder, in which root works: that state counts
    os.chown(shared, 65534, 65534)
    assert run("set", "w", "x", cwd=shared).code == 0
    assert (shared / "ia/state/sessions/w.json").exists()


def test_concurrent_writers_of_two_roots_that_share_ia(tmp_path: Path, project: Path) -> None:
    shared = FileStore(str(tmp_path / "a"), "")
    (tmp_path / "a/ia/state").mkdir(parents=True)
    (tmp_path / "b").mkdir()
    (tmp_path / "b/ia").symlink_to(tmp_path / "a/ia")
    code = (
        "import sys; from session.store.files import FileStore\n"
        "with FileStore(sys.argv[1], '').transaction(60) as tx:\n"
        "    tx.put(('sessions', 'n'), str(int(tx.read(('sessions', 'n')) or b'0') + 1).encode())"
    )
    roots = [str(tmp_path / name) for name in ("a", "b")]
    running = [subprocess.Popen([sys.executable, "-P", "-c", code, roots[number % 2]]) for number in range(16)]
    assert [process.wait(60) for process in running] == [0] * 16
    assert shared.read(("sessions", "n")) == b"16"
