"""session run: the records before and after the command, and their truth after any failure in between."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from session.host import clock
from session.store.files import FileStore
from session.workflow import run_history
from tests.conftest import Ended, Run, command
from tests.faults import documents, refused

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the commands are those of POSIX")

WAIT_S = 60


def words(*args: str) -> list[str | bytes]:
    return command("session", "run", *args)


@pytest.fixture
def session_run(run: Run) -> Callable[..., Ended]:
    """Run `session run` with these words."""

    def call(*args: str, **options: Any) -> Ended:
        return run("session", "run", *args, **options)

    return call


Door = Callable[..., Ended]


@pytest.fixture
def state(project: Path) -> Callable[[], Any]:
    """Return a function that reads the session from its file."""

    def read() -> Any:
        return json.loads((project / "ia/state/sessions/w.json").read_bytes())

    return read


State = Callable[[], Any]


@contextmanager
def under_way(*args: str, **options: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """Start `session run` with pipes for its output, and yield it while its command runs."""
    with subprocess.Popen(
        words(*args), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def ready(process: "subprocess.Popen[bytes]") -> None:
    """Wait until the command reports that it is running."""
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"


def go(process: "subprocess.Popen[bytes]") -> Ended:
    """Send the line for which the command waits."""
    out, err = process.communicate(b"go\n", timeout=WAIT_S)
    return Ended(process.returncode, out, err)


WAITING = ("sh", "-c", "echo ready; read word; echo $word; exit 3")


class TestRecord:
    def test_before_and_after(self, session_run: Door, state: State, project: Path) -> None:
        script = "cat ia/state/sessions/w.json; echo https://x/pull/8; exit 3"
        done = session_run("w", "create", "--context", '{"pr": 8}', "--", "sh", "-c", script)
        assert (done.code, done.stderr) == (3, f"created ia/state in {project}\n")
        during = json.loads(done.stdout.removesuffix("https://x/pull/8\n"))
        after = state()
        [entry] = during["history"]
        assert entry == {
            "step": "create",
            "at": during["started_at"],
            "command": shlex.join(["sh", "-c", script]),
            "began_at": during["started_at"],
        }
        assert (during["step"], during["steps"], during["context"]) == ("create", ["create"], {"pr": 8})
        [result] = after["history"]
        assert result == {**entry, "done_at": after["updated_at"], "exit": 3, "output": result["output"]}
        assert {**after, "history": 0, "updated_at": 0} == {**during, "history": 0, "updated_at": 0}
        assert result["output"].endswith("https://x/pull/8\n")

    def test_it_is_a_file_as_the_others_write_it(self, session_run: Door, run: Run, project: Path) -> None:
        session_run("w", "a", "--", "true")
        text = (project / "ia/state/sessions/w.json").read_bytes()
        assert json.dumps(json.loads(text), indent=2, ensure_ascii=False).encode() == text
        assert run("get", "w").out == text + b"\n"

    def test_a_second_run_keeps_what_is_left_of_the_first(self, session_run: Door, state: State) -> None:
        session_run("w", "a", "--", "sh", "-c", "echo one; exit 1")
        session_run("w", "a", "--", "echo", "two")
        [entry] = state()["history"]
        assert (entry["command"], entry["exit"], entry["output"]) == ("echo two", 0, "two\n")
        assert [(run["command"], run["exit"]) for run in entry["earlier"]] == [("sh -c 'echo one; exit 1'", 1)]
        assert state()["steps"] == ["a"]

    def test_no_lock_is_held_meanwhile(self, session_run: Door, state: State) -> None:
        inner = shlex.join(os.fsdecode(word) for word in command("set", "w", "b", '{"inner": true}'))
        done = session_run("w", "a", "--", "sh", "-c", f"{inner} > /dev/null; echo $?")
        assert (done.code, done.stdout) == (0, "0\n")
        found = state()
        assert (found["step"], found["steps"], found["context"]) == ("b", ["a", "b"], {"inner": True})
        assert [entry.get("exit") for entry in found["history"]] == [0, None]

    def test_whatever_the_command_is_called_with_is_its_own(self, session_run: Door, state: State) -> None:
        done = session_run("w", "a", "--", "printf", "[%s]", "--once", "--", "--help", "", "$HOME", "a b")
        assert done.stdout == "[--once][--][--help][][$HOME][a b]"
        assert state()["history"][0]["command"] == "printf '[%s]' --once -- --help '' '$HOME' 'a b'"

    def test_stdin_is_the_commands(self, session_run: Door) -> None:
        assert session_run("w", "a", "--", "cat", stdin=b"\x00in\xff").out == b"\x00in\xff"

    @pytest.mark.parametrize(
        ("name", "code", "said"),
        [("no-such-command", 127, "no-such-command: not found"), ("/", 126, "/ cannot be run: permission denied")],
    )
    def test_what_cannot_be_started(self, session_run: Door, state: State, name: str, code: int, said: str) -> None:
        done = session_run("w", "a", "--", name)
        assert (done.code, done.stdout) == (code, "")
        assert done.stderr.splitlines()[1:] == [said]
        assert state()["history"][0]["exit"] == code

    def test_secrets_are_not_recorded(self, session_run: Door, project: Path) -> None:
        script = "echo token=hunter2-out; echo Authorization: Bearer hunter2-err >&2"
        done = session_run("w", "a", "--", "env", "API_KEY=hunter2-word", "sh", "-c", script, "--password", "hunter2")
        assert done.stdout == "token=hunter2-out\n"
        text = (project / "ia/state/sessions/w.json").read_text()
        assert text.count("[secret removed]") == 6
        assert "hunter2" not in text

    def test_the_end_of_a_long_output(self, session_run: Door, state: State) -> None:
        session_run("w", "a", "--", "seq", "100000")
        output = state()["history"][0]["output"]
        assert output.endswith("\n99999\n100000\n")
        assert len(output) == 2048

    def test_full(self, session_run: Door, state: State) -> None:
        done = subprocess.run(
            ["sh", "-c", 'exec "$@" > /dev/full', "sh", *words("w", "a", "--", "sh", "-c", "echo x; exit 4")],
            capture_output=True,
            check=False,
        )
        assert (done.returncode, state()["history"][0]["exit"]) == (4, 4)
        assert done.stderr.decode().splitlines()[1:] == ["cannot write to stdout: No space left on device"]

    def test_owner(self, session_run: Door, state: State) -> None:
        session_run("w", "a", "--", "true", env={"WORKFLOW_SESSION_OWNER": "me"})
        assert state()["owner"] == {"id": "me"}

    def test_an_owner_who_came_meanwhile_stays(self, run: Run, state: State) -> None:
        run("set", "w", "a")
        with under_way("w", "a", "--", *WAITING, env={**os.environ, "WORKFLOW_SESSION_OWNER": "me"}) as process:
            ready(process)
            assert state()["owner"] == {"id": "me"}
            run("set", "w", "b", env={"WORKFLOW_SESSION_OWNER": "you"})
            assert go(process).code == 3
        assert state()["owner"] == {"id": "you"}
        assert state()["history"][0]["exit"] == 3

    def test_into_the_archive(self, session_run: Door, run: Run) -> None:
        session_run("w", "a", "--", "sh", "-c", "exit 1")
        session_run("w", "a", "--", "echo", "https://x/pull/8")
        text = run("save", "w").stdout
        text = re.sub(r" after \d+s", " after 0s", text)
        assert text.endswith("\n## Runs\n- a: exit 1 after 0s\n- a: exit 0 after 0s: https://x/pull/8\n\n")


class TestOnce:
    def test_what_is_done_is_not_done_again(self, session_run: Door, project: Path) -> None:
        assert session_run("w", "a", "--once", "--", "echo", "https://x/pull/8").code == 0
        before = documents(project)
        done = session_run("w", "a", "--once", "--", "touch", "ran")
        line = re.sub(r"\d+ s ago", "0 s ago", refused(done, 3))
        assert line == "a already ended with exit 0 0 s ago; nothing was run (https://x/pull/8)"
        assert documents(project) == before

    def test_nor_if_something_else_was_run_since(self, session_run: Door, project: Path) -> None:
        session_run("w", "a", "--", "true")
        session_run("w", "a", "--", "false")
        session_run("w", "b", "--", "false")
        assert session_run("w", "a", "--once", "--", "touch", "ran").code == 3
        assert not (project / "ran").exists()

    def test_what_failed_is_done_again(self, session_run: Door) -> None:
        session_run("w", "a", "--once", "--", "false")
        done = session_run("w", "a", "--once", "--", "echo", "again")
        assert (done.code, done.stdout, done.stderr) == (0, "again\n", "")

    def test_another_session_is_another_matter(self, session_run: Door, run: Run) -> None:
        session_run("w", "a", "--once", "--", "true")
        session_run("v", "a", "--once", "--", "false")
        run("save", "w")
        assert session_run("w", "a", "--once", "--", "true").code == 0

    def test_what_has_no_result_is_told_first(self, session_run: Door, state: State) -> None:
        with under_way("w", "a", "--", *WAITING) as process:
            ready(process)
            process.kill()
            process.wait()
        done = session_run("w", "a", "--once", "--", "echo", "again")
        assert (done.code, done.stdout) == (0, "again\n")
        line = re.sub(r"\d+ s ago", "0 s ago", done.stderr)
        assert line == "a began 0 s ago, no result recorded: check before repeating\n"
        assert session_run("w", "a", "--", "true").stderr == ""


class TestCutShort:
    def test_killed_while_the_command_runs(self, run: Run, state: State) -> None:
        with under_way("w", "git:pr:create", "--", *WAITING) as process:
            ready(process)
            process.kill()
            process.wait()
        [found] = run_history.runs(state())
        assert run_history.line(found, clock.now_ms() + 720_000) == (
            "git:pr:create began 12 min ago, no result recorded: check before repeating"
        )
        assert run("set", "w", "b").code == 0

    @pytest.mark.parametrize("name", ["TERM", "INT", "HUP"])
    def test_a_signal_ends_the_command_and_is_recorded(self, state: State, name: str) -> None:
        with under_way("w", "a", "--", "sh", "-c", "echo ready; exec sleep 60") as process:
            ready(process)
            process.send_signal(signal.Signals[f"SIG{name}"])
            code = 128 + signal.Signals[f"SIG{name}"]
            assert process.wait(WAIT_S) == code
        assert state()["history"][0]["exit"] == code

    def test_two_at_once_at_one_step(self, state: State) -> None:
        with under_way("w", "a", "--", *WAITING, "first") as first:
            ready(first)
            with under_way("w", "a", "--", *WAITING, "second") as second:
                ready(second)
                assert go(first).code == 3
                assert go(second).code == 3
        [entry] = state()["history"]
        assert (entry["command"][-6:], entry["exit"], entry["output"]) == ("second", 3, "ready\ngo\n")
        [earlier] = entry["earlier"]
        assert (earlier["command"][-5:], earlier["exit"]) == ("first", 3)

    def test_many_at_once_at_one_step(self, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
        """Many runs at one step at once: each result is recorded with its own command."""
        monkeypatch.setenv("WORKFLOW_SESSION_LOCK_TIMEOUT_S", "300")
        count = 20
        processes = [
            subprocess.Popen(words("w", "a", "--", "sh", "-c", f"exit {n}"), stderr=subprocess.DEVNULL)
            for n in range(count)
        ]
        assert [process.wait(300) for process in processes] == list(range(count))
        [entry] = state()["history"]
        told = [entry, *entry["earlier"]]
        assert sorted(one["exit"] for one in told) == list(range(count))
        assert len({one["began_at"] for one in told}) == count
        assert all(one["command"] == f"sh -c 'exit {one['exit']}'" for one in told)


def _save(project: Path, run: Run) -> None:
    run("save", "w")


def _restart(project: Path, run: Run) -> None:
    run("reset", "w")
    run("set", "w", "a")


def _sweep(project: Path, run: Run) -> None:
    subprocess.run(["rm", "-rf", "ia"], cwd=project, check=True)


def _break(project: Path, run: Run) -> None:
    (project / "ia/state/sessions/w.json").write_text('{"step"')


class TestUnrecorded:
    """The command has run but its result cannot be recorded: the exit code is its own, and one line reports it."""

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            (_save, "w has no session any more"),
            (_sweep, "w has no session any more"),
            (_restart, "ia/state/sessions/w.json is of another session by now"),
            (
                _break,
                "ia/state/sessions/w.json is not valid JSON: expecting ':' delimiter at character 7",
            ),
        ],
    )
    def test_the_session_is_not_what_it_was(
        self, project: Path, run: Run, change: Callable[[Path, Run], None], why: str
    ) -> None:
        run("set", "w", "a")
        with under_way("w", "a", "--", *WAITING) as process:
            ready(process)
            change(project, run)
            before = documents(project)
            ended = go(process)
        assert (ended.code, ended.stdout) == (3, "go\n")
        assert ended.stderr == f"the result of a (exit 3) is not recorded: {why}\n"
        assert documents(project) == before

    def test_the_lock_is_not_to_be_had(self, project: Path, run: Run, state: State) -> None:
        run("set", "w", "a")
        env = {**os.environ, "WORKFLOW_SESSION_LOCK_TIMEOUT_S": "0.2"}
        with under_way("w", "a", "--", *WAITING, env=env) as process:
            ready(process)
            with FileStore(str(project), "").transaction(5):
                ended = go(process)
        assert (ended.code, ended.stdout) == (3, "go\n")
        why = f"process {os.getpid()} holds the lock ia/state/.lock; nothing changed"
        assert ended.stderr == f"the result of a (exit 3) is not recorded: {why}\n"
        assert "exit" not in state()["history"][0]

    def test_another_step_and_another_tool(self, project: Path, run: Run, state: State) -> None:
        run("set", "w", "a")
        with under_way("w", "a", "--", *WAITING) as process:
            ready(process)
            run("set", "w", "b", '{"x": 1}')
            found = state()
            found["mine"] = "kept"
            (project / "ia/state/sessions/w.json").write_text(json.dumps(found))
            assert (go(process).code, process.returncode) == (3, 3)
        found = state()
        assert (found["step"], found["context"], found["mine"]) == ("b", {"x": 1}, "kept")
        assert [entry.get("exit") for entry in found["history"]] == [3, None]


class TestRefused:
    """`session run` refuses: the command does not run, and no file changes."""

    @pytest.mark.parametrize(
        ("argv", "said"),
        [
            ((), "Usage: session run <workflow:name> <step> [--context JSON] [--once] -- CMD ..."),
            (("w", "a", "touch", "ran"), "what to run is missing: it comes after --"),
            (("w", "a", "--"), "what to run is missing: it comes after --"),
            (("--", "touch", "ran"), "a workflow and a step are missing"),
            (("w", "--", "touch", "ran"), "a step is missing"),
            (("w", "a", "b", "--", "touch", "ran"), "unexpected argument: b"),
            (("w", "", "--", "touch", "ran"), "step is empty"),
            (("w", "s", "--", ""), "what to run is empty"),
            (("w", "a", "--new", "--", "touch", "ran"), "unknown option: --new"),
            (("w", "a", "--once=1", "--", "touch", "ran"), "unknown option: --once"),
            (("w", "a", "--context", "--", "touch", "ran"), "--context needs a value"),
            (("w", "a", "--context", "-", "--", "touch", "ran"), "stdin is the command's"),
            (("w", "a", "--context=[]", "--", "touch", "ran"), "Invalid JSON context: not an object: []"),
            (("w", "a", "--context={", "--", "touch", "ran"), "Invalid JSON context: {"),
            (("../w", "a", "--", "touch", "ran"), "workflow name starts with '.': ../w"),
            (("a/b", "a", "--", "touch", "ran"), "workflow name holds a slash or backslash: a/b"),
        ],
    )
    def test_words(self, session_run: Door, project: Path, argv: tuple[str, ...], said: str) -> None:
        assert refused(session_run(*argv)).startswith(said)
        assert list(project.iterdir()) == []

    @pytest.mark.parametrize(
        "text",
        [
            '{"step"',
            "[]",
            '{"steps": ["a"], "step": "a", "history": "mine"}',
            '{"steps": ["a"], "step": "a", "history": [{"step": "b"}]}',
            '{"steps": ["a"], "step": "a", "history": [{"step": "a", "earlier": 5}]}',
            '{"steps": ["a"], "step": "a", "context": 5}',
        ],
    )
    def test_states(self, session_run: Door, project: Path, sessions: Path, text: str) -> None:
        (sessions / "w.json").write_text(text)
        before = documents(project)
        said = refused(session_run("w", "a", "--context", "{}", "--", "touch", "ran"))
        assert said.startswith("ia/state/sessions/w.json ")
        assert documents(project) == before

    def test_the_lock_is_not_to_be_had(self, session_run: Door, project: Path, run: Run) -> None:
        run("set", "w", "a")
        before = documents(project)
        with FileStore(str(project), "").transaction(5):
            done = session_run("w", "a", "--", "touch", "ran", env={"WORKFLOW_SESSION_LOCK_TIMEOUT_S": "0.1"})
        assert "holds the lock" in refused(done, 4)
        assert documents(project) == before

    def test_help(self, session_run: Door, project: Path) -> None:
        done = session_run("w", "--help")
        assert (done.code, done.stderr) == (0, "")
        assert done.stdout.startswith("usage: session run <workflow:name> <step> ")
        assert list(project.iterdir()) == []


def test_a_warning_is_told_before(session_run: Door, sessions: Path) -> None:
    (sessions / "w.json").write_text('{"step": "a"}')
    done = session_run("w", "b", "--", "echo", "x")
    assert (done.code, done.stdout) == (0, "x\n")
    assert done.stderr == 'warning: w: steps was missing; rebuilt from step as ["a"]\n'


def test_a_clock_that_is_set_back(session_run: Door, state: State, sessions: Path) -> None:
    """If the clock is set back, the order of runs, not their times, decides."""
    history = [{"step": "a", "at": None, "command": "x", "began_at": "2999-01-01T00:00:00.000Z"}]
    (sessions / "w.json").write_text(json.dumps({"steps": ["a"], "step": "a", "history": history}))
    assert session_run("w", "a", "--", "true").code == 0
    [entry] = state()["history"]
    assert (entry["exit"], entry["earlier"]) == (0, [{"command": "x", "began_at": "2999-01-01T00:00:00.000Z"}])


def test_what_is_left_running_does_not_hold_up_the_result(state: State, project: Path) -> None:
    os.mkfifo(project / "go")
    with under_way("w", "a", "--", "sh", "-c", "(read word < go; echo $word) & echo first") as process:
        assert process.stdout
        assert process.wait(WAIT_S) == 0
        assert state()["history"][0]["output"] == "first\n"
        (project / "go").write_text("late\n")
        assert process.stdout.read() == b"first\nlate\n"
    assert state()["history"][0]["output"] == "first\n"
