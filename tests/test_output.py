"""The end of a command: the whole answer, one line for an error, an exit code, and safe text on a terminal."""

import array
import fcntl
import os
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from session import output
from session.errors import Busy, Conflict, InvalidContext, SessionError, Unconfirmed, UsageError
from tests.conftest import Ended, Run, command

posix = pytest.mark.skipif(os.name == "nt", reason="descriptors as on POSIX")
BIG = '{"log": "' + "é" * 60_000 + '"}'  # more than a pipe holds


def raising(error: BaseException) -> Callable[[list[str]], int]:
    def work(argv: list[str]) -> int:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (SessionError("a is odd"), 1, "a is odd"),
        (SessionError("a is odd", "mend it"), 1, "a is odd (mend it)"),
        (UsageError("x"), 1, "x"),
        (InvalidContext("two\nlines\t\x1b"), 1, "two\nlines\t\\u001b"),
        (Conflict("at b"), 3, "at b"),
        (Busy("held"), 4, "held"),
        (Unconfirmed("written"), 5, "written"),
        (SessionError("\x1b[2J\n\u202e\x9b\ud800"), 1, "\\u001b[2J\\u000a\\u202e\\u009b\\ud800"),
        (KeyboardInterrupt(), 130, "interrupted (session-get --all shows what is recorded)"),
        (MemoryError(), 1, "out of memory"),
    ],
)
def test_errors_are_one_line(capfd: pytest.CaptureFixture[str], error: BaseException, code: int, line: str) -> None:
    assert output.run(raising(error), []) == code
    assert capfd.readouterr() == ("", f"{line}\n")


def test_a_bug_says_that_it_is_one_and_where(capfd: pytest.CaptureFixture[str]) -> None:
    assert output.run(raising(ValueError("two\nlines")), []) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("bug in workflow-session: ValueError: two\\u000alines (test_output.py:")
    assert err.count("\n") == 1


def test_the_code_of_what_went_well(capfd: pytest.CaptureFixture[str]) -> None:
    assert output.run(lambda argv: len(argv), ["a", "b"]) == 2
    assert capfd.readouterr() == ("", "")


def test_a_line_has_an_end(capfd: pytest.CaptureFixture[str]) -> None:
    output.tell("x" * 100_000)
    err = capfd.readouterr().err
    assert len(err) < 2100
    assert err.endswith("… (98000 more characters)\n")


def test_short_writes_are_continued(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(output.posix, "write", lambda fd, data: write(fd, data[:7]))
    output.answer(b"0123456789" * 100)
    output.tell("abcdefghijklmnop")
    assert capfd.readouterr() == ("0123456789" * 100, "abcdefghijklmnop\n")


@pytest.mark.parametrize(("committed", "kind"), [(False, SessionError), (True, Unconfirmed)])
def test_an_answer_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, committed: bool, kind: type[SessionError]
) -> None:
    def full(fd: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(output.posix, "write", full)
    with pytest.raises(SessionError, match="cannot write the answer to stdout: No space left on device") as told:
        output.answer(b"x", committed=committed)
    assert type(told.value) is kind
    output.tell("nowhere to say so is no error")


def is_full(pipe: int) -> bool:
    waiting = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, waiting)
    return waiting[0] >= 1 << 16


@posix
def test_a_pipe_whose_other_side_made_it_non_blocking(run: Run) -> None:
    """Node sets shared pipes to non-blocking: EAGAIN is then no error."""
    assert run("set", "w", "init", "-", stdin=BIG.encode()).code == 0
    expected = run("get", "w").out
    assert len(expected) > 100_000
    read, write = os.pipe()
    fcntl.fcntl(write, fcntl.F_SETFL, fcntl.fcntl(write, fcntl.F_GETFL) | os.O_NONBLOCK)
    got: list[bytes] = []

    with subprocess.Popen(command("get", "w"), stdout=write, stderr=subprocess.PIPE) as process:
        os.close(write)
        while process.poll() is None and not is_full(read):
            time.sleep(0.01)
        time.sleep(0.2)  # for it to write into the full pipe once more
        while piece := os.read(read, 1 << 16):
            got.append(piece)
        assert process.stderr is not None
        assert process.stderr.read() == b""
    os.close(read)
    assert process.returncode == 0
    assert b"".join(got) == expected


