"""The allowed names of documents, and the names of their files."""

import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from session.errors import UsageError
from session.store import name_rules, paths
from tests.conftest import Run
from tests.store.contract import NAMES
from tests.store.tree import tree

REFUSED = [
    ("", "is empty"),
    ("-x", "starts with '-'"),
    (".x", "starts with '.'"),
    (".", "starts with '.'"),
    ("..", "starts with '.'"),
    ("../x", "starts with '.'"),
    ("/x", "holds a slash or backslash"),
    ("/", "holds a slash or backslash"),
    ("a/b", "holds a slash or backslash"),
    ("a/../b", "holds a slash or backslash"),
    ("a\\b", "holds a slash or backslash"),
    ("a\tb", "holds a control character"),
    ("a\nb", "holds a control character"),
    ("a\x1b[2J", "holds a control character"),
    ("a\x7f", "holds a control character"),
    ("é\n", "holds a control character"),
    ("a\x9b", "holds a control character"),
    ("a\u200bb", "holds a format character"),
    ("a\u202eb", "holds a format character"),
    ("a\ufeff", "holds a format character"),
    ("a\U000e0041", "holds a format character"),
    ("a\u2028b", "holds a character that can't be printed"),
    ("a\ue000", "holds a character that can't be printed"),
    ("e\u0301", "is not in Unicode's composed form (NFC)"),
    ("\u212b", "is not in Unicode's composed form (NFC)"),
    ("n" * 181, "is longer than 180 bytes"),
    ("é" * 91, "is longer than 180 bytes"),
    ("🚀" * 46, "is longer than 180 bytes"),
]

COMMANDS = [("get", ()), ("set", ("step",)), ("reset", ()), ("save", ())]


@pytest.mark.parametrize("name", NAMES)
def test_allowed(name: str) -> None:
    paths.check_name(name)


@pytest.mark.parametrize(
    ("name", "reason"), [*REFUSED, ("a\0b", "holds a control character"), ("a\ud800", "is not valid UTF-8")]
)
def test_refused_with_the_reason(name: str, reason: str) -> None:
    with pytest.raises(UsageError) as refused:
        paths.check_name(name)
    assert refused.value.message == (f"workflow name {reason}: {name}" if name else f"workflow name {reason}")


@pytest.mark.parametrize(("command", "words"), COMMANDS)
@pytest.mark.parametrize("name", ["workflow:pr", "with space", "a:b:c:", "100%", "工作流", "🚀", "été", "n" * 180])
def test_every_command_takes_what_is_allowed(
    project: Path, run: Run, command: str, words: tuple[str, ...], name: str
) -> None:
    assert run("set", name, "init").code == 0
    assert (project / f"ia/state/sessions/{name}.json").is_file()
    ended = run(command, name, *words)
    assert (ended.code, ended.stderr) == (0, "")


@pytest.mark.parametrize(("command", "words"), COMMANDS)
def test_every_command_refuses_the_rest_and_touches_nothing(
    tmp_path: Path, command: str, words: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    # in this process: twenty-odd names for each command
    main = __import__(f"session.{command}", fromlist=["main"]).main
    before = tree(tmp_path)
    for name, reason in REFUSED:
        assert main([name, *words]) == 1
        out, err = capfd.readouterr()
        assert out == ""
        if not name and command != "set":
            assert err.startswith("Usage: ")
        elif name[:1] == "-":
            assert err.startswith(f"unknown option: {name} (usage: ")
        else:
            assert err.startswith(f"workflow name {reason}")
        assert err.count("\n") == 1
        assert tree(tmp_path) == before


@pytest.mark.parametrize(("command", "words"), COMMANDS)
def test_a_name_of_other_bytes_than_utf8(project: Path, run: Run, command: str, words: tuple[str, ...]) -> None:
    ended = run(command, b"caf\xe9", *words)
    assert (ended.code, ended.stderr) == (1, "workflow name is not valid UTF-8: caf\\udce9\n")
    assert tree(project) == {}


@pytest.mark.parametrize(("command", "words"), COMMANDS)
def test_a_dash_after_two_dashes_is_a_name_and_refused(run: Run, command: str, words: tuple[str, ...]) -> None:
    ended = run(command, "--", "-x", *words)
    assert (ended.code, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
    assert ": -x" in ended.stderr


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("plain", "plain"),
        ("workflow:pr", "workflow%3Apr"),
        ("100%", "100%25"),
        ("%3A", "%253A"),
        ('*?"<>|', "%2A%3F%22%3C%3E%7C"),
        ("con", "%63on"),
        ("CON", "%43ON"),
        ("nul.txt", "%6Eul.txt"),
        ("com1", "%63om1"),
        ("COM¹", "%43OM¹"),
        ("lpt9 .x", "%6Cpt9 .x"),
        ("com10", "com10"),
        ("console", "console"),
        ("x.con", "x.con"),
        ("dot.", "dot%2E"),
        ("space ", "space%20"),
        ("two..", "two.%2E"),
        ("aux ", "%61ux%20"),
    ],
)
def test_file_names_for_windows(name: str, escaped: str) -> None:
    assert name_rules.windows_name(name) == escaped
    assert name_rules.plain_name(escaped) == name


