"""Transitions of the project's state, without files."""

from typing import Any

import pytest

from session.errors import SessionError
from session.project import state as states
from session.store import codec

NOW = "2026-01-29T22:42:48.473Z"


class TestParse:
    def test_what_is_not_known_is_kept_to_the_byte(self) -> None:
        body = (
            b'{\n  "z": 1e400,\n  "n": 1234567890123456789,\n  "current": {\n    "mood": "\xc3\xa9"\n  },\n  "a": []\n}'
        )
        state, _ = states.block(states.parse(body, "s"), "x")
        state["current"].pop("blocker")
        assert states.text(state, "s") == body

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            (b"{bad", "is not valid JSON"),
            (b"", "is not valid JSON"),
            (b"\0" * 20, "is not valid JSON"),
            (b'{"a": "\xff"}', "is not valid JSON: invalid UTF-8"),
            (b'{"a": NaN}', "is not valid JSON: NaN is not JSON"),
            (b"null", "is not a project state: it holds null"),
            (b"[]", "is not a project state: it holds an array"),
            (b"3", "is not a project state: it holds a bare value"),
        ],
    )
    def test_what_is_no_state_is_refused(self, body: bytes, said: str) -> None:
        with pytest.raises(SessionError) as caught:
            states.parse(body, "X.json")
        assert caught.value.message.startswith(f"X.json {said}")
        assert "checkpoint restore" in caught.value.hint

    def test_a_byte_order_mark_is_no_corruption(self) -> None:
        assert states.parse(b'\xef\xbb\xbf{"version": "1.0.0"}\r\n', "s") == {"version": "1.0.0"}


class TestComplete:
    def test_newest_first_ten_at_most(self) -> None:
        state: dict[str, Any] = {}
        for n in range(12):
            state, said = states.complete(state, f"t{n}", NOW)
        assert said == "Added: 2026-01-29: t11"
        assert state["last_completed"] == [f"2026-01-29: t{n}" for n in range(11, 1, -1)]

    @pytest.mark.parametrize("what", ["1.A.2", "Extract machines"])
    def test_the_task_that_it_was_is_done(self, what: str) -> None:
        tasks = [{"id": "1.A.1", "task": "Other"}, {"id": "1.A.2", "task": "Extract machines"}, {"id": "1.A.2"}]
        state, _ = states.complete({"next_tasks": tasks}, what, NOW)
        assert state["next_tasks"] == [tasks[0], tasks[2]]

    def test_tasks_of_other_shapes(self) -> None:
        tasks = [{"id": 7, "task": 8}, {"id": True}, None, ["x"], "write docs", "x"]
        assert states.complete({"next_tasks": tasks}, "7", NOW)[0]["next_tasks"] == tasks[1:]
        assert states.complete({"next_tasks": tasks}, "x", NOW)[0]["next_tasks"] == tasks[:-1]
        assert states.complete({"next_tasks": tasks}, "True", NOW)[0]["next_tasks"] == tasks

    def test_tasks_that_it_was_not_stay(self) -> None:
        state = {"next_tasks": [{"id": "1.A.2", "task": "Extract machines"}]}
        assert states.complete(state, "Extract", NOW)[0]["next_tasks"] == state["next_tasks"]
        assert "next_tasks" not in states.complete({}, "Extract", NOW)[0]

    def test_the_open_session_notes_it(self) -> None:
        state, _ = states.complete({"currentSession": {"id": "s", "x": 1}}, "a", NOW)
        state, _ = states.complete(state, "b", NOW)
        assert state["currentSession"] == {"id": "s", "x": 1, "completedItems": ["2026-01-29: a", "2026-01-29: b"]}

    @pytest.mark.parametrize("session", [None, "1.A.5", ""])
    def test_a_session_without_a_record_is_left_alone(self, session: str | None) -> None:
        state, _ = states.complete({"currentSession": session}, "a", NOW)
        assert state == {"currentSession": session, "last_completed": ["2026-01-29: a"]}

    def test_the_old_state_is_left_alone(self) -> None:
        old = {"last_completed": ["x"], "currentSession": {"completedItems": ["x"]}, "next_tasks": ["a"]}
        before = codec.encode(old)
        states.complete(old, "a", NOW)
        assert codec.encode(old) == before


