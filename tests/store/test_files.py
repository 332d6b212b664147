"""FileStore: the store's contracts on folders by descriptor and by path, and behaviour that only files have."""

import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from session.errors import SessionError
from session.host.project_store import open_store
from session.root import STATE
from session.store import disk, disk_windows, files, transaction
from session.store.files import FileStore
from tests.store.contract import A, StoreContract, put, scanned
from tests.store.journal_contract import JournalContract
from tests.store.tree import tree


class TestFileStore(StoreContract, JournalContract):
    """The contracts with the folders of this system."""

    @pytest.fixture
    def store(self, project: Path) -> FileStore:
        return FileStore(str(project), "")


class TestFileStoreByPath(StoreContract, JournalContract):
    """The contracts with the folders for Windows, which work by path."""

    @pytest.fixture
    def store(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> FileStore:
        monkeypatch.setattr(files, "Folder", disk_windows.Folder)
        monkeypatch.setattr(transaction, "Folder", disk_windows.Folder)
        return FileStore(str(project), "")


class TestFileStoreOfAFolder(StoreContract):
    """The contracts in a bare store: its root is the state folder."""

    @pytest.fixture
    def store(self, project: Path) -> FileStore:
        return FileStore(str(project), "", place=STATE)


def test_a_folder_that_is_nothing_but_state_gets_no_rules(project: Path) -> None:
    store = FileStore(str(project), "", place=STATE)
    with store.transaction(5) as tx:
        tx.put(("project", "CURRENT_STATE"), b"{}")
        tx.put(("checkpoints", "c"), b"{}")
    assert sorted(tree(project)) == [
        ".lock",
        "CHECKPOINTS",
        "CHECKPOINTS/c",
        "CHECKPOINTS/c/checkpoint.json",
        "CURRENT_STATE.json",
    ]
    assert store.path_of(("checkpoints", "c")) == "CHECKPOINTS/c/checkpoint.json"


def test_what_else_is_in_a_folder_of_documents_with_folders(project: Path, store: FileStore) -> None:
    with store.transaction(5) as tx:
        tx.put(("checkpoints", "good"), b"{}")
    folder = project / "ia/state/CHECKPOINTS"
    (folder / "empty").mkdir()
    (folder / "notes.txt").write_text("x")
    (folder / ".DS_Store").write_text("x")
    (folder / "linked").symlink_to(folder / "good")
    found = {name: (body, str(error) if error else None) for name, body, error in store.scan("checkpoints")}
    refused = "ia/state/CHECKPOINTS/linked is a symbolic link: refused (move it away)"
    assert found == {"good": (b"{}", None), "linked": (None, refused)}
    (folder / "good" / "more.txt").write_text("kept")
    with store.transaction(5) as tx:
        tx.delete(("checkpoints", "good"))
    assert (folder / "good" / "more.txt").read_text() == "kept"
    assert store.read(("checkpoints", "good")) is None


def test_what_a_dead_writer_left_in_a_document_s_folder_is_removed(project: Path, store: FileStore) -> None:
    with store.transaction(5) as tx:
        tx.put(("checkpoints", "c"), b"{}")
    (project / "ia/state/CHECKPOINTS/c/.temporary").write_text("half")
    (project / "ia/state/.lock").write_text(f"{'4711':>10}\n")
    with store.transaction(5):
        pass
    assert not (project / "ia/state/CHECKPOINTS/c/.temporary").exists()


@pytest.fixture(params=[disk.Folder, disk_windows.Folder], ids=["descriptors", "paths"])
def store(request: pytest.FixtureRequest, project: Path, monkeypatch: pytest.MonkeyPatch) -> FileStore:
    monkeypatch.setattr(files, "Folder", request.param)
    monkeypatch.setattr(transaction, "Folder", request.param)
    return FileStore(str(project), "")


def occupy(path: Path, kind: str) -> None:
    """Put something at `path` that is not a regular file."""
    if kind == "link":
        path.symlink_to("/etc/hostname")
    elif kind == "dangling link":
        path.symlink_to("nowhere")
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(os.path.relpath(path))


@pytest.mark.parametrize("kind", ["link", "dangling link", "fifo", "socket"])
def test_what_is_no_file_is_refused_and_hides_nothing(
    project: Path, sessions: Path, store: FileStore, kind: str
) -> None:
    (sessions / "a.json").write_bytes(b"1")
    (sessions / "c.json").write_bytes(b"3")
    occupy(sessions / "b.json", kind)
    before = tree(sessions)
    refused = "b.json is a symbolic link: refused" if "link" in kind else "b.json is not a regular file: refused"
    with pytest.raises(SessionError, match=re.escape(refused)):
        store.read(("sessions", "b"))
    found = list(store.scan("sessions"))
    assert [(name, body) for name, body, _ in found] == [("a", b"1"), ("b", None), ("c", b"3")]
    assert refused in str(found[1][2])
    with pytest.raises(SessionError, match=re.escape(refused)):
        put(store, b=b"2")
    with pytest.raises(SessionError, match=re.escape(refused)), store.transaction(5) as tx:
        tx.delete(("sessions", "b"))
    assert tree(sessions) == before


def test_a_folder_is_no_document(sessions: Path, store: FileStore) -> None:
    (sessions / "a.json").mkdir()
    (sessions / "a.json" / "inside").write_bytes(b"kept")
    assert store.read(A) is None
    assert scanned(store) == []
    with store.transaction(5) as tx:
        assert not tx.delete(A)
        assert tx.taken(A)  # but nothing else can be there
    with pytest.raises(SessionError, match=r"a\.json is a folder: refused"):
        put(store, a=b"1")
    assert (sessions / "a.json" / "inside").read_bytes() == b"kept"


def test_a_file_where_the_folder_belongs(project: Path, store: FileStore) -> None:
    (project / "ia/state").mkdir(parents=True)
    (project / "ia/state/sessions").write_bytes(b"mine")
    assert store.read(A) is None
    with pytest.raises(SessionError, match="cannot list ia/state/sessions: not a directory"):
        scanned(store)
    with pytest.raises(SessionError, match="ot a directory"):
        put(store, a=b"1")
    assert (project / "ia/state/sessions").read_bytes() == b"mine"


@pytest.mark.parametrize("link", ["ia/state", "ia/state/sessions"])
def test_a_linked_folder_below_the_first_is_refused(project: Path, tmp_path: Path, store: FileStore, link: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "sessions").mkdir(parents=True)
    (elsewhere / "a.json").write_bytes(b"theirs")
    (project / link).parent.mkdir(parents=True)
    (project / link).symlink_to(elsewhere)
    before = tree(elsewhere)
    with pytest.raises(SessionError, match=f"{link} is a symbolic link: refused"):
        store.read(A)
    with pytest.raises(SessionError, match=f"{link} is a symbolic link: refused"):
        put(store, a=b"1")
    assert tree(elsewhere) == before


def test_the_first_folder_may_be_a_link(project: Path, tmp_path: Path, store: FileStore) -> None:
    (tmp_path / "shared").mkdir()
    (project / "ia").symlink_to(tmp_path / "shared")
    put(store, a=b"1")
    assert store.read(A) == b"1"
    assert (tmp_path / "shared/state/sessions/a.json").read_bytes() == b"1"


def test_scan_takes_the_collection_files_only(sessions: Path, store: FileStore) -> None:
    for name in ("b.json", "a.json.bak", "a.json.json", "notes.md", ".temporary", "c.JSON", "json"):
        (sessions / name).write_bytes(name.encode())
    assert scanned(store) == [("a.json", b"a.json.json"), ("b", b"b.json")]


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (".json", "is empty"),
        ("-x.json", "starts with '-'"),
        (".x.json", r"starts with '\.'"),
        ("a\tb.json", "holds a control character"),
        ("e\u0301.json", "NFC"),
        (os.fsdecode(b"\xff.json"), "not valid UTF-8"),
    ],
)
def test_scan_names_a_file_that_cannot_be_asked_for(sessions: Path, store: FileStore, file: str, reason: str) -> None:
    (sessions / file).write_bytes(b"{}")
    (sessions / "good.json").write_bytes(b"1")
    found = {name: (body, error) for name, body, error in store.scan("sessions")}
    assert found.pop("good") == (b"1", None)
    [(body, error)] = found.values()
    assert body is None
    with pytest.raises(SessionError, match=reason):
        raise error or AssertionError


