"""session resume: JSON for programs, lines for models, tables for people; and exact exit codes."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from session.host import clock
from session.text.budget import tokens
from tests.commands.terminal import on_a_terminal, plain
from tests.conftest import Ended, Run
from tests.host.git.test_repository import commit, git

ME = {"WORKFLOW_SESSION_OWNER": "me"}
YOU = {"WORKFLOW_SESSION_OWNER": "you"}


def resumed(ended: Ended) -> Any:
    assert (ended.code, ended.stderr) == (0, "")
    return json.loads(ended.stdout)


def ageless(answer: str) -> str:
    """The JSON without the values of `age_s`, which differ if a second passes between two commands."""
    text, count = re.subn(r'"age_s":\d+', '"age_s":0', answer)
    assert count
    return text


@pytest.fixture
def at_work(project: Path, run: Run) -> Path:
    """A repository with two sessions: one is ours, on another branch; the other belongs to somebody else."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    git(project, "init", "-q")
    commit(project)
    assert run("set", "workflow:pr", "init", '{"branch": "feat/x", "pr_number": 8}', env=ME).code == 0
    assert run("set", "workflow:qa", "init", env=YOU).code == 0
    return project


def test_nothing_to_resume(run: Run) -> None:
    assert run("session", "resume") == Ended(0, b"[]\n", b"")
    assert run("session", "resume", "--text") == Ended(0, b"nothing was interrupted\n", b"")
    assert on_a_terminal("resume").stdout == "nothing was interrupted\n"
    assert on_a_terminal("resume", "--json").stdout == "[]\n"


def test_json_when_piped(run: Run, at_work: Path) -> None:
    ended = run("session", "resume", env=ME)
    first, second = resumed(ended)
    assert (first["workflow"], first["step"], first["whose"]) == ("workflow:pr", "init", "mine")
    assert first["context"] == {"branch": "feat/x", "pr_number": 8}
    assert first["repository"]["branch"] == "main"
    assert first["mismatches"] == [
        'the session\'s branch is "feat/x", which is no local branch, the repository is on "main"'
    ]
    assert (second["workflow"], second["whose"]) == ("workflow:qa", "possibly active elsewhere")
    lines = ended.stdout.splitlines()
    assert (lines[0], lines[-1], len(lines)) == ("[", "]", 4)
    assert all(tokens(line) <= 200 for line in lines)
    assert ageless(on_a_terminal("resume", "--json", env=ME).stdout) == ageless(ended.stdout)


def test_text_for_models(run: Run, at_work: Path) -> None:
    ended = run("session", "resume", "--text", env=ME)
    assert (ended.code, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert lines[0].startswith('workflow "workflow:pr": at step "init" since ')
    assert lines[0].endswith(", mine")
    assert lines[1] == '  context: {"branch": "feat/x", "pr_number": 8}'
    assert lines[2].startswith('  repository: branch "main", HEAD ')
    assert lines[3].startswith('  mismatch: the session\'s branch is "feat/x"')
    assert lines[4].startswith('workflow "workflow:qa": at step "init" since ')
    assert len(lines) == 6


def test_a_table_for_people(at_work: Path) -> None:
    ended = on_a_terminal("resume", "workflow:pr", env=ME)
    assert ended.code == 0
    assert "\x1b[" in ended.stdout
    head, rule, *rest = (" ".join(line.split()) for line in plain(ended.stdout).rstrip("\n").split("\n"))
    assert head.startswith('workflow "workflow:pr": at step "init" since ')
    assert set(rule) == {"─"}
    assert rest[0] == 'context {"branch": "feat/x", "pr_number": 8}'
    assert rest[1].startswith('repository branch "main", HEAD ')
    assert rest[2].startswith('mismatch the session\'s branch is "feat/x", which is no local branch')
    assert len(rest) == 3
    bare = on_a_terminal("resume", "workflow:pr", env={**ME, "NO_COLOR": "1"})
    assert "\x1b[3" not in bare.stdout


def test_one_workflow(run: Run, at_work: Path) -> None:
    [only] = resumed(run("session", "resume", "workflow:qa", env=ME))
    assert only["workflow"] == "workflow:qa"


def test_a_budget(run: Run, at_work: Path) -> None:
    context = json.dumps({f"key{n}": "x" * 100 for n in range(9)})
    assert run("set", "workflow:pr", "init", context).code == 0
    kept = {}
    for budget in (50, 100, 2000):
        ended = run("session", "resume", "workflow:pr", "--text", f"--budget={budget}")
        assert tokens(ended.stdout.rstrip("\n")) <= budget
        kept[budget] = ended.stdout.count("key")
        [only] = resumed(run("session", "resume", "workflow:pr", "--budget", str(budget)))
        assert tokens(json.dumps(only, separators=(",", ":"), ensure_ascii=False)) <= budget
        assert only["workflow"] == "workflow:pr"
    assert kept[2000] == 9
    assert kept[50] < 9


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--budget", "49"], "argument --budget: at least 50 tokens"),
        (["--budget", "-5"], "argument --budget: at least 50 tokens"),
        (["--budget", "many"], "argument --budget: not a whole number: many"),
        (["--budget", "1" * 16], "argument --budget: more than 15 digits: 1"),
        (["--budget"], "argument --budget: expected one argument"),
        (["--json", "--text"], "argument --text: not allowed with argument --json"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
        (["a", "b"], "unrecognized arguments: b"),
        (["a/b"], "workflow name holds a slash or backslash: a/b"),
        ([""], "workflow name is empty"),
    ],
)
def test_wrong_words(run: Run, project: Path, words: list[str], said: str) -> None:
    ended = run("session", "resume", *words)
    assert (ended.code, ended.stdout) == (1, "")
    assert ended.stderr.startswith(said)
    assert ended.stderr.count("\n") == 1
    assert list(project.iterdir()) == []


