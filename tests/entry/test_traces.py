"""Traces: one line for each entry session, a bounded number of lines, and no failure if one can't be written."""

from pathlib import Path

from session.entry import documents, metrics, traces
from session.entry.documents import TRACES
from session.entry.progress import changing
from tests.entry.laying import LONG_AGO, feature, lay, lines, listing, store, under_way


def add(project: Path, outcome: str = metrics.NOT_HANDED_OFF) -> list[str]:
    place = store(project)
    with changing(place, 10.0) as progress:
        traces.add(progress, outcome)
    return place.notices


def test_a_line_tells_what_was_tried(project: Path) -> None:
    under_way(project, feature_id="F-2", last_action="F-2 started")
    lay(project, "feature-list.json", listing(feature("F-1", "tested"), feature("F-2", "in_progress", attempts=2)))
    add(project)
    [line] = lines(project, "traces.jsonl")
    assert line == {
        "session_id": "s-1",
        "started_at": LONG_AGO,
        "ended_at": None,
        "outcome": "not handed off",
        "health": "HEALTHY",
        "states_visited": ["START", "IMPLEMENT"],
        "features": [{"id": "F-2", "status": "in_progress", "attempts": 2}],
        "feature_id": "F-2",
        "last_action": "F-2 started",
        "test_runs": None,
        "retries": None,
        "recoveries": 0,
        "compressions": None,
    }


def test_features_that_the_session_changed_are_in_it(project: Path) -> None:
    under_way(project)
    lay(project, "feature-list.json", listing(feature("F-1"), feature("F-2"), feature("F-3")))
    from session.entry import feature_status

    with changing(store(project), 10.0) as progress:
        feature_status.block(progress, "F-3", "no key")
        feature_status.start(progress, "F-1", feature_status.NONE)
    add(project)
    assert [each["id"] for each in lines(project, "traces.jsonl")[-1]["features"]] == ["F-1", "F-3"]


def test_what_was_done_before_is_no_work_of_this_session(project: Path) -> None:
    under_way(project, feature_id="F-1")
    lay(project, "feature-list.json", listing(feature("F-1", "tested"), feature("F-2")))
    add(project)
    lay(project, "metrics/s-1.json", "{")  # nobody knows what it did
    add(project)
    assert [[each["id"] for each in line["features"]] for line in lines(project, "traces.jsonl")] == [[], ["F-1"]]


def test_no_list_is_made_and_a_broken_one_does_not_matter(project: Path) -> None:
    under_way(project)
    add(project)
    assert not (project / ".claude/progress/feature-list.json").exists()
    lay(project, "feature-list.json", "{nonsense")
    add(project)
    assert [each["features"] for each in lines(project, "traces.jsonl")] == [[], []]
    assert (project / ".claude/progress/feature-list.json").read_text() == "{nonsense"


def test_the_newest_lines_are_kept(project: Path) -> None:
    under_way(project)
    lay(project, "traces.jsonl", "".join(f'{{"n":{n}}}\n' for n in range(documents.NEWEST_LINES + 10)) + '{"cut')
    add(project)
    text = (project / ".claude/progress/traces.jsonl").read_text().splitlines()
    assert len(text) == documents.NEWEST_LINES
    assert text[-2] == '{"cut'
    records, odd = documents.lines(store(project), TRACES)
    assert (len(records), odd) == (documents.NEWEST_LINES - 1, 1)
    assert records[0] == {"n": 12}


def test_a_log_that_cant_be_read_stops_nobody(project: Path) -> None:
    under_way(project)
    (project / ".claude/progress/traces.jsonl").symlink_to("/etc/hostname")
    *_, notice = add(project)
    assert notice.startswith("not noted down: ")
    assert "traces.jsonl" in notice