def test_a_file_too_large_is_named_and_hides_nothing(sessions: Path, store: FileStore) -> None:
    with (sessions / "a.json").open("wb") as file:
        file.truncate(1 << 30)
    (sessions / "b.json").write_bytes(b"2")
    with pytest.raises(SessionError, match=r"ia/state/sessions/a\.json is too large: more than 16 MiB"):
        store.read(A)
    (_, none, error), (_, body, _) = store.scan("sessions")
    assert none is None
    assert "a.json is too large" in str(error)
    assert body == b"2"


def test_readers_create_nothing(project: Path, store: FileStore) -> None:
    assert store.read(A) is None
    assert scanned(store) == []
    with store.transaction(5, create=False) as tx:
        assert not tx.delete(A)
    assert tree(project) == {}


def test_a_scan_that_is_left_early_closes_its_folder(sessions: Path, store: FileStore) -> None:
    for name in "abc":
        (sessions / f"{name}.json").write_bytes(b"1")
    open_now = Path("/dev/fd")
    before = len(list(open_now.iterdir()))
    scan: Iterator[files.Entry] = store.scan("sessions")
    next(scan)
    scan.close()  # type: ignore[attr-defined]
    assert len(list(open_now.iterdir())) == before


def test_paths_are_shown_below_the_root(project: Path) -> None:
    assert FileStore("/r").shown == "/r/"
    assert FileStore("/").shown == "/"
    assert FileStore("/r", "").path_of(("sessions", "workflow:pr")) == "ia/state/sessions/workflow:pr.json"
    assert FileStore("/r", "").path_of(("archives", "2026-01-29-x")) == "ia/state/sessions/archives/2026-01-29-x.md"


def test_the_working_folder_selects_the_store(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "ia/state").mkdir(parents=True)
    (project / "below").mkdir()
    assert (open_store().root, open_store().shown) == (str(project), "")
    monkeypatch.chdir(project / "below")
    assert (open_store().root, open_store().shown) == (str(project), f"{project}/")


def test_another_store_is_never_replaced_by_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKFLOW_SESSION_STORE", "postgresql://nowhere/x")
    with pytest.raises(SessionError, match="WORKFLOW_SESSION_STORE"):
        open_store()
