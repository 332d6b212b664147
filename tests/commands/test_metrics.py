"""Test `session metrics` and `session metrics context`."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from session.commands import metrics
from tests.commands.terminal import on_a_terminal, plain
from tests.conftest import REPOSITORY
from tests.entry.laying import files, lay, load, state

Out = pytest.CaptureFixture[str]


@pytest.fixture
def measured(project: Path) -> Path:
    for name, began in (
        ("b-2", "2026-02-01T00:00:00Z"),
        ("a-1", "2026-03-01T00:00:00Z"),
        ("b-1", "2026-01-01T00:00:00Z"),
    ):
        lay(project, f"metrics/{name}.json", {"session_id": name, "started_at": began, "test_runs": {"passed": 2}})
    return project


def answer(capfd: Out) -> Any:
    return json.loads(capfd.readouterr().out)


def test_which_session(measured: Path, capfd: Out) -> None:
    for words, name in (([], "a-1"), (["b-2"], "b-2"), (["a"], "a-1")):
        assert metrics.main(words) == 0
        assert answer(capfd)["session_id"] == name
    lay(measured, "state.json", state(session_id="b-1"))
    assert metrics.main([]) == 0
    assert answer(capfd)["session_id"] == "b-1"
    assert metrics.main(["--all"]) == 0
    assert [each["session_id"] for each in answer(capfd)] == ["b-1", "b-2", "a-1"]


@pytest.mark.parametrize("words", [["b"], ["none"], ["../state"], [""], ["a-1", "--tokens", "x"], ["--all", "a-1"]])
def test_refused(measured: Path, capfd: Out, words: list[str]) -> None:
    before = files(measured)
    assert metrics.main(words) == 1
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert files(measured) == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x", "not a whole number: x"),
        ("1.5", "not a whole number: 1.5"),
        ("-", "not a whole number: -"),
        ("-1", "below 0: -1"),
    ],
)
def test_what_is_no_number_of_tokens(measured: Path, capfd: Out, text: str, said: str) -> None:
    assert metrics.main([f"--tokens={text}"]) == 1
    assert capfd.readouterr().err.startswith(f"argument --tokens: {said} (usage: session metrics ")


def test_tokens_are_recorded(measured: Path, capfd: Out) -> None:
    assert metrics.main(["b-1", "--tokens", "4500"]) == 0
    assert answer(capfd)["tokens_used"] == load(measured, "metrics/b-1.json")["tokens_used"] == 4500


def test_no_other_session_stands_in_for_the_one_under_way(measured: Path, capfd: Out) -> None:
    lay(measured, "state.json", state(session_id="b-1"))
    lay(measured, "metrics/b-1.json", "{half")
    before = files(measured)
    assert metrics.main(["--tokens", "7"]) == 1
    assert "metrics/b-1.json is not valid JSON" in capfd.readouterr().err
    assert files(measured) == before
    lay(measured, "state.json", state(session_id="../b"))
    assert metrics.main([]) == 0
    assert answer(capfd)["session_id"] == "a-1"


def test_nothing_measured(project: Path, capfd: Out) -> None:
    assert metrics.main([]) == 1
    assert metrics.main(["--all"]) == 0
    assert json.loads(capfd.readouterr().out) == []
    assert list(project.iterdir()) == []


def test_what_cant_be_read_is_named(measured: Path, capfd: Out) -> None:
    lay(measured, "metrics/broken.json", "{half")
    assert metrics.main(["--all"]) == 1
    out, err = capfd.readouterr()
    assert len(json.loads(out)) == 3
    assert "metrics/broken.json" in err
    assert metrics.main(["broken"]) == 1


def test_nothing_measured_on_a_terminal(project: Path) -> None:
    assert on_a_terminal("metrics", "--all").stdout == "no metrics are recorded\n"
    lay(project, "metrics/broken.json", "{half")
    assert "no metrics" not in on_a_terminal("metrics", "--all").stdout


def test_tables(measured: Path) -> None:
    every = on_a_terminal("metrics", "--all", env={"COLUMNS": "160"})
    assert (every.code, "2 passed" in plain(every.stdout)) == (0, True)
    assert "a-1" in plain(on_a_terminal("metrics").stdout)


def test_context(capfd: Out) -> None:
    assert metrics.main(["context", "0.86"]) == 0
    assert capfd.readouterr().out == "summarize\n"
    assert metrics.main(["context", "75%", "--json"]) == 0
    expected = {"usage": 0.75, "action": "none", "advice": "pre_compress", "resumption": "compress_and_continue"}
    assert answer(capfd) == expected
    for word in ("nan", "-0.5", "much"):
        assert metrics.main(["context", word]) == 1
        out, err = capfd.readouterr()
        assert (out, err.count("\n")) == ("", 1)


@pytest.mark.parametrize("script", ["check-context", "check-context.sh"])
def test_the_originals_name(project: Path, script: str) -> None:
    process = subprocess.run([REPOSITORY / "scripts" / script, "0.96"], capture_output=True, text=True, check=False)
    assert (process.returncode, process.stdout, process.stderr) == (0, "emergency\n", "")
    assert list(project.iterdir()) == []
