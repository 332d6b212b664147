"""A handoff writes a clean state, a summary, metrics and a trace in one commit."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.commands.handoff import gather
from session.entry import handoff, recovery, summary
from session.entry.handoff import HandoffNotes, HandoffResult
from session.entry.summary import Summary
from session.errors import Conflict, SessionError
from session.host import clock
from tests.conftest import Run
from tests.entry.laying import LONG_AGO, feature, files, lay, lines, listing, load, state, store, under_way
from tests.entry.repositories import commit_files, git

HEADINGS = ["State", "Work Done", "Git Commits", "Decisions Made", "Blockers", "Next Session", "Files Modified"]


def hand_off(project: Path, **given: object) -> tuple[HandoffResult, dict[str, list[str]]]:
    """Hand off; return the result, and the summary's lines by heading."""
    place = store(project)
    about = handoff.current_session(place)
    found, _ = gather(place, about)
    done = handoff.hand_off(place, about, HandoffNotes(**given), found, timeout_s=10.0)  # type: ignore[arg-type]
    return done, sections((project / done.path).read_text())


def sections(text: str) -> dict[str, list[str]]:
    title, *parts = text.split("\n## ")
    assert re.fullmatch(r"# Session Summary - \S+\n", title)
    told = {part.partition("\n")[0]: part.rstrip("\n").split("\n")[1:] for part in parts}
    assert list(told) == HEADINGS
    assert all(line for body in told.values() for line in body[:-1])
    return {heading: [line for line in body if line] for heading, body in told.items()}


def test_all_that_is_left_behind(project: Path) -> None:
    commit_files(project, 3)
    under_way(project, feature_id="F-2", history=[{"from": "START", "to": "IMPLEMENT", "at": LONG_AGO, "reason": "go"}])
    plan = [feature("F-1", "tested"), feature("F-2", "implemented"), feature("F-3", "blocked", blocked_reason="no key")]
    lay(project, "feature-list.json", listing(*plan))
    lay(project, "metrics/s-1.json", {**load(project, "metrics/s-1.json"), "features_touched": ["F-1", "F-2"]})
    (project / "new.txt").write_text("x")
    done, told = hand_off(project, decisions=["SQLite: one file"], notes=["looked at caches"], tokens=45000)
    assert done.problems == []
    assert re.fullmatch(r"\.claude/progress/summaries/session_\d{8}_\d{6}\.md", done.path)
    assert told["State"] == [
        "- Final state: IMPLEMENT",
        "- Health status: HEALTHY",
        "- Features completed: 1",
        "- Features remaining: 2",
    ]
    assert told["Work Done"] == [
        "1. F-1 Feature F-1 - Implemented and tested",
        "2. F-2 Feature F-2 - Implementation complete, testing pending",
        "3. looked at caches",
    ]
    hashes = git(project, "log", "--reverse", "--format=%h").split()
    assert told["Git Commits"] == [f"- {short}: commit {n}" for n, short in enumerate(hashes)]
    assert told["Decisions Made"] == ["- SQLite: one file"]
    assert told["Blockers"] == ["- [ ] F-3 Feature F-3: no key"]
    assert told["Next Session"] == [
        "1. Run `session enter` first",
        "2. Resume from state: IMPLEMENT",
        "3. Continue with feature: F-2 Feature F-2",
        "4. Address blockers: F-3 Feature F-3: no key",
    ]
    assert told["Files Modified"] == [f"- {name} - new" for name in ("file0.txt", "file1.txt", "file2.txt", "new.txt")]
    known = load(project, "state.json")
    assert (known["dirty"], known["last_action"]) == (False, "START → IMPLEMENT (go); F-2 implemented")
    measured = load(project, "metrics/s-1.json")
    assert (measured["outcome"], measured["tokens_used"]) == ("handed off", 45000)
    assert measured["ended_at"] == known["timestamp"]
    [trace] = lines(project, "traces.jsonl")
    assert (trace["outcome"], [each["id"] for each in trace["features"]]) == ("handed off", ["F-1", "F-2"])


@pytest.mark.parametrize("commits", [0, 1, 8])
def test_repositories_of_any_size(project: Path, commits: int) -> None:
    commit_files(project, commits)
    under_way(project)
    _, told = hand_off(project)
    assert len(told["Git Commits"]) == max(1, commits)
    if not commits:
        assert told["Git Commits"] == told["Files Modified"] == told["Work Done"] == ["- None"]


def test_without_a_repository(project: Path) -> None:
    under_way(project)
    _, told = hand_off(project)
    assert told["Git Commits"] == told["Files Modified"] == ["- None (not a git repository)"]


