"""Testing a feature: the record of tests that pass, fail or hang, and refusals to run them."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from session.entry import feature_testing
from session.entry.feature_testing import Outcome
from session.errors import Conflict, SessionError
from tests.entry.laying import feature, files, lay, listing, load, store, under_way
from tests.entry.repositories import commit_files, git


def one(project: Path, name: str) -> dict[str, Any]:
    features = load(project, "feature-list.json")["features"]
    return dict(next(each for each in features if each["id"] == name))


def run_tests(project: Path, name: str = "F-1", **options: Any) -> Outcome:
    given = {"yes": True, "timeout_s": 10.0, "tell": lambda _: None, **options}
    return feature_testing.run_tests(store(project), name, **given)


def configure(project: Path, **settings: Any) -> None:
    (project / ".claude/config").mkdir(parents=True, exist_ok=True)
    (project / ".claude/config/project.json").write_text(json.dumps(settings))


def test_evidence_is_recorded(project: Path) -> None:
    commit_files(project, 1)
    under_way(project, feature_id="F-1", attempts=1)
    lay(project, "feature-list.json", listing(feature("F-1", "implemented", tests=["echo one", "echo two"])))
    done = run_tests(project)
    assert (done.passed, done.message, done.tail) == (True, "F-1 tested: echo one && echo two passed", "two\n")
    found = one(project, "F-1")
    assert (found["status"], found["tested"]) == ("tested", True)
    proof = found["evidence"]
    assert (proof["command"], proof["exit_code"], proof["output_tail"]) == ("echo one && echo two", 0, "two\n")
    assert proof["commit"] == git(project, "rev-parse", "HEAD")
    assert proof["tree"] == git(project, "rev-parse", "HEAD^{tree}")
    assert load(project, "state.json")["attempts"] == 0
    counted = load(project, "metrics/s-1.json")
    assert (counted["features_completed"], counted["test_runs"]) == (1, {"passed": 1})
    run_tests(project)
    assert load(project, "metrics/s-1.json")["features_completed"] == 1


def test_the_first_that_fails_is_the_last(project: Path) -> None:
    under_way(project, state="TEST", feature_id="F-1")
    tests = ["true", "echo broken >&2; exit 3", "touch ran"]
    lay(project, "feature-list.json", listing(feature("F-1", "implemented", tests=tests)))
    done = run_tests(project)
    assert (done.passed, done.tail) == (False, "broken\n")
    assert done.message == "F-1: attempt 1 of 3 failed; back in progress"
    assert not (project / "ran").exists()
    found = one(project, "F-1")
    assert (found["status"], found["tested"], found["evidence"]["exit_code"]) == ("in_progress", False, 3)
    after = load(project, "state.json")
    assert (after["state"], after["attempts"]) == ("IMPLEMENT", 1)
    assert after["history"][-1]["reason"] == done.message
    counted = load(project, "metrics/s-1.json")
    assert (counted["retries"], counted["test_runs"]) == (1, {"failed": 1})


def test_what_was_tested_before_may_fail_thrice(project: Path) -> None:
    lay(project, "feature-list.json", listing(feature("F-1", "tested", tests="false", attempts=2)))
    assert run_tests(project).message == "F-1: attempt 1 of 3 failed; back in progress"
    run_tests(project)
    assert run_tests(project).feature["status"] == "blocked"


@pytest.mark.parametrize("status", ["pending", "in_progress", "implemented", "tested", "completed"])
def test_the_configured_command_where_it_has_no_own(project: Path, status: str) -> None:
    configure(project, test_command="echo all")
    lay(project, "feature-list.json", listing(feature("F-1", status, tests=[])))
    assert run_tests(project).feature["status"] == ("completed" if status == "completed" else "tested")
    assert one(project, "F-1")["evidence"]["command"] == "echo all"


@pytest.mark.parametrize(
    ("tests", "why"),
    [
        (None, "nothing to test F-1 with"),
        ([], "nothing to test F-1 with"),
        ("", "nothing to test F-1 with"),
        (" ", "nothing to test F-1 with"),
        ({"a": 1}, "tests of F-1 are neither a command nor a list"),
        (["true", 3], r"tests of F-1 \(2\) must be a string"),
        (["true", ""], r"tests of F-1 \(2\) are empty"),
        ([" "], "tests of F-1 are empty"),
        ("a\0b", "tests of F-1 contains a character that no command can contain"),
    ],
)
def test_nothing_to_run_is_no_evidence(project: Path, tests: Any, why: str) -> None:
    lay(project, "feature-list.json", listing(feature("F-1", "implemented", tests=tests)))
    before = files(project)
    with pytest.raises(SessionError, match=why):
        run_tests(project)
    assert files(project) == before


def test_what_is_not_trusted_is_not_run(project: Path) -> None:
    configure(project, test_command="touch ran")
    lay(project, "feature-list.json", listing(feature("F-1"), feature("F-2", tests="touch ran")))
    for name, what in (("F-1", "test_command of .* is"), ("F-2", "tests of F-2 of .* are")):
        with pytest.raises(SessionError, match=f"^{what} not trusted: not run"):
            run_tests(project, name, yes=False)
    assert not (project / "ran").exists()


def test_one_that_is_blocked(project: Path) -> None:
    lay(project, "feature-list.json", listing(feature("F-1", "blocked", tests="touch ran")))
    with pytest.raises(SessionError, match="F-1 is blocked: no reason was recorded"):
        run_tests(project)
    assert not (project / "ran").exists()


def test_a_hanging_test_is_killed_with_its_children(project: Path) -> None:
    configure(project, timeout_seconds={"full_test": 0.5})
    under_way(project)
    tests = "sleep 600 & echo $! > child; sleep 600"
    lay(project, "feature-list.json", listing(feature("F-1", tests=["true", tests]), feature("F-2")))
    done = run_tests(project)
    assert done.message == "F-1 is blocked (its tests did not end within 0.5 s); next is F-2"
    assert not done.passed
    assert load(project, "state.json")["feature_id"] == "F-2"
    found = one(project, "F-1")
    assert (found["status"], found["evidence"]["exit_code"]) == ("blocked", None)
    child = int((project / "child").read_text())
    for _ in range(500):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        if _state_of(child) in ("", "Z"):
            return
        time.sleep(0.01)
    pytest.fail("its child is still there")


def test_a_feature_that_was_changed_meanwhile(project: Path) -> None:
    other = json.dumps(listing(feature("F-1", "blocked", tests="cp other .claude/progress/feature-list.json")))
    (project / "other").write_text(other)
    before = feature("F-1", tests="cp other .claude/progress/feature-list.json")
    lay(project, "feature-list.json", listing(before))
    with pytest.raises(Conflict, match=r"F-1 was changed while its tests ran: their result \(passed\) is not recorded"):
        run_tests(project)
    assert load(project, "feature-list.json") == json.loads(other)


def test_the_lock_is_free_meanwhile(project: Path) -> None:
    """The feature's test command adds another feature; both changes stay."""
    words = "import sys; from session.commands.words import main; sys.exit(main(['feature', 'add', 'F-2', 'more']))"
    (project / "add.py").write_text(words)
    lay(project, "feature-list.json", listing(feature("F-1", tests="python3 add.py")))
    done = run_tests(project)
    assert done.passed, done.tail
    assert (one(project, "F-1")["status"], one(project, "F-2")["status"]) == ("tested", "pending")


def test_files_that_change_meanwhile_are_told(project: Path) -> None:
    commit_files(project, 1)
    lay(project, "feature-list.json", listing(feature("F-1", tests="echo more >> file0.txt")))
    said: list[str] = []
    run_tests(project, tell=said.append)
    assert said == [
        "tests of F-1: echo more >> file0.txt",
        "files changed while the tests ran: the evidence describes them as they were before",
    ]
    assert one(project, "F-1")["evidence"]["tree"] == git(project, "rev-parse", "HEAD^{tree}")


def test_much_output_is_no_failure(project: Path) -> None:
    tests = "yes line | head -c 3000000; echo the end; echo api_key=sk-ant-REDACTED"
    lay(project, "feature-list.json", listing(feature("F-1", tests=tests)))
    done = run_tests(project)
    assert done.passed
    assert "the end" in done.tail
    assert "abcdefghij" not in done.tail
    assert len(done.tail) <= 2000


def _state_of(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""
