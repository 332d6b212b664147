"""Changes of a feature's status, each in one commit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from session.entry import feature_status
from session.entry.feature_list import STATUSES
from session.entry.progress import Progress, changing
from session.errors import SessionError
from tests.entry.laying import feature, files, lay, listing, load, state, store, under_way

Change = Callable[[Progress], str]


def change(project: Path, what: Change) -> str:
    with changing(store(project), 10.0) as progress:
        return what(progress)


def refused(project: Path, what: Change, why: str) -> None:
    before = files(project)
    with pytest.raises(SessionError) as told:
        change(project, what)
    assert str(told.value) == why
    assert files(project) == before


def one(project: Path, name: str) -> dict[str, Any]:
    features = load(project, "feature-list.json")["features"]
    return dict(next(each for each in features if each["id"] == name))


class TestStart:
    def start(self, project: Path, name: str) -> str:
        return change(project, lambda progress: feature_status.start(progress, name, feature_status.PASSED))

    def test_it_is_what_is_worked_on(self, project: Path) -> None:
        lay(project, "state.json", state(feature_id="F-9", attempts=2, mine=1))
        lay(project, "feature-list.json", listing(feature("F-1"), feature("F-2", mine=2)))
        assert self.start(project, "F-2") == "F-2 started"
        after = load(project, "state.json")
        assert (after["feature_id"], after["attempts"], after["mine"]) == ("F-2", 0, 1)
        begun = one(project, "F-2")
        assert (begun["status"], begun["tested"], begun["mine"]) == ("in_progress", False, 2)
        assert begun["started"]["smoke_test"] == "passed"
        assert one(project, "F-1") == feature("F-1")

    def test_the_next_one_where_none_is_named(self, project: Path) -> None:
        lay(project, "feature-list.json", listing(feature("F-1"), feature("F-2", priority="P0")))
        assert self.start(project, "") == "F-2 started"

    def test_going_on_forgets_no_failures(self, project: Path) -> None:
        features = [feature("F-1", "in_progress", attempts=2), feature("F-2", attempts=2)]
        lay(project, "feature-list.json", listing(*features))
        self.start(project, "F-1")
        assert load(project, "state.json")["attempts"] == 2
        self.start(project, "F-2")
        assert load(project, "state.json")["attempts"] == one(project, "F-2")["attempts"] == 0

    @pytest.mark.parametrize(
        ("features", "name", "why"),
        [
            ([], "", "no feature to start: no features are planned (session feature add ID DESCRIPTION)"),
            ([feature("F-1", "tested")], "", "no feature to start: all 1 done"),
            ([{"status": "pending"}], "", "{path}: the next feature has no id (mend it)"),
            ([feature("F-1")], "F-2", "no feature F-2 in {path} (session feature list shows them)"),
            (
                [feature("F-1", "tested")],
                "F-1",
                "F-1 is tested (session feature tested F-1 runs its tests once more)",
            ),
            (
                [feature("F-1", "blocked", blocked_reason="no key")],
                "F-1",
                "F-1 is blocked: no key (session feature unblock F-1)",
            ),
            (
                [feature("F-1"), feature("F-2", dependencies=["F-1", "F-8"])],
                "F-2",
                "F-2 waits for F-1, F-8 (finish what it depends on first)",
            ),
            (
                [
                    feature("F-1", dependencies=["F-2"]),
                    feature("F-2", dependencies=["F-1"]),
                    feature("F-3", "implemented"),
                    feature("F-4", "blocked"),
                ],
                "",
                "no feature to start: to be tested: F-3; blocked: F-4; F-1 waits for F-2; F-2 waits for F-1",
            ),
        ],
    )
    def test_not_to_be_begun(self, project: Path, features: list[dict[str, Any]], name: str, why: str) -> None:
        lay(project, "state.json", state())
        lay(project, "feature-list.json", listing(*features))
        path = ".claude/progress/feature-list.json"
        refused(project, lambda progress: feature_status.start(progress, name, ""), why.format(path=path))

    def test_not_while_the_project_is_broken(self, project: Path) -> None:
        lay(project, "state.json", state(health_status="BROKEN"))
        lay(project, "feature-list.json", listing(feature("F-1")))
        why = "the project is BROKEN: nothing new is begun (mend it, then session enter)"
        refused(project, lambda progress: feature_status.start(progress, "F-1", ""), why)


class TestWords:
    @pytest.mark.parametrize("status", STATUSES)
    def test_implemented(self, project: Path, status: str) -> None:
        lay(project, "state.json", state())
        lay(project, "feature-list.json", listing(feature("F-1", status)))

        def written(progress: Progress) -> str:
            return feature_status.mark_implemented(progress, "F-1")

        if status in ("pending", "in_progress"):
            assert change(project, written) == "F-1 implemented"
            assert load(project, "state.json")["last_action"] == "F-1 implemented"
        elif status == "implemented":
            assert change(project, written) == "F-1 is implemented already"
        else:
            hint = " (session feature unblock F-1)" if status == "blocked" else ""
            return refused(project, written, f"F-1 is {status}, not in progress{hint}")
        assert one(project, "F-1")["status"] == "implemented"
        return None

    def test_block_and_unblock(self, project: Path) -> None:
        lay(project, "state.json", state(feature_id="F-1", attempts=2))
        lay(project, "feature-list.json", listing(feature("F-1", "in_progress", attempts=2), feature("F-2", "tested")))
        assert change(project, lambda it: feature_status.block(it, "F-1", "no key")) == "F-1 blocked: no key"
        assert (one(project, "F-1")["status"], one(project, "F-1")["blocked_reason"]) == ("blocked", "no key")
        assert change(project, lambda it: feature_status.unblock(it, "F-1")) == "F-1 unblocked"
        assert one(project, "F-1") == feature("F-1", attempts=0)
        assert load(project, "state.json")["attempts"] == 0
        assert change(project, lambda it: feature_status.unblock(it, "F-1")) == "F-1 is not blocked"
        why = "F-2 is tested: there is nothing left to block"
        refused(project, lambda it: feature_status.block(it, "F-2", "why"), why)

    def test_what_was_touched_is_counted(self, project: Path) -> None:
        under_way(project)
        lay(project, "feature-list.json", listing(feature("F-1")))
        change(project, lambda it: feature_status.add(it, feature("F-2")))
        assert load(project, "metrics/s-1.json")["features_touched"] == ["F-2"]

    @pytest.mark.parametrize("text", ["{", "[]", '{"features": [1]}'])
    def test_a_broken_list_stays(self, project: Path, text: str) -> None:
        lay(project, "state.json", state())
        lay(project, "feature-list.json", text)
        before = files(project)
        for what in (
            lambda it: feature_status.add(it, feature("F-1")),
            lambda it: feature_status.start(it, "", ""),
            lambda it: feature_status.fail_current(it, "why"),
        ):
            with pytest.raises(SessionError, match=r"^\.claude/progress/feature-list.json"):
                change(project, what)
        assert files(project) == before


class TestFailed:
    def failed(self, project: Path) -> str:
        return change(project, lambda progress: feature_status.fail_current(progress, "exit code 1"))

    def test_three_times_is_enough(self, project: Path) -> None:
        lay(project, "state.json", state(feature_id="F-1", attempts=0))
        features = [feature("F-1", "implemented"), feature("F-2", attempts=2), feature("F-3", priority="P2")]
        lay(project, "feature-list.json", listing(*features))
        for attempt in (1, 2):
            assert self.failed(project) == f"F-1: attempt {attempt} of 3 failed; back in progress"
            assert one(project, "F-1")["status"] == "in_progress"
            assert load(project, "state.json")["attempts"] == one(project, "F-1")["attempts"] == attempt
        assert self.failed(project) == "F-1 is blocked (3 attempts failed: exit code 1); next is F-2"
        assert one(project, "F-1")["status"] == "blocked"
        assert one(project, "F-1")["blocked_reason"] == "3 attempts failed: exit code 1"
        assert (one(project, "F-2")["status"], one(project, "F-2")["attempts"]) == ("in_progress", 0)
        assert one(project, "F-2")["started"]["smoke_test"] == "not run (taken by itself)"
        after = load(project, "state.json")
        assert (after["feature_id"], after["attempts"]) == ("F-2", 0)
        assert one(project, "F-3") == features[2]

    def test_no_other_is_ready(self, project: Path) -> None:
        lay(project, "state.json", state(feature_id="F-1", attempts=2))
        lay(project, "feature-list.json", listing(feature("F-1", "in_progress"), feature("F-2", dependencies=["F-1"])))
        said = self.failed(project)
        assert said == (
            "F-1 is blocked (3 attempts failed: exit code 1); "
            "no other feature is ready: blocked: F-1; F-2 waits for F-1"
        )
        assert not {"feature_id", "attempts"} & set(load(project, "state.json"))

    @pytest.mark.parametrize("status", ["tested", "completed", "blocked"])
    def test_what_is_done_did_not_fail(self, project: Path, status: str) -> None:
        lay(project, "state.json", state(feature_id="F-1"))
        lay(project, "feature-list.json", listing(feature("F-1", status)))
        before = files(project)
        assert self.failed(project) == ""
        assert files(project) == before

    @pytest.mark.parametrize("known", [None, "F-9"])
    def test_where_nothing_says_what_was_tested(self, project: Path, known: str | None) -> None:
        lay(project, "state.json", state(attempts=4, **({} if known is None else {"feature_id": known})))
        assert self.failed(project) == ""
        assert load(project, "state.json")["attempts"] == 5
        assert not (project / ".claude/progress/feature-list.json").exists()

    def test_the_only_one_that_can_be_meant(self, project: Path) -> None:
        lay(project, "state.json", state(attempts="odd"))
        lay(project, "feature-list.json", listing(feature("F-1"), feature("F-2", "implemented")))
        assert self.failed(project) == "F-2: attempt 1 of 3 failed; back in progress"
        assert load(project, "state.json")["feature_id"] == "F-2"


WORDS = st.sampled_from(["start", "implemented", "block", "unblock", "failed"])


@settings(max_examples=40)
@given(st.lists(st.tuples(WORDS, st.sampled_from(["F-1", "F-2", "F-3"])), max_size=12))
def test_whatever_happens_the_list_stays_a_list(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]]
) -> None:
    project = tmp_path_factory.mktemp("project")
    features = [feature("F-1", mine=[1]), feature("F-2", dependencies=["F-1"]), feature("F-3", priority="P0")]
    lay(project, "feature-list.json", {**listing(*features), "theirs": {"a": 1}})
    made: dict[str, Callable[[Progress, str], str]] = {
        "start": lambda progress, name: feature_status.start(progress, name, feature_status.NONE),
        "implemented": feature_status.mark_implemented,
        "block": lambda progress, name: feature_status.block(progress, name, "why"),
        "unblock": feature_status.unblock,
        "failed": lambda progress, _: feature_status.fail_current(progress, "why"),
    }
    for word, name in steps:
        before = files(project)
        try:
            change(project, lambda progress, word=word, name=name: made[word](progress, name))  # type: ignore[misc]
        except SessionError:
            assert files(project) == before
        after = load(project, "feature-list.json")
        assert after["theirs"] == {"a": 1}
        assert [each["id"] for each in after["features"]] == ["F-1", "F-2", "F-3"]
        assert after["features"][0]["mine"] == [1]
        known = load(project, "state.json").get("feature_id") if len(files(project)) > 1 else None
        for each in after["features"]:
            assert each["status"] in STATUSES
            assert each.get("attempts", 0) <= 3
            assert ("blocked_reason" in each) == (each["status"] == "blocked")
            assert each["tested"] is False if "tested" in each else each["status"] in ("pending", "blocked")
        assert known in (None, "F-1", "F-2", "F-3")
