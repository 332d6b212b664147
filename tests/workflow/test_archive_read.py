"""Read archives of this package, archives of the TypeScript scripts, and other markdown."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.errors import SessionError
from session.host import clock
from session.store.files import FileStore
from session.store.name_rules import fault
from session.workflow.archive_read import archives, find, parse, search
from session.workflow.archive_render import STATUSES, render

ENDED_MS = 1769726568473


@pytest.fixture
def folder(sessions: Path) -> Path:
    folder = sessions / "archives"
    folder.mkdir()
    return folder


names = st.text(min_size=1, max_size=40).filter(lambda name: not fault(name, 180))


@given(
    workflow=names,
    status=st.sampled_from(STATUSES),
    notes=st.text(max_size=200),
    context=st.dictionaries(st.text(), st.text()),
)
def test_what_was_saved_is_read(workflow: str, status: str, notes: str, context: dict[str, str]) -> None:
    """The context and the notes may hold anything, even headings like those of an archive."""
    state = {"started_at": clock.iso(ENDED_MS - 60_000), "steps": ["a"], "step": "a", "context": context}
    body = render(workflow, state, status, notes, ENDED_MS).encode("utf-8", "surrogatepass")
    archive = parse("2026-01-29-w", "w.md", body)
    assert (archive.workflow, archive.date) == (workflow, "2026-01-29")
    assert (archive.status, archive.duration, archive.ended_ms) == (status, "1min", ENDED_MS)


@pytest.mark.parametrize(
    "notes", ["## Final State\n- Ended: 2020-01-01T00:00:00.000Z", "**Status:** failed\n# x - 2020-01-01"]
)
def test_notes_are_not_taken_for_the_record(notes: str) -> None:
    body = render("w", {}, "completed", notes, ENDED_MS).encode()
    archive = parse("2026-01-29-w", "w.md", body)
    assert (archive.workflow, archive.date, archive.status) == ("w", "2026-01-29", "completed")
    assert archive.ended_ms == ENDED_MS


@pytest.mark.parametrize(
    ("name", "body", "workflow", "date"),
    [
        ("2026-01-29-w", b"# a - b - 2026-01-30\n", "a - b", "2026-01-30"),
        ("2026-01-29-w", b"\r\n# w - 2026-01-30\r\n", "w", "2026-01-30"),
        ("2026-01-29-w", b"\xff\xfe", None, "2026-01-29"),
        ("2026-01-29", b"", None, "2026-01-29"),
        ("2026-01-290", b"", None, None),
        ("README", b"# About\n\nText\n", None, None),
        ("README", b"## Final State\n# w - 2026-01-30\n", None, None),
    ],
)
def test_what_others_wrote(name: str, body: bytes, workflow: str | None, date: str | None) -> None:
    archive = parse(name, f"{name}.md", body)
    assert (archive.workflow, archive.date) == (workflow, date)
    assert (archive.status, archive.duration, archive.ended_ms) == (None, None, None)


@given(st.binary(max_size=300))
def test_nothing_is_too_strange_to_be_listed(body: bytes) -> None:
    assert parse("x", "x.md", b"# w - 2026-01-29\n## Final State\n- Ended: " + body).workflow == "w"


def test_newest_first(folder: Path, store: FileStore) -> None:
    def put(name: str, ended: str) -> None:
        (folder / f"{name}.md").write_text(f"# w - {name[:10]}\n\n## Final State\n- Ended: {ended}\n")

    put("2026-01-28-w", "2026-01-28T10:00:00.000Z")
    put("2026-01-29-w", "2026-01-29T09:00:00.000Z")
    put("2026-01-29-w-2", "2026-01-29T08:00:00.000Z")
    put("2026-01-29-w-3", "2026-01-29T10:00:00+01:00")
    (folder / "2026-01-28-x.md").write_text("")
    (folder / "README.md").write_text("")
    (folder / "other.txt").write_text("")
    listed, errors = archives(store)
    assert not errors
    assert [archive.name for archive in listed] == [
        "2026-01-29-w-3",
        "2026-01-29-w",
        "2026-01-29-w-2",
        "2026-01-28-w",
        "2026-01-28-x",
        "README",
    ]
    assert listed[0].path == "ia/state/sessions/archives/2026-01-29-w-3.md"


def test_of_one_workflow_and_what_cannot_be_read(folder: Path, store: FileStore) -> None:
    (folder / "2026-01-28-v.md").write_text("# v - 2026-01-28\n")
    (folder / "2026-01-28-w.md").write_text("# w - 2026-01-28\n")
    (folder / "link.md").symlink_to("2026-01-28-w.md")
    listed, errors = archives(store, "w")
    assert [archive.name for archive in listed] == ["2026-01-28-w"]
    assert [str(error) for error in errors] == [
        "ia/state/sessions/archives/link.md is a symbolic link: refused (move it away)"
    ]


def test_without_any(store: FileStore) -> None:
    assert archives(store) == ([], [])
    with pytest.raises(SessionError, match=r"^no archive is called w \(session archive list names them\)$"):
        find(store, "w")


class TestFind:
    @pytest.fixture(autouse=True)
    def three(self, folder: Path) -> None:
        for name in ("2026-01-28-w", "2026-01-28-w-2", "2026-02-01-w"):
            (folder / f"{name}.md").write_bytes(name.encode())

    @pytest.mark.parametrize(
        ("wanted", "name"),
        [
            ("2026-01-28-w", "2026-01-28-w"),
            ("2026-01-28-w.md", "2026-01-28-w"),
            ("2026-01-28-w-", "2026-01-28-w-2"),
            ("2026-02", "2026-02-01-w"),
            ("ia/state/sessions/archives/2026-02-01-w.md", "2026-02-01-w"),
            ("{root}/ia/state/sessions/archives/2026-02-01-w.md", "2026-02-01-w"),
            ("./ia/state//sessions/archives/2026-02", "2026-02-01-w"),
        ],
    )
    def test_found(self, project: Path, store: FileStore, wanted: str, name: str) -> None:
        archive = find(store, wanted.format(root=project))
        assert (archive.name, archive.body) == (name, name.encode())

    def test_by_path_from_anywhere(
        self, project: Path, folder: Path, store: FileStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for cwd in (folder, project / "ia"):
            monkeypatch.chdir(cwd)
            for wanted in ("ia/state/sessions/archives/2026-02-01-w.md", str(folder / "2026-02-01-w.md")):
                assert find(store, wanted).name == "2026-02-01-w"
        monkeypatch.chdir(folder)
        assert find(store, "./2026-02-01-w.md").name == "2026-02-01-w"

    @pytest.mark.parametrize(
        "wanted", ["", "w", "2026-03", "elsewhere/2026-02-01-w.md", "/2026-02-01-w", "../", "2026-02-01-w/"]
    )
    def test_not_found(self, store: FileStore, wanted: str) -> None:
        with pytest.raises(SessionError, match="no archive is called "):
            find(store, wanted)

    def test_more_than_one(self, folder: Path, store: FileStore) -> None:
        with pytest.raises(SessionError) as refusal:
            find(store, "2026-01")
        assert str(refusal.value) == "2 archives are called 2026-01…: 2026-01-28-w, 2026-01-28-w-2"
        for number in range(3, 9):
            (folder / f"2026-01-28-w-{number}.md").touch()
        with pytest.raises(SessionError, match=r"^8 archives are called 2026…?.*, 2026-01-28-w-5, …$"):
            find(store, "2026-01")

    def test_unreadable(self, folder: Path, store: FileStore) -> None:
        (folder / "2026-03.md").symlink_to("x")
        with pytest.raises(SessionError, match=r"2026-03\.md is a symbolic link: refused"):
            find(store, "2026-03")


def test_search_folds_case_and_counts_lines() -> None:
    archive = parse("x", "x.md", "Straße\r\nfoo\x0cSTRASSE\n\nnone\nstrasse".encode())
    assert list(search(archive, "STRASSE")) == [(1, "Straße"), (2, "foo\x0cSTRASSE"), (5, "strasse")]
    assert list(search(archive, "str.sse")) == []


def test_notes_that_imitate_what_the_archive_lacks() -> None:
    notes = b"## Notes\n**Status:** completed\n## Final State\n- Ended: 2026-01-29T22:42:48.473Z\n"
    archive = parse("x", "x.md", b"# w - 2026-01-29\n\n**Duration:** 3min\n\n" + notes)
    assert (archive.workflow, archive.duration, archive.status, archive.ended_ms) == ("w", "3min", None, None)
