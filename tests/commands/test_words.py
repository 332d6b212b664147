"""The first word of `session`: the module that it loads, the errors for wrong words, the help of each word."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from session._help import VERSION, help_text
from session.commands.words import WORDS
from tests.commands.terminal import on_a_terminal
from tests.conftest import Run, command

# Runs `session` and prints to stderr the modules that are loaded at its end.
HARNESS = """
import sys
from session.commands.words import main
code = main(sys.argv[1:])
print(*sys.modules, file=sys.stderr)
sys.exit(code)
"""


def loaded(*words: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-P", "-c", HARNESS, *words], capture_output=True, text=True, timeout=60, check=False
    )
    return set(done.stderr.split("\n")[-2].split())


@pytest.mark.parametrize(
    "words",
    [
        ("get", "w"),
        ("set", "w", "init"),
        ("reset", "w"),
        ("save", "w"),
        ("hook", "Stop"),
        ("run", "w", "step", "--", "true"),
    ],
    ids=lambda words: words[0],
)
def test_hot_commands_load_no_parser(words: tuple[str, ...]) -> None:
    modules = loaded(*words)
    assert f"session.{words[0]}" in modules
    assert not {"argparse", "rich", "session.commands.parser"} & modules


def test_only_the_module_of_the_word_is_loaded_and_rich_only_for_terminals() -> None:
    modules = loaded("list")
    assert {"session.commands.list", "argparse"} <= modules
    assert not {"session.commands.show", "session.commands.trust", "platformdirs", "rich"} & modules


def test_session_set_answers_as_session_hyphen_set_does(run: Run) -> None:
    first = run("session", "set", "w", "init", '{"n": 1}')
    assert (first.code, first.out) == (0, run("get", "w").out)
    for words in (("get", "w"), ("get",), ("set", "w", "x", "--if-step", "y"), ("save", "none"), ("get", "--help")):
        assert run("session", *words) == run(*words), words


@pytest.mark.parametrize("word", WORDS)
def test_every_word_explains_itself(run: Run, word: str) -> None:
    asked = run("session", word, "--help")
    assert (asked.code, asked.stderr) == (0, "")
    assert asked.stdout.startswith("usage: session")
    assert "\nexamples:\n  " in asked.stdout
    assert run("session", "help", word) == asked


def test_help_names_every_word(run: Run) -> None:
    asked = run("session", "--help")
    assert (asked.code, asked.stderr) == (0, "")
    for word, (_, summary) in WORDS.items():
        assert f"\n  {word:11}{summary}\n" in asked.stdout
    assert max(map(len, asked.stdout.split("\n"))) <= 80
    assert run("session", "help") == run("session", "-h") == asked
    assert run("session", "help", "get").stdout == help_text("get")
    assert run("session", "--version").stdout == VERSION


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ((), "Usage: session WORD ... (session --help lists the words)"),
        (("",), "unknown word:  (session --help lists the words)"),
        (("lsit",), "unknown word: lsit (did you mean list?)"),
        (("get-all",), "unknown word: get-all (did you mean get?)"),
        (("frobnicate",), "unknown word: frobnicate (session --help lists the words)"),
        (("help", "trsut"), "unknown word: trsut (did you mean trust?)"),
        (("--list",), "unknown option: --list (session --help lists the words)"),
        (("\x1b[2J\n",), "unknown word: \\u001b[2J\\u000a (session --help lists the words)"),
        ((b"\xff",), "unknown word: \\udcff (session --help lists the words)"),
    ],
)
def test_what_is_no_word(run: Run, words: tuple[str | bytes, ...], line: str) -> None:
    ended = run("session", *words)
    assert (ended.code, ended.stdout, ended.stderr) == (1, "", f"{line}\n")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("list", "--activ"), "unrecognized arguments: --activ (usage: session list "),
        (("show",), "the following arguments are required: WORKFLOW (usage: session show "),
        (
            ("archive", "list", "--limit", "0"),
            "argument --limit: not a number above 0: 0 (usage: session archive list ",
        ),
    ],
)
def test_mistakes_are_one_line_and_never_exit_code_2(run: Run, words: tuple[str, ...], line: str) -> None:
    ended = run("session", *words)
    assert (ended.code, ended.stdout) == (1, "")
    assert ended.stderr.startswith(line)
    assert ended.stderr.count("\n") == 1


def test_help_is_not_coloured(run: Run) -> None:
    for words in (("--help",), ("list", "--help")):
        assert on_a_terminal(*words, env={"FORCE_COLOR": "1"}).out == run("session", *words).out


def test_a_module_that_cannot_be_loaded_is_one_line(project: Path) -> None:
    (project / "argparse.py").write_text("raise ImportError('broken')")
    done = subprocess.run(
        command("session", "list"),
        env={**os.environ, "PYTHONPATH": f"{project}:{os.environ.get('PYTHONPATH', '')}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "the system refuses to go on: broken\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("words", [("--help",), ("list",), ("list", "--help"), ("archive", "list"), ("trust",)])
def test_an_answer_that_cannot_be_written_is_one_line(words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command("session", *words), stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    said = "cannot write the answer to stdout: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, said)


def test_tables_without_rich(project: Path) -> None:
    """With a Python that has no packages installed, JSON works, and a table names the missing package."""
    (project / "rich.py").write_text("raise ImportError('no rich')")
    env = {"PYTHONPATH": f"{project}:{os.environ.get('PYTHONPATH', '')}"}
    shown = on_a_terminal("list", env=env)
    said = "tables need rich, which is not installed (pip install rich, or add --json)\n"
    assert (shown.code, shown.stdout) == (1, said)
    assert json.loads(on_a_terminal("list", "--json", env=env).stdout) == {"active": [], "archived": []}
