"""The words after a command's name."""

import os

import pytest

from session import _help
from session.arguments import asked_for_help, split, usage_error
from session.errors import SessionError, UsageError
from tests.conftest import COMMANDS, Run


def words_of(*argv: str) -> tuple[list[str], dict[str, str]]:
    return split("set", list(argv), flags=("--new",), options=("--if-step",), texts=("--notes",))


@pytest.mark.parametrize(
    ("argv", "words", "options"),
    [
        ((), [], {}),
        (("a", "b"), ["a", "b"], {}),
        (("a", ""), ["a", ""], {}),
        (("-",), ["-"], {}),
        (("a", "--new", "b"), ["a", "b"], {"--new": ""}),
        (("--if-step=x", "a"), ["a"], {"--if-step": "x"}),
        (("--if-step", "x", "a"), ["a"], {"--if-step": "x"}),
        (("--if-step=x=y",), [], {"--if-step": "x=y"}),
        (("--if-step=",), [], {"--if-step": ""}),
        (("--if-step", ""), [], {"--if-step": ""}),
        (("--if-step", "-x"), [], {"--if-step": "-x"}),
        (("--if-step", "--new"), [], {"--if-step": "--new"}),
        (("--if-step", "-"), [], {"--if-step": "-"}),
        (("--if-step=a", "--if-step=b"), [], {"--if-step": "b"}),
        (("--notes=-",), [], {"--notes": "-"}),
        (("--", "--new", "-x"), ["--new", "-x"], {}),
        (("a", "--", "--"), ["a", "--"], {}),
        (("--if-step", "--", "a"), ["a"], {"--if-step": "--"}),
        (('{"a": 1}',), ['{"a": 1}'], {}),
    ],
)
def test_split(argv: tuple[str, ...], words: list[str], options: dict[str, str]) -> None:
    assert words_of(*argv) == (words, options)


@pytest.mark.parametrize(
    ("argv", "wrong"),
    [
        (("-x",), "unknown option: -x"),
        (("--nope",), "unknown option: --nope"),
        (("--nope=1",), "unknown option: --nope"),
        (("--new=1",), "unknown option: --new"),
        (("--ne",), "unknown option: --ne"),
        (("---new",), "unknown option: ---new"),
        (("a", "--if-step"), "--if-step needs a value"),
        (("--notes",), "--notes needs a value"),
        (("-5",), "unknown option: -5"),
    ],
)
def test_split_refuses(argv: tuple[str, ...], wrong: str) -> None:
    with pytest.raises(UsageError) as refused:
        words_of(*argv)
    assert (refused.value.message, refused.value.hint) == (wrong, f"usage: {_help.USAGE['set']}")


def test_a_text_may_come_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.write(write, "long\ntext é".encode())
    os.close(write)
    stdin = os.dup(0)
    try:
        os.dup2(read, 0)
        assert words_of("--notes", "-", "w") == (["w"], {"--notes": "long\ntext é"})
    finally:
        os.dup2(stdin, 0)
        os.close(stdin)
        os.close(read)


@pytest.mark.parametrize(("argv", "asked"), [
    (["--help"], True), (["-h"], True), (["a", "--help"], True), (["--version"], True), (["a", "b", "-h"], True),
    ([], False), (["a"], False), (["--", "--help"], False), (["help"], False), (["--helpx"], False),
])  # fmt: skip
def test_asked_for_help(capfd: pytest.CaptureFixture[str], argv: list[str], asked: bool) -> None:
    assert asked_for_help("get", argv) is asked
    assert bool(capfd.readouterr().out) is asked