def test_workflows_of_the_sessions_time(project: Path, run: Run) -> None:
    under_way(project)
    run("set", "workflow:pr", "init")
    run("save", "workflow:pr", "--status=failed")
    _, told = hand_off(project)
    [line] = told["Work Done"]
    assert re.fullmatch(r"1\. Workflow workflow:pr - failed \(\S+-workflow-pr\.md\)", line)
    lay(project, "state.json", state(dirty=True, entered_at="2100-01-01T00:00:00Z"))
    assert hand_off(project)[1]["Work Done"] == ["- None"]


def test_two_in_one_second(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now_ms = clock.now_ms()
    monkeypatch.setattr(clock, "now_ms", lambda: now_ms)
    under_way(project)
    paths = [hand_off(project, notes=["x"])[0].path for _ in range(3)]
    assert len(set(paths)) == 3
    assert len(list((project / ".claude/progress/summaries").iterdir())) == 3
    assert len(lines(project, "traces.jsonl")) == 1  # it ended once
    assert load(project, "metrics/s-1.json")["ended_at"] == clock.iso(now_ms)


def test_a_crash_afterwards_goes_back_to_no_earlier_than_that(project: Path) -> None:
    under_way(project)
    lay(project, "feature-list.json", listing(feature("F-1", "tested")))
    hand_off(project)
    lay(project, "state.json", {**load(project, "state.json"), "dirty": True, "state": "TEST"})
    assert recovery.crash(store(project), force=False, timeout_s=10.0) is not None
    assert load(project, "state.json")["state"] == "IMPLEMENT"
    assert load(project, "feature-list.json")["features"] == [feature("F-1", "tested")]


def test_a_broken_list_is_named_and_left_alone(project: Path) -> None:
    under_way(project)
    lay(project, "feature-list.json", "{half")
    done, told = hand_off(project)
    assert len(done.problems) == 1
    assert "feature-list.json" in done.problems[0]
    assert told["State"][2:] == ["- Features completed: unknown", "- Features remaining: unknown"]
    assert (project / ".claude/progress/feature-list.json").read_text() == "{half"
    assert load(project, "state.json")["dirty"] is False


def test_broken_metrics_keep_nobody_from_handing_off(project: Path) -> None:
    under_way(project)
    lay(project, "metrics/s-1.json", "{half")
    done, _ = hand_off(project)
    assert done.problems == []
    assert (project / ".claude/progress/metrics/s-1.json").read_text() == "{half"


def test_a_broken_state_is_refused(project: Path) -> None:
    under_way(project)
    lay(project, "state.json", "{half")
    before = files(project)
    with pytest.raises(SessionError, match=r"state\.json"):
        hand_off(project)
    assert files(project) == before


def test_another_session_has_begun_meanwhile(project: Path) -> None:
    under_way(project)
    place = store(project)
    about = handoff.current_session(place)
    found, _ = gather(place, about)
    under_way(project, session_id="s-2")
    before = files(project)
    with pytest.raises(Conflict):
        handoff.hand_off(place, about, HandoffNotes(), found, timeout_s=10.0)
    assert files(project) == before


_texts = st.text(max_size=30) | st.sampled_from(
    ["# x", "\n## State\n- y", "```\n", "1. z", "- [x] q", "<b>", "\u202e", "\x1b[2J"]
)
_many = st.lists(_texts, max_size=3)


@given(_many, _many, _many, _texts, st.lists(st.tuples(_texts, _texts), max_size=3))
def test_no_text_gets_out_of_its_line(
    work: list[str], decisions: list[str], blockers: list[str], name: str, pairs: list[tuple[str, str]]
) -> None:
    done = [summary.escape(each) for each in work]
    files = [(path, "new") for path, _ in pairs]
    text = summary.render(Summary("now", name, name, 1, None, done, pairs, decisions, blockers, name, files))
    told = sections(text)
    assert len(told["Work Done"]) == max(1, len(work))
    assert len(told["Decisions Made"]) == max(1, len(decisions))
    assert len(told["Git Commits"]) == len(told["Files Modified"]) == max(1, len(pairs))
    assert len(told["Next Session"]) == 4
    assert "```" not in text
    assert all(char == "\n" or char.isprintable() for char in text if char.isascii())
    assert not re.search(r"^[-\d.\[\] ]*#", "\n".join(line for body in told.values() for line in body), re.MULTILINE)


def test_long_lists_are_cut_and_counted() -> None:
    text = summary.render(
        Summary("now", "TEST", "HEALTHY", 0, 0, [], [("a", "b")] * 60, [], [], "", [("f", "new")] * 150)
    )
    told = sections(text)
    assert told["Git Commits"][-1] == "- … and 10 more"
    assert told["Files Modified"][-1] == "- … and 50 more"
