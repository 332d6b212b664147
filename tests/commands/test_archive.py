"""Test `session archive`: list, show and search, on terminals and in pipes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from session.commands import archive
from session.store import codec
from session.text import bulk_json
from session.text.untrusted import visible
from tests.commands.terminal import on_a_terminal, plain
from tests.conftest import Run

TODAY = r"\d{4}-\d\d-\d\d"
HOSTILE = b"# w\x1b[2J - 2026-01-29\n\n**Status:** [red]x\xe2\x80\xae\n\x1b]0;owned\x07 needle\xff\r\n"


@pytest.fixture
def two(run: Run) -> None:
    assert run("set", "workflow:pr", "init", '{"ci": "CI blocked"}').code == 0
    assert run("save", "workflow:pr", "--notes=ci BLOCKED again").code == 0
    assert run("set", "docs", "draft").code == 0
    assert run("save", "docs", "--status=abandoned").code == 0


@pytest.fixture
def hostile(sessions: Path) -> Path:
    (sessions / "archives").mkdir()
    file = sessions / "archives" / "2026-01-29-x.md"
    file.write_bytes(HOSTILE)
    return file


@pytest.mark.usefixtures("two")
def test_list(run: Run) -> None:
    listed = run("session", "archive", "list")
    assert (listed.code, listed.stderr) == (0, "")
    docs, pr = json.loads(listed.stdout)
    assert list(pr) == ["name", "workflow", "date", "ended_at", "status", "duration", "path"]
    assert re.fullmatch(rf"{TODAY}-workflow-pr", pr["name"])
    assert (pr["workflow"], pr["status"], pr["duration"]) == ("workflow:pr", "completed", "0min")
    assert pr["path"] == f"ia/state/sessions/archives/{pr['name']}.md"
    assert pr["ended_at"].startswith(pr["date"])
    assert (docs["workflow"], docs["status"]) == ("docs", "abandoned")
    assert json.loads(run("session", "archive", "list", "--workflow=docs").stdout) == [docs]
    limited = run("session", "archive", "list", "--limit", "1")
    assert (limited.code, json.loads(limited.stdout), limited.stderr) == (0, [docs], "1 more (--limit)\n")
    assert json.loads(on_a_terminal("archive", "list", "--json").stdout) == [docs, pr]


@pytest.mark.usefixtures("two")
def test_list_on_a_terminal() -> None:
    shown = on_a_terminal("archive", "list")
    assert shown.code == 0
    head, rule, docs, pr, end = plain(shown.stdout).split("\n")
    assert head.split() == ["Date", "Workflow", "Status", "Duration", "Name"]
    assert set(rule) == {"─"}
    assert docs.split()[1:4] == ["docs", "abandoned", "0min"]
    assert pr.split()[1:4] == ["workflow:pr", "completed", "0min"]
    assert end == ""


def test_an_empty_list(run: Run) -> None:
    assert run("session", "archive", "list").stdout == "[]\n"
    assert on_a_terminal("archive", "list").stdout == "no archives yet: session save makes them\n"
    assert on_a_terminal("archive", "list", "--workflow", "w").stdout == "no archives\n"


@pytest.mark.usefixtures("two")
def test_show(run: Run, project: Path) -> None:
    [file] = project.glob("ia/state/sessions/archives/*workflow-pr.md")
    for name in (file.stem, file.name, str(file), str(file.relative_to(project))):
        shown = run("session", "archive", "show", name)
        assert (shown.code, shown.out, shown.stderr) == (0, file.read_bytes(), "")
    answer = json.loads(run("session", "archive", "show", "--json", file.stem).stdout)
    assert answer["text"] == file.read_text()
    assert answer["workflow"] == "workflow:pr"
    missing = run("session", "archive", "show", "2020")
    assert (missing.code, missing.stdout) == (1, "")
    assert missing.stderr == "no archive is called 2020 (session archive list names them)\n"


@pytest.mark.usefixtures("two")
def test_search(run: Run) -> None:
    result = run("session", "archive", "search", "Ci BlOcKeD")
    assert (result.code, result.stderr) == (0, "")
    lines = json.loads(result.stdout)
    assert [list(line) for line in lines] == [["archive", "path", "line", "text"]] * 2
    assert [(line["line"], line["text"]) for line in lines] == [(7, "- ci: CI blocked"), (18, "ci BLOCKED again")]
    shown = on_a_terminal("archive", "search", "ci blocked")
    assert shown.code == 0
    assert [line.split(None, 2)[1:] for line in plain(shown.stdout).split("\n")[2:-1]] == [
        ["7", "- ci: CI blocked"],
        ["18", "ci BLOCKED again"],
    ]
    limited = run("session", "archive", "search", "ci blocked", "--limit=1")
    assert (json.loads(limited.stdout), limited.stderr) == (lines[:1], "1 more (--limit)\n")


@pytest.mark.usefixtures("two")
def test_search_for_what_is_not_there(run: Run) -> None:
    none = run("session", "archive", "search", "ci.blocked")
    assert (none.code, none.stdout, none.stderr) == (1, "[]\n", "nothing found\n")
    assert on_a_terminal("archive", "search", "zzz").stdout == "nothing found\n"
    empty = run("session", "archive", "search", "")
    assert (empty.code, empty.stdout) == (1, "")
    assert empty.stderr == "TEXT is empty (usage: session archive search [-h] [--limit N] [--json] TEXT)\n"


@pytest.mark.parametrize("words", [["list"], ["search", "x"]])
def test_many_rows_have_the_bytes_of_few(
    sessions: Path, capfdbinary: Any, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """Compare the bytes of the two encoders: orjson takes over from MANY_ROWS rows on."""
    (sessions / "archives").mkdir()
    line = 'x "\\" \t \x7f \x1b \u2028 é 🚀'
    for number in range(3):
        file = sessions / "archives" / f"2026-01-29-{number}.md"
        file.write_text(f"# w é{number} - 2026-01-29\n" + f"{line}\n" * 1200, encoding="utf-8")
    answers = []
    for many in (1, 10_000):
        monkeypatch.setattr(bulk_json, "MANY_ROWS", many)
        assert archive.main(words) == 0
        answers.append(capfdbinary.readouterr().out)
    assert answers[0] == answers[1]
    assert answers[0].decode() == visible(codec.encode(codec.decode(answers[0].decode())).decode(), "\n") + "\n"
    assert len(json.loads(answers[0])) == (3 if words == ["list"] else 3600)


def test_hostile_archives_drive_no_terminal_and_are_exact_in_pipes(hostile: Path, run: Run) -> None:
    assert run("session", "archive", "show", "2026").out == HOSTILE
    shown = on_a_terminal("archive", "show", "2026").stdout
    assert "# w\\u001b[2J - 2026-01-29\n" in shown
    assert "\\u001b]0;owned\\u0007 needle\ufffd\\u000d\n" in shown
    [listed] = json.loads(run("session", "archive", "list").stdout)
    assert (listed["workflow"], listed["status"]) == ("w\x1b[2J", "[red]x\u202e")
    [line] = json.loads(run("session", "archive", "search", "needle").stdout)
    assert line["text"] == "\x1b]0;owned\x07 needle\ufffd"
    table = plain(on_a_terminal("archive", "list").stdout) + plain(on_a_terminal("archive", "search", "needle").stdout)
    assert "w\\u001b[2J" in table
    assert "[red]x\\u202e" in table
    assert "\\u001b]0;owned\\u0007 needle" in table
    assert not {"\x1b", "\x07", "\u202e"} & set(table)


def test_one_unreadable_archive_hides_no_other(hostile: Path, run: Run) -> None:
    (hostile.parent / "a.md").symlink_to(hostile)
    message = "ia/state/sessions/archives/a.md is a symbolic link: refused (move it away)\n"
    listed = run("session", "archive", "list")
    assert (listed.code, len(json.loads(listed.stdout)), listed.stderr) == (1, 1, message)
    result = run("session", "archive", "search", "needle")
    assert (result.code, len(json.loads(result.stdout)), result.stderr) == (1, 1, message)
    assert run("session", "archive", "show", "2026").code == 0
    assert run("session", "archive", "show", "a").stderr == message


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ((), "Usage: session archive list | show NAME | search TEXT (session archive --help tells more)"),
        (("lits",), "unknown word: lits (did you mean list?)"),
        (("drop",), "unknown word: drop (usage: session archive list | show NAME | search TEXT)"),
        (("--json",), "unknown option: --json (usage: session archive list | show NAME | search TEXT)"),
        (
            ("search", "--limit", "many", "x"),
            "argument --limit: not a number above 0: many (usage: {usage})",
        ),
    ],
)
def test_mistakes(run: Run, words: tuple[str, ...], line: str) -> None:
    ended = run("session", "archive", *words)
    line = line.format(usage="session archive search [-h] [--limit N] [--json] TEXT")
    assert (ended.code, ended.stdout, ended.stderr) == (1, "", f"{line}\n")
