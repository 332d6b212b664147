"""Many real processes at once: no write is lost, no read is torn, and one process wins."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from session.store.files import FileStore
from tests.conftest import REPOSITORY, Ended, Run, command

WRITERS = 64


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raise the lock's timeout, so that no process gives up on a busy machine."""
    monkeypatch.setenv("WORKFLOW_SESSION_LOCK_TIMEOUT_S", "300")


@contextmanager
def together(project: Path, *commands: tuple[str, ...]) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Start commands while the lock is held, so that all of them wait for it; then release it for the block."""
    with ExitStack() as stack:
        with FileStore(str(project), "").transaction(5):
            started = [
                stack.enter_context(subprocess.Popen(command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE))
                for words in commands
            ]
        try:
            yield started
        finally:
            for process in started:
                process.kill()


def ended(process: "subprocess.Popen[bytes]") -> Ended:
    out, err = process.communicate()
    return Ended(process.returncode, out, err)


def test_64_writers_and_their_readers(project: Path, run: Run) -> None:
    """No write is lost or refused, and readers always see a whole session that only grows."""
    assert run("set", "w", "init").code == 0
    path = project / "ia/state/sessions/w.json"
    store = FileStore(str(project), "")
    seen = [0]
    commands = [("set", "w", "build", json.dumps({f"key{n}": "x" * 500})) for n in range(WRITERS)]
    with together(project, *commands) as writers:
        while any(process.poll() is None for process in writers):
            for body in (path.read_bytes(), store.read(("sessions", "w"))):
                assert body is not None
                state = json.loads(body)
                seen.append(len(state.get("context", ())))
            assert [name for name, body, _ in store.scan("sessions") if body] == ["w"]
        results = [ended(process) for process in writers]
    assert [(result.code, result.stderr) for result in results] == [(0, "")] * WRITERS
    assert seen == sorted(seen)
    state = json.loads(path.read_bytes())
    assert set(state["context"]) == {f"key{n}" for n in range(WRITERS)}
    assert state["steps"] == ["init", "build"]
    # each printed what it stored: one after the other, each with one key more
    assert sorted(len(json.loads(result.out)["context"]) for result in results) == list(range(1, WRITERS + 1))


def test_readers_as_processes(project: Path, run: Run) -> None:
    assert run("set", "w", "init", json.dumps({"pad": "x" * 20_000})).code == 0
    writers = [("set", "w", f"s{n}", json.dumps({"n": n, "pad": str(n) * 20_000})) for n in range(8)]
    readers = [("get", "w"), ("get", "--all")] * 6
    with together(project, *writers, *readers) as processes:
        results = [ended(process) for process in processes]
    assert [(result.code, result.stderr) for result in results] == [(0, "")] * len(results)
    for result, words in zip(results[8:], readers, strict=True):
        found = json.loads(result.out)
        state = found if words[1] == "w" else found[0]
        assert state["context"]["pad"] in {"x" * 20_000, *(str(n) * 20_000 for n in range(8))}


@pytest.mark.parametrize("round_", range(3))
def test_one_takes_the_transition(project: Path, run: Run, round_: int) -> None:
    assert run("set", "w", "init").code == 0
    with together(project, *[("set", "w", f"next{n}", "--if-step", "init") for n in range(10)]) as processes:
        results = [ended(process) for process in processes]
    [winner] = [n for n, result in enumerate(results) if result.code == 0]
    state = json.loads(run("get", "w").out)
    assert (state["step"], state["steps"]) == (f"next{winner}", ["init", f"next{winner}"])
    for n, result in enumerate(results):
        if n != winner:
            assert (result.code, result.stdout) == (3, "")
            assert result.stderr == f"w is at next{winner}, not at init; nothing changed\n"


@pytest.mark.parametrize("round_", range(3))
def test_one_starts(project: Path, run: Run, round_: int) -> None:
    with together(project, *[("set", "w", "init", json.dumps({"by": n}), "--new") for n in range(10)]) as processes:
        results = [ended(process) for process in processes]
    [winner] = [n for n, result in enumerate(results) if result.code == 0]
    assert json.loads(run("get", "w").out)["context"] == {"by": winner}
    for n, result in enumerate(results):
        if n != winner:
            assert (result.code, result.stdout) == (3, "")
            assert result.stderr.startswith("w is already under way, at init; nothing changed")


def test_one_archives(project: Path, run: Run) -> None:
    assert run("set", "w", "init", '{"branch": "feat/x"}').code == 0
    with together(project, *[("save", "w", f"--notes=by {n}") for n in range(8)]) as processes:
        results = [ended(process) for process in processes]
    [winner] = [n for n, result in enumerate(results) if result.code == 0]
    [archive] = (project / "ia/state/sessions/archives").iterdir()
    assert f"## Notes\nby {winner}\n" in archive.read_text()
    for n, result in enumerate(results):
        if n != winner:
            assert (result.code, result.stdout, result.stderr) == (1, "", "No session found for w\n")


def test_one_resets(project: Path, run: Run) -> None:
    assert run("set", "w", "init").code == 0
    with together(project, *[("reset", "w")] * 6) as processes:
        results = [ended(process) for process in processes]
    assert [result.code for result in results] == [0] * 6
    assert sorted(result.stdout for result in results) == ["No session found for w\n"] * 5 + ["Session w reset\n"]


@pytest.mark.parametrize("round_", range(6))
def test_set_against_save(project: Path, run: Run, round_: int) -> None:
    """Each step that `set` acknowledged is in the archive or in a new session."""
    assert run("set", "w", "init", '{"old": 1}').code == 0
    words = [("set", "w", "late", '{"late": "marker"}'), ("save", "w")]
    with together(project, *words[:: 1 if round_ % 2 else -1]) as processes:
        results = [ended(process) for process in processes]
    assert [(result.code, result.stderr) for result in results] == [(0, "")] * 2
    [archive] = (project / "ia/state/sessions/archives").iterdir()
    text = archive.read_text()
    assert "- old: 1\n" in text
    now = json.loads(run("get", "w").out)
    if "- late: marker\n" in text:
        assert now is None
    else:
        assert (now["steps"], now["context"]) == (["late"], {"late": "marker"})


def test_saves_of_a_day_are_numbered(project: Path, run: Run) -> None:
    """Sessions whose archives would have equal names: no archive is overwritten."""
    names = ["a:b", "a-b"]
    for name in names:
        assert run("set", name, "init").code == 0
    with together(project, *[("save", name) for name in names]) as processes:
        assert [ended(process).code for process in processes] == [0, 0]
    archives = list((project / "ia/state/sessions/archives").iterdir())
    assert sorted(path.stem[10:] for path in archives) == ["-a-b", "-a-b-2"]
    assert sorted(path.read_text().split(" ")[1] for path in archives) == ["a-b", "a:b"]


class TestForeignPackage:
    """A folder called `session` in the working folder is not imported."""

    @pytest.fixture(autouse=True)
    def _foreign(self, project: Path) -> None:
        (project / "session").mkdir()
        (project / "session/__init__.py").write_text("raise SystemExit('the wrong code')\n")
        for name in ("get", "output", "errors"):
            (project / f"session/{name}.py").write_text("raise SystemExit('the wrong code')\n")

    def test_as_a_module(self, project: Path) -> None:
        words = [sys.executable, "-P", "-m", "session.get", "w"]
        done = subprocess.run(words, cwd=project, capture_output=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"null\n", b"")

    @pytest.mark.skipif(os.name == "nt", reason="the commands are started by a shell")
    def test_as_a_command(self, project: Path) -> None:
        words = [str(REPOSITORY / "scripts/session-get"), "w"]
        done = subprocess.run(words, cwd=project, capture_output=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"null\n", b"")

    def test_all_commands(self, run: Run) -> None:
        assert run("set", "w", "init").code == 0
        assert run("get", "w").code == 0
        assert run("save", "w").code == 0
        assert run("reset", "w").stdout == "No session found for w\n"
