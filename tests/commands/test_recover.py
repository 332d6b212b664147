"""session recover: each word, its output and its exit code."""

import json
import os
from pathlib import Path

import pytest

from session.commands import recover
from tests.commands.terminal import on_a_terminal, plain
from tests.conftest import Run
from tests.entry.laying import feature, files, lay, lines, listing, load, state, under_way
from tests.entry.repositories import commit_files, git

Out = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    "words", [[], ["crush"], ["--no"], ["crash", "x"], ["tool-failure"], ["tool-failure", "--"], ["tool-failure", "ls"],
              ["tool-failure", "--retries", "-1", "--", "true"], ["tool-failure", "--delay", "nan", "--", "true"],
              ["test-timeout"], ["checkpoint"], ["hook-rejection", "--note", "\udcff"], ["context-overflow"]]
)  # fmt: skip
def test_bad_words(project: Path, capfd: Out, words: list[str]) -> None:
    assert recover.main(words) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert [line for line in err.splitlines() if not line.startswith("created ")][1:] == []
    assert files(project) == {}


@pytest.mark.parametrize("word", [None, *recover._WORDS, "broken", "log"])
def test_help(project: Path, capfd: Out, word: str | None) -> None:
    assert recover.main([*([word] if word else []), "--help"]) == 0
    assert f"usage: session recover {word or 'WORD'}" in capfd.readouterr().out


def test_the_names_that_the_protocols_texts_use(project: Path, capfd: Out) -> None:
    assert recover.main(["context_overflow", "--help"]) == 0
    assert "usage: session recover context-overflow" in capfd.readouterr().out
    assert recover.main(["tool_failur"]) == 1
    assert capfd.readouterr().err == "unknown word: tool-failur (did you mean tool-failure?)\n"