@pytest.mark.parametrize("name", COMMANDS)
def test_help_goes_to_stdout(run: Run, name: str) -> None:
    for words in (["--help"], ["-h"], ["w", "--help"]):
        ended = run(name, *words)
        assert (ended.code, ended.stderr) == (0, "")
        assert ended.stdout == _help.help_text(name)
    assert ended.stdout.startswith(f"usage: session-{name} ")
    assert "Exit codes: " in ended.stdout
    assert "{" not in ended.stdout.replace("'{\"pr_number\": 8}'", "")
    assert run(name, "--version").stdout == _help.VERSION


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["get"], "Usage: {get}"),
        (["get", ""], "Usage: {get}"),
        (["get", "--al"], "unknown option: --al (usage: {get})"),
        (["set"], "Usage: {set}"),
        (["set", "w"], "Usage: {set}"),
        (["set", "w", ""], "step is empty (usage: {set})"),
        (["set", "w", "s", "{}", "x"], "unexpected argument: x (usage: {set})"),
        (["set", "w", "s", "--if-step"], "--if-step needs a value (usage: {set})"),
        (["set", "w", "s", "--if-step="], "--if-step is empty (usage: {set})"),
        (["set", "w", "s", "--new", "--if-step=a"], "--new and --if-step exclude each other (usage: {set})"),
        (["set", "w", "s", "--force"], "unknown option: --force (usage: {set})"),
        (["reset"], "Usage: {reset}"),
        (["reset", ""], "Usage: {reset}"),
        (["reset", "w", "v"], "unexpected argument: v (usage: {reset})"),
        (["reset", "w", "--yes"], "unknown option: --yes (usage: {reset})"),
        (["save"], "Usage: {save}"),
        (["save", "", "--status=failed"], "Usage: {save}"),
        (["save", "w", "v"], "unexpected argument: v (usage: {save})"),
        (["save", "w", "--status=done"], "unknown status: done (usage: {save})"),
        (["save", "w", "--status="], "unknown status:  (usage: {save})"),
        (["save", "w", "--status"], "--status needs a value (usage: {save})"),
        (["save", "w", "--note=x"], "unknown option: --note (usage: {save})"),
    ],
)
def test_usage_errors_leave_everything_as_it_is(run: Run, sessions_of_w: bytes, words: list[str], line: str) -> None:
    ended = run(*words)
    assert (ended.code, ended.stdout, ended.stderr) == (1, "", line.format(**_help.USAGE) + "\n")
    assert run("get", "w").out == sessions_of_w


@pytest.fixture
def sessions_of_w(run: Run) -> bytes:
    """Start a session `w`, and return it as `get` prints it."""
    assert run("set", "w", "init").code == 0
    return run("get", "w").out


def test_options_anywhere(run: Run) -> None:
    assert run("set", "--new", "w", "init").code == 0
    assert run("set", "w", "--if-step", "init", "next", "{}").code == 0
    saved = run("save", "--status", "failed", "--notes=a=b", "w", "--status=abandoned")
    assert saved.code == 0
    assert "**Status:** abandoned\n" in saved.stdout
    assert "## Notes\na=b\n" in saved.stdout


def test_what_follows_a_name_is_ignored_by_get(run: Run, sessions_of_w: bytes) -> None:
    ended = run("get", "w", "x", "--all")
    assert (ended.code, ended.out, ended.stderr) == (0, sessions_of_w, "ignored after w: x --all\n")


def test_the_context_from_stdin(run: Run) -> None:
    big = b'{"log": "' + b"x" * 300_000 + b'"}'  # beyond what fits in one argument
    ended = run("set", "w", "s", "-", stdin=big)
    assert ended.code == 0
    assert ended.stdout.count("x" * 300_000) == 1
    assert run("set", "w", "s", "-", stdin=b"").code == 0  # nothing is no context
    assert run("save", "w", "--notes", "-", stdin="é\nnotes".encode()).stdout.count("## Notes\né\nnotes\n") == 1


@pytest.mark.parametrize(
    ("stdin", "said"),
    [
        (b"{", "Invalid JSON context: {\n"),
        (b"[1]", "Invalid JSON context: not an object: [1]\n"),
        (b'{"a": "\xff"}', "the context on stdin is not valid UTF-8 at byte 7\n"),
    ],
)
def test_a_context_from_stdin_that_is_none(run: Run, sessions_of_w: bytes, stdin: bytes, said: str) -> None:
    ended = run("set", "w", "s", "-", stdin=stdin)
    assert (ended.code, ended.stdout, ended.stderr) == (1, "", said)
    assert run("get", "w").out == sessions_of_w


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("set", "w", b"\xff"), "step"),
        (("set", "w", "s", b'{"a": "\xff"}'), "the context"),
        (("set", "w", "s", b"--if-step=\xff"), "--if-step"),
        (("save", "w", b"--notes=\xff"), "--notes"),
    ],
)
def test_arguments_of_other_bytes_than_utf8(
    run: Run, sessions_of_w: bytes, words: tuple[str | bytes, ...], what: str
) -> None:
    ended = run(*words)
    assert (ended.code, ended.stdout, ended.stderr) == (1, "", f"{what} is not valid UTF-8\n")
    assert run("get", "w").out == sessions_of_w


def test_the_errors_are_of_one_kind() -> None:
    assert issubclass(UsageError, SessionError)
    assert (usage_error("get").message, usage_error("get").hint) == (f"Usage: {_help.USAGE['get']}", "")