@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1))
@example("%")
@example("%%41")
@example("con.")
@example("nul . ")
@example("é%")
def test_windows_names_come_back_and_are_fit_for_windows(name: str) -> None:
    escaped = name_rules.windows_name(name)
    assert name_rules.plain_name(escaped) == name
    assert not set(escaped) & set(':*?"<>|')
    assert escaped[-1] not in " ."
    device = escaped.split(".")[0].rstrip(" ").lower()
    assert device not in {"con", "prn", "aux", "nul", "com1", "com9", "lpt1", "lpt9", "com¹", "lpt³"}


@given(st.lists(st.text("aA%:3.con ", min_size=1), min_size=2, max_size=2, unique=True))
def test_two_names_are_two_files(pair: list[str]) -> None:
    assert name_rules.windows_name(pair[0]) != name_rules.windows_name(pair[1])


@pytest.mark.parametrize("name", ["%", "%4", "%+4", "%zz", "a%", "%%%"])
def test_a_percent_that_is_not_ours_stays(name: str) -> None:
    assert name_rules.plain_name(name) == name


@pytest.mark.skipif(os.name == "nt", reason="file names as on POSIX")
@pytest.mark.parametrize(
    ("collection", "file", "name"),
    [
        ("sessions", "workflow:pr.json", "workflow:pr"),
        ("sessions", "x.json.json", "x.json"),
        ("sessions", ".json", ""),
        ("sessions", "x.json.bak", None),
        ("sessions", "x.md", None),
        ("sessions", "x.JSON", None),
        ("archives", "2026-01-29-x.md", "2026-01-29-x"),
        ("archives", "x.json", None),
        ("logs", "x.jsonl", None),
        ("events", "events.jsonl", "events"),
    ],
)
def test_documents_of_files(collection: str, file: str, name: str | None) -> None:
    assert paths.document_name(collection, file) == name
    if name:
        assert paths.file_of(collection, name) == ("", file)


def test_documents_with_a_folder_of_their_own() -> None:
    assert paths.file_of("checkpoints", "CP_1") == ("CP_1", "checkpoint.json")
    assert paths.document_name("checkpoints", "CP_1") == "CP_1"


def test_any_number_of_documents_in_a_folder() -> None:
    assert paths.file_of("conversations", "a.b") == ("a.b", "SESSION_STATE.md")
    assert paths.file_of("conversation_backups", "a.b.20260101_000000") == (
        "a.b",
        "SESSION_STATE.20260101_000000.bak.md",
    )
    assert paths.shown_file("conversation_backups", "a.b.c") == "a.b/SESSION_STATE.c.bak.md"
    assert paths.document_name("conversation_backups", "a.b") is None
    for name in ("without a dot", ".hidden", "a/../b.c"):
        with pytest.raises(UsageError):
            paths.file_of("conversation_backups", name)


def test_the_lock_and_its_like_are_no_documents() -> None:
    for file in (paths.LOCK, paths.JOURNAL, paths.TEMPORARY, ".gitignore"):
        assert file.startswith(".")
        assert {paths.document_name(collection, file) for collection in paths.COLLECTIONS} == {None}