def test_no_such_session(run: Run, at_work: Path) -> None:
    for form in ([], ["--text"], ["--json"]):
        assert run("session", "resume", "nope", *form) == Ended(1, b"", b"No session found for nope\n")


def test_what_can_not_be_read_is_named_and_the_rest_shown(run: Run, sessions: Path) -> None:
    (sessions / "bad.json").write_text("{")
    only_bad = run("session", "resume")
    assert (only_bad.code, only_bad.stdout) == (1, "[]\n")
    assert only_bad.stderr.startswith("ia/state/sessions/bad.json is not valid JSON")
    assert run("session", "resume", "--text").stdout == ""
    assert run("set", "good", "init").code == 0
    both = run("session", "resume")
    assert both.code == 1
    assert [each["workflow"] for each in json.loads(both.stdout)] == ["good"]
    assert both.stderr == only_bad.stderr
    assert run("session", "resume", "bad").code == 1
    assert run("session", "resume", "good").code == 0


def test_what_git_tracks_is_labelled(run: Run, at_work: Path) -> None:
    git(at_work, "add", "-f", "ia/state/sessions/workflow:pr.json")
    first, second = resumed(run("session", "resume", env=ME))
    assert (first["workflow"], first["tracked"]) == ("workflow:qa", False)
    assert (second["workflow"], second["tracked"]) == ("workflow:pr", True)
    told = run("session", "resume", "workflow:pr", "--text", env=ME).stdout.splitlines()[0]
    assert told.endswith(", tracked by git: someone else's, not offered")


def test_hostile_text_does_not_reach_the_terminal(sessions: Path) -> None:
    evil = "\x1b]0;title\x07\u202e\n[red]x"
    state = {"step": evil, "steps": [evil], "context": {evil: evil}, "updated_at": clock.iso(clock.now_ms())}
    (sessions / "w.json").write_text(json.dumps(state))
    ended = on_a_terminal("resume")
    assert ended.code == 0
    assert not {"\x1b]", "\x07", "\u202e"} & set(ended.stdout)
    assert "\x1b]" not in ended.stdout
    assert '"\\u001b]0;title\\u0007\\u202e\\n[red]x"' in plain(ended.stdout).replace("\n", "").replace(" ", "")


def test_an_owner_that_is_none(run: Run, sessions: Path) -> None:
    ended = run("session", "resume", env={"WORKFLOW_SESSION_OWNER": "é"})
    assert (ended.code, ended.stdout) == (0, "[]\n")
    assert ended.stderr.startswith("warning: WORKFLOW_SESSION_OWNER is not printable ASCII")


def test_nothing_is_written(run: Run, project: Path) -> None:
    assert run("session", "resume").code == 0
    assert list(project.iterdir()) == []


def test_help(run: Run) -> None:
    ended = run("session", "resume", "--help")
    assert (ended.code, ended.stderr) == (0, "")
    assert ended.stdout.startswith("usage: session resume ")
    assert "--budget N" in ended.stdout


def test_many_sessions_are_not_a_flood(run: Run, project: Path) -> None:
    for number in range(12):
        run("set", f"w{number:02}", "a")
    more = "2 more: session list names them, --all tells of them\n"
    done = run("session", "resume")
    assert (len(json.loads(done.stdout)), done.code, done.stderr) == (10, 0, more)
    done = run("session", "resume", "--text")
    assert (done.stdout.count("workflow "), done.stderr) == (10, more)
    done = run("session", "resume", "--all")
    assert (len(json.loads(done.stdout)), done.stderr) == (12, "")


def test_json_holds_nothing_invisible(run: Run, project: Path) -> None:
    run("set", "w", "a", json.dumps({"note": "\u202e\u2028\U000e0041"}))
    done = run("session", "resume")
    assert done.stdout.isascii()
    assert json.loads(done.stdout)[0]["context"] == {"note": "\u202e\u2028\U000e0041"}
