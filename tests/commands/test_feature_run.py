"""Test `session feature start` and `tested`: the commands they run, trust, and --commit."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run
from tests.entry.laying import feature, files, lay, listing, load, state
from tests.entry.repositories import commit_files, git


def configure(project: Path, **settings: Any) -> None:
    (project / ".claude/config").mkdir(parents=True, exist_ok=True)
    (project / ".claude/config/project.json").write_text(json.dumps(settings))


def one(project: Path, name: str) -> dict[str, Any]:
    return dict(next(each for each in load(project, "feature-list.json")["features"] if each["id"] == name))


class TestStart:
    def test_the_smoke_test_passes_first(self, project: Path, typed: Any) -> None:
        configure(project, smoke_test="echo well")
        lay(project, "feature-list.json", listing(feature("F-1")))
        code, out, err = typed("start")
        assert (code, out) == (1, "")
        assert err.startswith("smoke_test of ")
        assert typed("start", "--yes") == (0, "F-1 started\n", "smoke_test: echo well\n")
        assert one(project, "F-1")["started"]["smoke_test"] == "passed"

    def test_it_fails(self, project: Path, typed: Any) -> None:
        configure(project, smoke_test="echo first; echo last; exit 3")
        lay(project, "feature-list.json", listing(feature("F-1")))
        before = files(project)
        why = "F-1 was not started: smoke_test: exit code 3 (mend it, or --no-smoke)"
        err = f"smoke_test: echo first; echo last; exit 3\nfirst\nlast\n{why}\n"
        assert typed("start", "F-1", "--yes") == (1, "", err)
        assert files(project) == before
        assert typed("start", "--no-smoke") == (0, "F-1 started\n", "")
        assert one(project, "F-1")["started"]["smoke_test"] == "skipped (--no-smoke)"

    def test_nothing_is_run_for_what_may_not_be_begun(self, project: Path, typed: Any) -> None:
        configure(project, smoke_test="touch ran")
        lay(project, "state.json", state(health_status="BROKEN"))
        lay(project, "feature-list.json", listing(feature("F-1")))
        why = "the project is BROKEN: nothing new is begun (mend it, then session enter)\n"
        assert typed("start", "--yes") == (1, "", why)
        assert not (project / "ran").exists()


class TestTested:
    def test_failing_and_passing(self, project: Path, typed: Any) -> None:
        lay(project, "feature-list.json", listing(feature("F-1", tests="echo looking; test -e ok")))
        message = "tests of F-1: echo looking; test -e ok\nlooking\nF-1: attempt 1 of 3 failed; back in progress\n"
        assert typed("tested", "F-1", "--yes") == (1, "", message)
        code, out, _ = typed("tested", "F-1", "--yes", "--json")
        answer = json.loads(out)
        assert (code, answer["passed"], answer["feature_id"]) == (1, False, "F-1")
        assert answer["feature"]["attempts"] == 2
        (project / "ok").touch()
        code, out, _ = typed("tested", "F-1", "--yes")
        assert (code, out) == (0, "F-1 tested: echo looking; test -e ok passed\n")
        assert one(project, "F-1")["tested"] is True

    def test_nothing_else_marks_it(self, project: Path, typed: Any) -> None:
        lay(project, "feature-list.json", listing(feature("F-1", "implemented", tests="false")))
        for words in (["implemented", "F-1"], ["start", "F-1"], ["unblock", "F-1"], ["tested", "F-1", "--yes"]):
            typed(*words)
            assert one(project, "F-1")["status"] not in ("tested", "completed")

    def test_trusted_by_session_trust(self, project: Path, run: Run) -> None:
        configure(project, test_command="true")
        lay(project, "feature-list.json", listing(feature("F-1", tests="true"), feature("F-2")))
        refused = run("session", "feature", "tested", "F-1")
        assert refused.code == 1
        assert refused.stderr.endswith(
            f"tests of F-1 of {project} are not trusted: not run (session trust shows it, and asks)\n"
        )
        shown = json.loads(run("session", "trust", "--yes").stdout)["commands"]
        assert [each["name"] for each in shown] == ["test_command", "tests of F-1"]
        assert run("session", "feature", "tested", "F-1").code == 0
        assert run("session", "feature", "tested", "F-2").code == 0
        document = load(project, "feature-list.json")
        document["features"][0]["tests"] = "touch ran"
        lay(project, "feature-list.json", document)
        changed = run("session", "feature", "tested", "F-1")
        assert changed.code == 1
        assert "have changed since they were trusted: not run" in changed.stderr
        assert not (project / "ran").exists()

    def test_a_broken_list_leaves_the_rest_to_be_trusted(self, project: Path, run: Run) -> None:
        configure(project, test_command="true")
        lay(project, "feature-list.json", "{")
        trusted = run("session", "trust", "--yes")
        assert trusted.code == 0
        assert trusted.stderr.startswith(f"{project}/.claude/progress/feature-list.json is not valid JSON")
        assert [each["status"] for each in json.loads(trusted.stdout)["commands"]] == ["trusted"]


class TestCommit:
    @pytest.fixture
    def repository(self, project: Path) -> Path:
        commit_files(project, 1)
        git(project, "config", "user.name", "T")
        git(project, "config", "user.email", "t@example.org")
        description = "Users can log in\nand out"
        lay(project, "feature-list.json", listing(feature("F-1", tests="true") | {"description": description}))
        return project

    def test_everything_with_id_and_description(self, repository: Path, typed: Any) -> None:
        code, out, err = typed("tested", "F-1", "--yes", "--commit")
        commit = git(repository, "rev-parse", "--short", "HEAD")
        assert (code, out) == (0, "F-1 tested: true passed\n")
        assert err == f"tests of F-1: true\ncommitted as {commit}\n"
        assert git(repository, "log", "-1", "--format=%B").startswith("F-1: Users can log in")
        assert git(repository, "status", "--porcelain") == ""
        committed = json.loads(git(repository, "show", "HEAD:.claude/progress/feature-list.json"))
        assert committed["features"][0]["status"] == "tested"
        listed = json.loads(typed("list")[1])
        assert [each["stale"] for each in listed] == [False]

    def test_not_what_failed(self, repository: Path, typed: Any) -> None:
        lay(repository, "feature-list.json", listing(feature("F-1", tests="false")))
        assert typed("tested", "F-1", "--yes", "--commit")[0] == 1
        assert git(repository, "rev-list", "--count", "HEAD") == "1"

    def test_refused_it_stays_tested(self, repository: Path, typed: Any) -> None:
        hook = repository / ".git/hooks/pre-commit"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\n")
        hook.chmod(0o755)
        code, out, err = typed("tested", "F-1", "--yes", "--commit")
        assert (code, out) == (1, "F-1 tested: true passed\n")
        why = "F-1 is tested, but not committed: the hook pre-commit would not run (by hand: git -C "
        assert err.splitlines()[1].startswith(why)
        assert one(repository, "F-1")["status"] == "tested"

    def test_without_a_repository(self, project: Path, typed: Any) -> None:
        lay(project, "feature-list.json", listing(feature("F-1", tests="true")))
        code, _, err = typed("tested", "F-1", "--yes", "--commit")
        assert code == 1
        assert err.splitlines()[-1] == "F-1 is tested, but not committed: no git repository (git init)"