class TestNext:
    @pytest.mark.parametrize(
        ("task_id", "phase"),
        [("1.A.2", "1.A"), ("1.A", "1"), ("PHASE2", "PHASE2"), ("1.", "1"), (".x", ".x"), (".", "."), ("a b.c", "a b")],
    )
    def test_phase(self, task_id: str, phase: str) -> None:
        state, said = states.next_task({"current": {"focus": "f", "phase": "old"}}, task_id, "Do it")
        assert state["current"] == {"focus": "f", "phase": phase}
        assert said == f"Next task: {task_id} - Do it"

    def test_an_id_that_is_there_moves_up(self) -> None:
        tasks = [{"id": "a", "task": "A"}, {"id": "b", "task": "B", "owner": "me", "priority": "LOW"}, {"id": "b"}]
        state, _ = states.next_task({"next_tasks": tasks}, "b", "New")
        assert state["next_tasks"] == [{"id": "b", "task": "New", "owner": "me", "priority": "HIGH"}, tasks[0]]

    def test_the_newest_comes_first(self) -> None:
        state: dict[str, Any] = {"next_tasks": None}
        for name in "abc":
            state, _ = states.next_task(state, name, name.upper())
        assert [task["id"] for task in state["next_tasks"]] == ["c", "b", "a"]
        assert state["next_tasks"][0] == {"id": "c", "task": "C", "priority": "HIGH"}


class TestBlocker:
    def test_one_replaced_cleared(self) -> None:
        state, said = states.block({"current": {"phase": "1.A"}}, "a")
        assert said == "Blocker: a"
        state, _ = states.block(state, "b")
        assert state == {"current": {"phase": "1.A", "blocker": "b"}}
        state, said = states.unblock(state)
        assert (state, said) == ({"current": {"phase": "1.A", "blocker": None}}, "Blocker cleared: b")
        assert states.unblock(state) == (state, "No blocker was set")

    def test_nothing_to_clear_adds_nothing(self) -> None:
        assert states.unblock({}) == ({}, "No blocker was set")

    def test_a_blocker_of_another_type_can_be_cleared(self) -> None:
        assert states.unblock({"current": {"blocker": ["x"]}}) == ({"current": {"blocker": None}}, "Blocker cleared")


@pytest.mark.parametrize(
    ("state", "name"),
    [
        ({"last_completed": "oops"}, "last_completed is not a list"),
        ({"last_completed": {"a": 1}}, "last_completed is not a list"),
        ({"next_tasks": "x"}, "next_tasks is not a list"),
        ({"currentSession": 3}, "currentSession is not an object"),
        ({"currentSession": []}, "currentSession is not an object"),
        ({"currentSession": {"completedItems": "x"}}, "currentSession.completedItems is not a list"),
        ({"current": []}, "current is not an object"),
    ],
)
def test_a_wrong_type_is_named(state: dict[str, Any], name: str) -> None:
    wanted = {"current": [states.unblock, lambda s: states.block(s, "x"), lambda s: states.next_task(s, "a", "b")]}
    for transition in wanted.get(next(iter(state)), [lambda s: states.complete(s, "x", NOW)]):
        with pytest.raises(SessionError) as caught:
            transition(state)
        assert caught.value.message.startswith(name)
        assert "\n" not in str(caught.value)


def test_a_long_wrong_value_is_cut() -> None:
    with pytest.raises(SessionError) as caught:
        states.complete({"last_completed": "x\x1b" * 10**6}, "x", NOW)
    assert len(str(caught.value)) < 700
    assert "\x1b" not in str(caught.value)