def test_crash(project: Path, capfd: Out) -> None:
    under_way(project)
    assert recover.main(["checkpoint"]) == 0
    lay(project, "state.json", {**load(project, "state.json"), "state": "TEST"})
    capfd.readouterr()
    assert recover.main(["crash"]) == 0
    out = capfd.readouterr().out.splitlines()
    assert out[0].startswith("Recovered from crash to the checkpoint of 20")
    assert out[1] == "  state: TEST → IMPLEMENT"
    assert out[2].startswith("What was replaced is in .claude/progress/before-recovery-")
    assert recover.main(["crash"]) == 0
    assert capfd.readouterr().out == "nothing to recover: no session died here\n"
    assert recover.main(["crash", "--force", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["recovered"] is True


@pytest.mark.parametrize("commits", [1, 3, 8])
def test_broken(project: Path, capfd: Out, commits: int) -> None:
    commit_files(project, 1)
    passing = git(project, "rev-parse", "HEAD")
    for number in range(1, commits):
        (project / f"later{number}.txt").write_text("x")
        git(project, "add", ".")
        git(project, "commit", "-q", "-m", f"later {number}")
    (project / "file0.txt").write_text("changed")
    (project / "untracked").mkdir()
    (project / "untracked/x").write_text("x")
    lay(project, "state.json", state(health_status="BROKEN", last_passing_commit=passing))
    before = {path.name for path in project.glob("*.txt")}, git(project, "rev-parse", "HEAD")
    assert recover.main(["broken"]) == 0
    out = capfd.readouterr().out
    assert out.startswith(f"App is broken. Recent changes:\n  since {passing[:10]}")
    assert out.count(" later ") == commits - 1
    assert "    M  file0.txt\n" in out
    assert "    ?  untracked/\n" in out
    assert f"  1. git reset --hard {passing[:10]}  # Rollback" in out
    assert ({path.name for path in project.glob("*.txt")}, git(project, "rev-parse", "HEAD")) == before
    assert (project / "file0.txt").read_text() == "changed"
    assert recover.main(["broken", "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert (len(told["commits"]), told["unknown"]) == (commits - 1, None)
    assert [each["kind"] for each in lines(project, "recoveries.jsonl")] == ["broken", "broken"]


@pytest.mark.parametrize(
    ("commit", "said"),
    [
        (None, "no passing commit is known"),
        ("--output=x", "no passing commit is known"),
        ("HEAD", "no passing commit is known"),
        ("0" * 40, "the repository does not know the commit"),
    ],
)
@pytest.mark.parametrize("commits", [0, 1])
def test_broken_without_a_passing_commit(
    project: Path, capfd: Out, commit: str | None, said: str, commits: int
) -> None:
    commit_files(project, commits)
    lay(project, "state.json", state(health_status="BROKEN", last_passing_commit=commit))
    assert recover.main(["broken"]) == 0
    out = capfd.readouterr().out
    assert said in out
    assert "git reset --hard COMMIT" in out
    assert not (project / "x").exists()


def test_tool_failure_retries_until_it_works(project: Path, run: Run) -> None:
    under_way(project)
    script = "echo try; echo . >> tries; test $(wc -l < tries) -ge 3"
    done = run("session", "recover", "tool-failure", "--delay", "0.01", "--", "sh", "-c", script)
    assert (done.code, done.stdout) == (0, "try\ntry\ntry\n")
    assert "attempt 2 of 4 failed (exit code 1): again in 0.02 s" in done.stderr
    assert load(project, "metrics/s-1.json")["retries"] == 2
    assert lines(project, "recoveries.jsonl")[0]["what"].endswith("exit code 0 after 2 retries")


def test_tool_failure_gives_up(project: Path, run: Run) -> None:
    done = run("session", "recover", "tool-failure", "--retries", "1", "--delay", "0", "--", "sh", "-c", "exit 7")
    assert done.code == 7
    assert done.stderr.count("attempt") == 1
    assert run("session", "recover", "tool-failure", "--", "true").code == 0
    assert len(lines(project, "recoveries.jsonl")) == 1  # a command that succeeds at once is not logged
    done = run("session", "recover", "tool-failure", "--", "no-such-tool", "--token", "secret1234")
    assert (done.code, "again" in done.stderr) == (127, False)
    assert "secret1234" not in json.dumps(lines(project, "recoveries.jsonl"))


def test_a_log_that_fails_keeps_the_commands_exit_code(project: Path, run: Run) -> None:
    (project / ".claude").write_text("in the way")
    done = run("session", "recover", "tool-failure", "--retries", "0", "--", "sh", "-c", "exit 7")
    assert done.code == 7
    assert done.stderr.startswith("the recovery was not logged: ")


def test_test_timeout(project: Path, capfd: Out) -> None:
    under_way(project, feature_id="F-1")
    lay(project, "feature-list.json", listing(feature("F-1", "in_progress"), feature("F-2")))
    assert recover.main(["test-timeout", "--reason", "hangs on login"]) == 0
    assert capfd.readouterr().out == "F-1 is blocked (hangs on login); next is F-2\n"


def test_context_overflow(project: Path, capfd: Out) -> None:
    under_way(project, feature_id="F-1", last_action="wrote\n# the form")
    lay(project, "feature-list.json", listing(feature("F-1", "in_progress"), *(feature(f"G-{n}") for n in range(300))))
    assert recover.main(["context-overflow", "--pending", "the form"]) == 0
    out = capfd.readouterr().out
    assert len(out.encode()) <= 1500
    assert "- Entry state: IMPLEMENT, health HEALTHY\n" in out
    assert '- Feature: F-1 (in_progress): "Feature F-1"\n' in out
    assert "\n# the form" not in out
    assert load(project, "checkpoint.json")["pending_actions"] == ["the form"]
    measured = load(project, "metrics/s-1.json")
    assert (measured["compressions"], measured["recoveries"]) == (1, 1)
    assert lines(project, "recoveries.jsonl")[0]["what"] == "Emergency compression applied"


@pytest.mark.parametrize(
    ("health", "said"), [("BROKEN", "The project is BROKEN"), ("HEALTHY", "The state is IMPLEMENT")]
)
def test_hook_rejection(project: Path, capfd: Out, health: str, said: str) -> None:
    under_way(project, health_status=health)
    assert recover.main(["hook-rejection", "--note", "src is protected"]) == 0
    out = capfd.readouterr().out
    assert out.startswith(said)
    assert out.endswith("then try again.\n")
    assert lines(project, "recoveries.jsonl")[0]["what"] == "src is protected"


def test_log(project: Path, capfd: Out) -> None:
    assert recover.main(["log"]) == 0
    assert json.loads(capfd.readouterr().out) == []
    lay(project, "recoveries.jsonl", '{"at": "now", "kind": "crash", "what": "\\u001b[2Jx"}\nnonsense\n')
    assert recover.main(["log"]) == 1
    out, err = capfd.readouterr()
    assert [each["kind"] for each in json.loads(out)] == ["crash"]
    assert "1 line holds no record" in err
    shown = on_a_terminal("recover", "log")
    assert "\\u001b[2Jx" in plain(shown.stdout)


@pytest.mark.skipif(os.name == "nt", reason="no such folders")
def test_reading_changes_nothing(project: Path, capfd: Out) -> None:
    under_way(project)
    before = files(project)
    recover.main(["log"])
    assert files(project) == before
