"""Record runs in a session's history and read them back, without files."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.errors import SessionError
from session.store import codec
from session.text.untrusted import visible
from session.workflow import run_history, state
from session.workflow.run_history import OUTPUT_BYTES, begin, command_text, finish, last_line, line, output_text

NOW = 1769726568473  # 2026-01-29T22:42:48.473Z
AT = "2026-01-29T22:42:48.473Z"
LATER = "2026-01-29T22:43:00.000Z"


def at_step(*steps: str) -> dict[str, Any]:
    made: dict[str, Any] | None = None
    for step in steps:
        made, _ = state.advance(made, step, None, AT, "")
    assert made is not None
    return made


def ran(made: dict[str, Any], code: int, output: str = "", command: str = "make", now_ms: int = NOW) -> dict[str, Any]:
    begun, began_at = begin(made, command, now_ms)
    finished = finish(begun, begun["step"], began_at, done_at=LATER, code=code, output=output)
    assert finished is not None
    return finished


def facts_of(made: dict[str, Any]) -> list[tuple[str, str | None, int | None, bool]]:
    return [(run.step, run.began_at, run.exit, run.earlier) for run in run_history.runs(made)]


class TestBegin:
    def test_it_is_noted_at_the_step(self) -> None:
        begun, began_at = begin(at_step("a", "b"), "make x", NOW)
        assert began_at == AT
        assert begun["history"] == [
            {"step": "a", "at": AT},
            {"step": "b", "at": AT, "command": "make x", "began_at": AT},
        ]

    def test_the_state_is_left_alone(self) -> None:
        before = ran(at_step("a"), 1, "no")
        copy = json.loads(json.dumps(before))
        begin(before, "make", NOW)
        assert before == copy

    def test_a_run_before_goes_to_the_earlier_ones(self) -> None:
        once = ran(at_step("a"), 1, "no")
        twice = ran(once, 2, "still no", "make again")
        begun, _ = begin(twice, "make at last", NOW + 9)
        assert begun["history"] == [
            {
                "step": "a",
                "at": AT,
                "command": "make at last",
                "began_at": "2026-01-29T22:42:48.482Z",
                "earlier": [
                    {"command": "make", "began_at": AT, "done_at": LATER, "exit": 1},
                    {"command": "make again", "began_at": "2026-01-29T22:42:48.474Z", "done_at": LATER, "exit": 2},
                ],
            }
        ]

    def test_a_run_without_a_result_goes_there_without_one(self) -> None:
        begun, _ = begin(begin(at_step("a"), "make", NOW)[0], "make", NOW)
        assert begun["history"][0]["earlier"] == [{"command": "make", "began_at": AT}]

    def test_each_of_a_step_has_a_time_of_its_own(self) -> None:
        made = at_step("a")
        for _ in range(3):
            made, _ = begin(made, "make", NOW)
        made = {**made, "steps": [*made["steps"], "b", "a"], "step": "a"}
        made["history"] = [*made["history"], {"step": "b", "at": None}, {"step": "a", "at": None}]
        made, began_at = begin(made, "make", NOW)
        assert began_at == "2026-01-29T22:42:48.476Z"
        assert len({run.began_at for run in run_history.runs(made)}) == 4

    def test_what_is_kept_of_the_earlier_ones_is_bounded(self) -> None:
        made = at_step("a")
        for number in range(40):
            made = ran(made, 0 if number == 3 else 1, command=f"make {number}")
        earlier = made["history"][0]["earlier"]
        # the one that succeeded is not forgotten for those that failed
        assert [one["command"] for one in earlier] == ["make 3", *(f"make {number}" for number in range(20, 39))]

    def test_what_else_an_entry_holds_is_kept(self) -> None:
        made = at_step("a")
        made["history"][0]["note"] = "mine"
        assert ran(made, 0)["history"][0]["note"] == "mine"

    @pytest.mark.parametrize(
        "history",
        [
            None,
            [],
            "x",
            {"a": 1},
            [{"step": "b"}],
            ["a"],
            [{"step": "a"}, {"step": "a"}],
            [{"step": "a", "at": 5}],
            [{"step": "a", "earlier": "x"}],
            [{"step": "a", "earlier": None}],
        ],
    )
    def test_a_history_of_another_shape_is_refused(self, history: Any) -> None:
        with pytest.raises(SessionError, match=r"^has a history in which no run can be noted"):
            begin({"steps": ["a"], "step": "a", "history": history}, "make", NOW)

    @pytest.mark.parametrize("steps", [None, 1, ["a", "b"], [], [5]])
    def test_so_are_steps(self, steps: Any) -> None:
        with pytest.raises(SessionError):
            begin({"steps": steps, "step": "a", "history": [{"step": "a"}]}, "make", NOW)


class TestFinish:
    def test_the_result_is_recorded(self) -> None:
        assert ran(at_step("a"), 3, "said")["history"] == [
            {"step": "a", "at": AT, "command": "make", "began_at": AT, "done_at": LATER, "exit": 3, "output": "said"}
        ]

    def test_no_output_is_none(self) -> None:
        assert "output" not in ran(at_step("a"), 0)["history"][0]

    def test_the_earlier_ones_come_last(self) -> None:
        assert list(ran(ran(at_step("a"), 1), 0, "x")["history"][0])[-2:] == ["output", "earlier"]

    def test_another_run_has_begun_since(self) -> None:
        first, began_at = begin(at_step("a"), "make 1", NOW)
        second, _ = begin(first, "make 2", NOW)
        finished = finish(second, "a", began_at, done_at=LATER, code=0, output="of the first")
        assert finished is not None
        assert finished["history"][0] == {
            "step": "a",
            "at": AT,
            "command": "make 2",
            "began_at": "2026-01-29T22:42:48.474Z",
            "earlier": [{"command": "make 1", "began_at": AT, "done_at": LATER, "exit": 0}],
        }

    def test_the_session_has_moved_on(self) -> None:
        begun, began_at = begin(at_step("a"), "make", NOW)
        moved, _ = state.advance(begun, "b", None, AT, "")
        finished = finish(moved, "a", began_at, done_at=LATER, code=0, output="")
        assert finished is not None
        assert facts_of(finished) == [("a", AT, 0, False)]
        assert finished["step"] == "b"

    @pytest.mark.parametrize(
        "history", [None, [], "x", ["a"], [{"step": "a"}], [{"step": "b", "began_at": AT}], [{"began_at": AT}],
                    [{"step": "a", "earlier": [None, {"began_at": LATER}]}, {"step": "a", "earlier": "x"}]]
    )  # fmt: skip
    def test_the_run_is_no_longer_there(self, history: Any) -> None:
        assert finish({"history": history}, "a", AT, done_at=LATER, code=0, output="") is None

    def test_the_state_is_left_alone(self) -> None:
        begun, began_at = begin(ran(at_step("a"), 1), "make", NOW)
        copy = json.loads(json.dumps(begun))
        finish(begun, "a", began_at, done_at=LATER, code=0, output="x")
        assert begun == copy


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["step", "at", "command", "began_at", "done_at", "exit", "output", "earlier", "x"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


class TestRuns:
    def test_in_the_order_of_the_history(self) -> None:
        made = ran(ran(at_step("a"), 1), 0)
        made, _ = state.advance(made, "b", None, AT, "")
        made, _ = state.advance(made, "c", None, AT, "")
        made, _ = begin(made, "x", NOW)
        assert facts_of(made) == [
            ("a", AT, 1, True),
            ("a", "2026-01-29T22:42:48.474Z", 0, False),
            ("c", AT, None, False),
        ]
        assert [run.unknown for run in run_history.runs(made)] == [False, False, True]

    def test_an_earlier_run_has_no_output(self) -> None:
        record = {"command": "make", "began_at": AT, "done_at": LATER, "exit": 1, "output": "of another tool"}
        earlier, last = run_history.runs({"history": [{"step": "a", **record, "earlier": [record]}]})
        assert (earlier.output, last.output) == (None, "of another tool")

    @pytest.mark.parametrize("code", ["0", True, 0.0, None, [0]])
    def test_an_exit_code_is_a_number(self, code: Any) -> None:
        [run] = run_history.runs({"history": [{"step": "a", "began_at": AT, "exit": code}]})
        assert run.exit is None

    @given(JUNK)
    def test_whatever_a_file_holds(self, history: Any) -> None:
        for run in run_history.runs({"history": history}):
            text = line(run, NOW)
            assert visible(text) == text  # not isprintable(): code points that are no characters yet may be shown
            assert len(text) < 1000

    @given(JUNK)
    def test_whatever_it_holds_a_run_is_noted_or_refused(self, history: Any) -> None:
        made = {"steps": ["a"], "step": "a", "history": history}
        try:
            begun, began_at = begin(made, "make", NOW)
        except SessionError:
            return
        before = facts_of(made)
        assert [(*run[:3], True) for run in before] == [run for run in facts_of(begun) if run[1] != began_at]
        finished = finish(begun, "a", began_at, done_at=LATER, code=0, output="")
        assert finished is not None
        assert facts_of(finished)[-1] == ("a", began_at, 0, False)
        codec.encode(finished)


class TestLine:
    def test_with_a_result(self) -> None:
        [run] = run_history.runs(ran(at_step("git:pr:create"), 0, "Creating…\n\x1b[1mhttps://x/pull/8\x1b[0m\n\n"))
        later = NOW + 14 * 60_000 + 12_000
        assert line(run, later) == "git:pr:create: exit 0, 14 min ago: https://x/pull/8"

    def test_without_one(self) -> None:
        [run] = run_history.runs(begin(at_step("git:pr:create"), "gh", NOW)[0])
        assert line(run, NOW + 12 * 60_000) == (
            "git:pr:create began 12 min ago, no result recorded: check before repeating"
        )

    @pytest.mark.parametrize(
        ("entry", "text"),
        [
            ({"began_at": "yesterday"}, "a began at an unknown time, no result recorded: check before repeating"),
            ({"exit": 1}, "a: exit 1"),
            ({"exit": 1, "done_at": "x", "output": "no"}, "a: exit 1: no"),
            ({"done_at": AT}, "a ended 5 s ago, exit code not recorded: check before repeating"),
            ({"done_at": 5, "began_at": 5}, "a began at an unknown time, no result recorded: check before repeating"),
        ],
    )
    def test_with_less(self, entry: dict[str, Any], text: str) -> None:
        [run] = run_history.runs({"history": [{"step": "a", **entry}]})
        assert line(run, NOW + 5000) == text

    @pytest.mark.parametrize(
        ("output", "last"),
        [
            (None, ""),
            ("", ""),
            (" \n\t\n", ""),
            ("one\ntwo", "two"),
            ("one\r\ntwo\r\n", "two"),
            ("10%\r50%\r100%", "100%"),
            ("done\n\x1b[2K\x1b[0m\n", "done"),
            ("\x1b]0;title\x07shown", "shown"),
            ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
            ("\x1b(Bplain", "plain"),
            ("a\x00b\u202ec", "a\\u0000b\\u202ec"),
            ("\x1b[", "\\u001b["),
            ("x" * 200, "x" * 120 + "… (80 more characters)"),
        ],
    )
    def test_the_last_line_of_an_output(self, output: str | None, last: str) -> None:
        assert last_line(output) == last

    @pytest.mark.parametrize("text", ["\x1b[" * 10**6, "\x1b]" + "x" * 10**6, "\n" * 10**6, "\x1b" * 10**6])
    def test_long_outputs_take_no_time(self, text: str) -> None:
        """A file that a person wrote may hold values of any type."""
        assert len(last_line(text)) < 1000


class TestTexts:
    @pytest.mark.parametrize(
        ("words", "text"),
        [
            (["gh", "pr", "create", "--title", "it's"], """gh pr create --title 'it'"'"'s'"""),
            (["a b", ""], "'a b' ''"),
            (["gh", "--token", "hunter2", "x"], "gh --token '[secret removed]' x"),
            (["env", "API_KEY=it's mine", "make"], "env 'API_KEY=[secret removed]' make"),
            (["curl", "-H", "Authorization: Bearer abc", "x"], "curl -H 'Authorization: Bearer [secret removed]' x"),
            (["x" * 501], "x" * 499 + "…"),
            (["not utf-8: \udcff"], "'not utf-8: ?'"),
        ],
    )
    def test_a_command(self, words: list[str], text: str) -> None:
        assert command_text(words) == text

    def test_a_short_output_is_kept_as_it_is(self) -> None:
        assert output_text("été\n\x1b[1m\0".encode(), whole=True) == "été\n\x1b[1m\0"

    def test_bytes_that_are_no_text(self) -> None:
        assert output_text(b"\xffa\xc3", whole=True) == "\ufffda\ufffd"

    def test_the_end_is_kept_by_whole_characters(self) -> None:
        text = output_text(("x" + "é" * 3000).encode(), whole=True)
        assert text == "é" * (OUTPUT_BYTES // 2)
        text = output_text(("é" * 3000 + "x").encode(), whole=True)
        assert text == "é" * (OUTPUT_BYTES // 2 - 1) + "x"

    def test_half_a_line_may_be_half_a_secret(self) -> None:
        cut = b"23456789012345678901234567890123456\nnext\n" + b"line\n" * 20
        assert output_text(cut, whole=False) == "next\n" + "line\n" * 20
        assert output_text(cut, whole=True) == cut.decode()

    def test_one_long_line_is_kept_all_the_same(self) -> None:
        assert output_text(b"x" * 8000 + b"\nend", whole=False).endswith("x\nend")

    def test_secrets_are_removed_before_it_is_cut(self) -> None:
        text = "token=" + "s" * 3000 + "\nend"
        assert output_text(text.encode(), whole=True) == "token=[secret removed]\nend"

    @given(st.binary(max_size=9000), st.booleans())
    def test_it_is_always_short(self, end: bytes, whole: bool) -> None:
        assert len(output_text(end, whole=whole).encode()) <= OUTPUT_BYTES


@pytest.mark.parametrize(("length", "text"), [(500, "x" * 500), (501, "x" * 499 + "…")])
def test_the_length_of_a_command(length: int, text: str) -> None:
    assert command_text(["x" * length]) == text
