"""No command that asks git for history runs the program that the repository names for checking signatures.

Git runs it for each signed commit that it lists, and a signature needs no key: any text in the right place will do.
"""

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from session.host import clock
from session.host.git.repository import Repository
from tests.conftest import Ended, Run
from tests.entry.laying import lay, load, state, under_way
from tests.host.git.test_repository import commit, git

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")

SUBJECT = "signed by nobody"
SIGNATURE = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ\n -----END PGP SIGNATURE-----\n"
Traces = Callable[[], int]


@pytest.fixture
def first(project: Path) -> str:
    """Make a repository with a commit, a signed commit on top of it, and changes; return the first commit."""
    git(project, "init", "-q")
    first = commit(project, "first.txt")
    commit(project, "second.txt")
    tree = git(project, "rev-parse", "HEAD^{tree}").strip()
    author = f"T <t@example.org> {int(time.time())} +0000"
    body = f"tree {tree}\nparent {first}\nauthor {author}\ncommitter {author}\n{SIGNATURE}\n{SUBJECT}\n"
    done = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
        cwd=project,
        input=body.encode(),
        capture_output=True,
        check=True,
    )
    git(project, "update-ref", "HEAD", done.stdout.decode().strip())
    (project / "first.txt").write_text("changed\n")
    return first


@pytest.fixture
def traces(project: Path, tmp_path: Path, first: str) -> Traces:
    """Configure a program for signatures and for differences; return a function that counts how often it ran."""
    trace = tmp_path / "trace"
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> "{trace}"\n')
    program.chmod(0o755)
    settings = {
        **{f"gpg.{kind}program": str(program) for kind in ("", "openpgp.", "x509.", "ssh.")},
        "log.showSignature": "true",
        "diff.external": str(program),
        "diff.evil.command": str(program),
        "diff.evil.textconv": str(program),
    }
    for name, value in settings.items():
        git(project, "config", name, value)
    (project / ".git/info/attributes").write_text("* diff=evil\n")
    return lambda: trace.read_text().count("\n") if trace.exists() else 0


@pytest.mark.parametrize("words", [("log", "-1"), ("log", "-1", "--format=%h %s"), ("show", "-s"), ("diff",)])
def test_the_trap_works(project: Path, traces: Traces, words: tuple[str, ...]) -> None:
    """Plain git runs the program; without this, the other tests would prove nothing."""
    subprocess.run(["git", *words], cwd=project, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    assert traces() > 0


def test_the_history_of_a_repository(project: Path, first: str, traces: Traces) -> None:
    repository = Repository(str(project), timeout_s=30)
    head = repository.head()
    assert head is not None
    commits = repository.recent_commits(9)
    assert commits is not None
    assert [subject for _, subject in commits] == [SUBJECT, "a commit"]
    assert [subject for _, subject in repository.recent_commits(9, 0) or ()] == [SUBJECT, "a commit"]
    since = repository.since_commit(first, 9)
    assert since is not None
    assert ([subject for _, subject in since.commits], since.files) == (
        [SUBJECT],
        [("M", "first.txt"), ("A", "second.txt")],
    )
    changed = repository.changed_since(0)
    assert changed is not None
    assert (changed.created, changed.modified) == (["first.txt", "second.txt"], [])
    assert repository.recent_files(9) == ["first.txt", "second.txt"]
    assert repository.commits_since(head.commit, [0]) == [2]
    dirty = repository.dirty(9)
    assert dirty is not None
    assert dirty.files == ["first.txt"]
    assert repository.tracked(str(project), ["first.txt", "second.txt"]) == {"first.txt", "second.txt"}
    assert (repository.reasons, traces()) == ([], 0)


def call(run: Run, *words: str, code: int = 0) -> Ended:
    ended = run("session", *words)
    assert ended.code == code, ended.stderr
    return ended


def test_resume(project: Path, run: Run, traces: Traces) -> None:
    run("set", "w", "one")
    document = project / "ia/state/sessions/w.json"
    document.write_text(json.dumps({**json.loads(document.read_text()), "updated_at": clock.iso(1_000_000_000_000)}))
    assert '"commits_since":2' in call(run, "resume", "--json").stdout
    for words in (("resume",), ("resume", "w")):
        call(run, *words)
    assert traces() == 0


@pytest.mark.parametrize("words", [(), ("--force",), ("--json",)])
def test_enter(run: Run, traces: Traces, words: tuple[str, ...]) -> None:
    assert (SUBJECT in call(run, "enter", *words).stdout) == ("--json" not in words)
    assert traces() == 0


@pytest.mark.parametrize("words", [(), ("--detailed",), ("--json",)])
def test_context(run: Run, traces: Traces, words: tuple[str, ...]) -> None:
    assert "first.txt" in call(run, "context", *words).stdout
    assert traces() == 0


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_recover_broken(project: Path, run: Run, first: str, traces: Traces, words: tuple[str, ...]) -> None:
    lay(project, "state.json", state(health_status="BROKEN", last_passing_commit=first))
    assert SUBJECT in call(run, "recover", "broken", *words).stdout
    assert traces() == 0


def test_handoff(project: Path, run: Run, traces: Traces) -> None:
    under_way(project)
    summary = (project / call(run, "handoff", "--note", "x").stdout.strip()).read_text()
    assert SUBJECT in summary
    assert "second.txt" in summary
    assert traces() == 0


def test_handoff_with_a_commit(project: Path, run: Run, traces: Traces) -> None:
    under_way(project)
    git(project, "config", "user.name", "T")
    git(project, "config", "user.email", "t@example.org")
    call(run, "handoff", "--commit")
    assert git(project, "rev-list", "--count", "HEAD").strip() == "3"
    assert traces() == 0


def test_checkpoints(project: Path, run: Run, traces: Traces) -> None:
    call(run, "project", "start", "1.A")
    call(run, "checkpoint", "create", "--desc", "x")
    call(run, "project", "complete", "y")
    assert "+" in call(run, "checkpoint", "diff").stdout
    for word in ("list", "show", "verify"):
        call(run, "checkpoint", word)
    assert traces() == 0


def test_a_work_session(project: Path, run: Run, traces: Traces) -> None:
    call(run, "project", "start", "1.A")
    (project / "third.txt").write_text("x")
    commit(project, "third.txt", at_s=int(time.time()) + 5)
    counted = traces()  # what plain git ran for the commit
    assert " created, " in call(run, "project", "end").stdout
    [log] = (project / "ia/state/SESSION_LOGS").glob("1.A_*.json")
    assert "third.txt" in log.read_text()
    assert traces() == counted


@pytest.mark.parametrize("words", [("list",), ("show", "w"), ("project", "status"), ("feature", "list")])
def test_what_shows_the_state(run: Run, traces: Traces, words: tuple[str, ...]) -> None:
    run("set", "w", "one")
    call(run, "project", "start", "1.A")
    run("session", *words)
    assert traces() == 0


@pytest.mark.parametrize("event", ["SessionStart", "PreCompact", "Stop", "SessionEnd"])
def test_hooks(project: Path, run: Run, traces: Traces, event: str) -> None:
    run("set", "w", "one")
    under_way(project, owner="me")
    payload = {"session_id": "me", "source": "resume", "cwd": str(project)}
    ended = run("hook", event, stdin=json.dumps(payload).encode())
    assert (ended.code, ended.stderr) == (0, "")
    if event == "PreCompact":
        assert load(project, "checkpoint.json")["context_snapshot"]
    assert traces() == 0