def ending(words: tuple[str, ...], redirection: str) -> Ended:
    """Run a command in a shell that redirects its streams."""
    line = [os.fspath("/bin/sh"), "-c", f'exec "$@" {redirection}', "sh", *map(str, command(*words))]
    done = subprocess.run(line, capture_output=True, check=False)
    return Ended(done.returncode, done.stdout, done.stderr)


def broken(words: tuple[str, ...]) -> Ended:
    """Run a command whose reader has closed the pipe."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(command(*words), stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    return Ended(done.returncode, b"", done.stderr)


NO_STDOUT = [
    pytest.param(lambda words: ending(words, ">&-"), "Bad file descriptor", id="closed"),
    pytest.param(lambda words: ending(words, ">/dev/full"), "No space left on device", id="full"),
    pytest.param(broken, "Broken pipe", id="broken"),
]


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize(("start", "reason"), NO_STDOUT)
class TestNoStdout:
    """Without stdout, the change is made, and the command reports that only its answer is lost."""

    def test_set(self, run: Run, start: Callable[[tuple[str, ...]], Ended], reason: str) -> None:
        assert run("set", "w", "init").code == 0
        ended = start(("set", "w", "next"))
        assert (ended.code, ended.stderr) == (
            5,
            f"done and durable, but cannot write the answer to stdout: {reason}\n",
        )
        assert '"step": "next"' in run("get", "w").stdout

    def test_save(self, project: Path, run: Run, start: Callable[[tuple[str, ...]], Ended], reason: str) -> None:
        assert run("set", "w", "init").code == 0
        ended = start(("save", "w"))
        assert (ended.code, ended.stderr) == (
            5,
            f"done and durable, but cannot write the answer to stdout: {reason}\n",
        )
        assert run("get", "w").stdout == "null\n"
        assert len(list((project / "ia/state/sessions/archives").iterdir())) == 1

    def test_reset(self, run: Run, start: Callable[[tuple[str, ...]], Ended], reason: str) -> None:
        assert run("set", "w", "init").code == 0
        assert start(("reset", "w")).code == 5
        # nothing was there to delete: nothing is done, but the answer was lost
        ended = start(("reset", "w"))
        assert (ended.code, ended.stderr) == (1, f"cannot write the answer to stdout: {reason}\n")

    @pytest.mark.parametrize("words", [("get", "w"), ("get", "none"), ("get", "--all"), ("get", "--help")])
    def test_get(
        self, run: Run, start: Callable[[tuple[str, ...]], Ended], reason: str, words: tuple[str, ...]
    ) -> None:
        assert run("set", "w", "init").code == 0
        ended = start(words)
        assert (ended.code, ended.stderr) == (1, f"cannot write the answer to stdout: {reason}\n")


@posix
@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", "<&- 2>&-"])
def test_nowhere_to_complain_is_no_error(project: Path, redirection: str) -> None:
    first = ending(("set", "w", "init"), redirection)  # which has a notice to give
    assert first.code == 0
    assert first.stdout.startswith("{")
    assert ending(("save", "none"), redirection).code == 1
    assert ending(("get", "w"), redirection).out == first.out


@posix
def test_without_any_stream(project: Path, run: Run) -> None:
    """With all streams closed, new files get the descriptors 0 to 2: no message may go into them."""
    assert ending(("set", "w", "init"), "<&- >&- 2>&-").code == 5
    assert ending(("set", "w", "next"), "<&- >&- 2>&-").code == 5
    assert ending(("get", "--all"), "<&- >&- 2>&-").code == 1
    found = run("get", "w")
    assert (found.code, found.stderr) == (0, "")
    assert '"step": "next"' in found.stdout
    assert (project / "ia/state/.lock").read_bytes() == b"         0\n"
    assert ending(("save", "w"), "<&- >&- 2>&-").code == 5
    assert run("get", "--all").stdout == "[]\n"


@posix
def test_stdin_that_cannot_be_read(project: Path) -> None:
    ended = ending(("set", "w", "init", "-"), "<&-")
    assert (ended.code, ended.stdout) == (1, "")
    assert ended.stderr == "cannot read the context from stdin: Bad file descriptor\n"
    assert list(project.iterdir()) == []


PAYLOAD = "\x9b2J\x7f\u202e\u200b\U000e0041 \x1b]0;owned\x07"
SHOWN = "\\u009b2J\\u007f\\u202e\\u200b\\udb40\\udc41 \\u001b]0;owned\\u0007"


def test_a_pipe_gets_what_can_be_seen(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    data = f'{{"a\t": "{PAYLOAD} é"}}\n'.encode() + b"\xff\x9b\n"
    output.answer(data)
    assert capfdbinary.readouterr().out == f'{{"a\t": "{SHOWN} é"}}\n\\udcff\\udc9b\n'.encode()
    output.answer(data, exact=True)
    output.answer(data, styled=True)
    assert capfdbinary.readouterr().out == data + data


def on_a_terminal(*words: str) -> tuple[int, str]:
    """Run a command on a terminal; return its exit code and everything that it writes there."""
    import pty

    from tests.commands.terminal import read_all  # where there are such terminals

    ours, theirs = pty.openpty()
    with subprocess.Popen(command(*words), stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL) as process:
        os.close(theirs)
        shown = read_all(ours)
    return process.returncode, shown.decode()


@posix
def test_a_terminal_is_not_driven(project: Path, sessions: Path, run: Run) -> None:
    body = '{\n  "step": "' + PAYLOAD.replace("\x1b", "\\u001b").replace("\x07", "\\u0007") + '",\n  "steps": []\n}'
    (sessions / "w.json").write_text(body)
    assert run("get", "w").stdout == f"{body}\n"  # what is piped stays exact
    code, shown = on_a_terminal("get", "w")
    assert (code, shown) == (0, f'{{\n  "step": "{SHOWN}",\n  "steps": []\n}}\n')
    _, shown = on_a_terminal("get", "--all")
    assert f'"step": "{SHOWN}"' in shown
    _, shown = on_a_terminal("set", "w", "next", "--if-step=" + PAYLOAD)
    assert '"step": "next"' in shown
    code, shown = on_a_terminal("save", "w", "--notes", PAYLOAD)
    assert code == 0
    assert SHOWN in shown
    assert shown.isascii() or not set(PAYLOAD) - {" "} & set(shown) - set("2J]0;owned")


@posix
@pytest.mark.parametrize(
    "words",
    [
        ("get", PAYLOAD),
        ("get", "-" + PAYLOAD),
        ("set", "w", "s", PAYLOAD),
        ("set", "w", "s", "--if-step", PAYLOAD),
        ("set", "w", "s", "{}", PAYLOAD),
        ("save", "w", f"--status={PAYLOAD}"),
        ("get", "none", PAYLOAD),
    ],
)
def test_nor_is_it_by_errors(project: Path, words: tuple[str, ...]) -> None:
    _, shown = on_a_terminal(*words)
    assert SHOWN in shown
    assert not {"\x9b", "\x7f", "\u202e", "\u200b", "\U000e0041", "\x1b", "\x07"} & set(shown)


def test_leaving_ends_the_process_with_the_code() -> None:
    for code in (0, 3):
        done = subprocess.run(
            [sys.executable, "-P", "-c", f"from session import output; output.leave({code})"], check=False
        )
        assert done.returncode == code


def test_under_coverage_the_interpreter_ends_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "coverage", sys)
    with pytest.raises(SystemExit) as left:
        output.leave(3)
    assert left.value.code == 3
