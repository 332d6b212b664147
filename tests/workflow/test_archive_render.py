"""The markdown of an archive, byte for byte, and the name of its file."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.errors import SessionError
from session.store import paths
from session.workflow import archive_render
from session.workflow.archive_render import render, secrets, stem

ENDED = 1769726568473  # 2026-01-29T22:42:48.473Z
STATE = {
    "started_at": "2026-01-29T22:12:48.473Z",
    "steps": ["init", "git:pr:find", "git:pr:merge"],
    "step": "git:pr:merge",
    "context": {"branch": "feat/x", "pr_number": 8},
    "updated_at": "2026-01-29T22:40:00.000Z",
}
WHOLE = """\
# workflow:pr - 2026-01-29

**Status:** completed
**Duration:** 30min

## Context
- branch: feat/x
- pr_number: 8

## Steps
1. init ✓
2. git:pr:find ✓
3. git:pr:merge (final)

## Final State
- Step: git:pr:merge
- Started: 2026-01-29T22:12:48.473Z
- Ended: 2026-01-29T22:42:48.473Z

"""


def part(text: str, heading: str) -> list[str]:
    """Return the lines of the section `heading`."""
    return text.split(f"## {heading}\n", 1)[1].split("\n\n", 1)[0].splitlines()


def lines(**fields: Any) -> str:
    return render("w", fields, "completed", "", ENDED)


def test_to_the_letter() -> None:
    assert render("workflow:pr", STATE, "completed", "", ENDED) == WHOLE
    assert render("workflow:pr", STATE, "completed", "all\nfine", ENDED) == WHOLE + "## Notes\nall\nfine\n"


def test_an_empty_state() -> None:
    assert lines() == (
        "# w - 2026-01-29\n\n**Status:** completed\n**Duration:** unknown\n\n"
        "## Context\n- (none)\n\n## Steps\n- (none)\n\n"
        "## Final State\n- Step: unknown\n- Started: unknown\n- Ended: 2026-01-29T22:42:48.473Z\n\n"
    )


@pytest.mark.parametrize("status", archive_render.STATUSES)
def test_status(status: str) -> None:
    assert f"\n**Status:** {status}\n" in render("w", STATE, status, "", ENDED)


@pytest.mark.parametrize(
    ("started_at", "duration"),
    [
        ("2026-01-29T22:42:48.473Z", "0min"),
        ("2026-01-29T22:42:18.474Z", "0min"),
        ("2026-01-29T22:42:18.473Z", "1min"),
        ("2026-01-29T22:41:18.474Z", "1min"),
        ("2026-01-28T22:42:48.473Z", "1440min"),
        ("2026-01-29T23:42:48.473+02:00", "60min"),
        ("2026-01-29T23:42:48.473Z", "0min"),  # the clock was set back
        ("2099-01-01T00:00:00.000Z", "0min"),
        ("yesterday", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
        (1769726568473, "unknown"),
        ({}, "unknown"),
    ],
)
def test_duration(started_at: Any, duration: str) -> None:
    assert f"\n**Duration:** {duration}\n" in lines(started_at=started_at)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("text", "text"),
        ("", ""),
        (8, "8"),
        (1.0, "1"),
        (True, "true"),
        (None, "null"),
        ([], "[]"),
        ({"a": {"b": [1, "x", None]}}, '{"a":{"b":[1,"x",null]}}'),
        ("two\nlines\r\nand\ttab", "two\\nlines\\r\\nand\\ttab"),
        ({"n": "two\nlines"}, '{"n":"two\\nlines"}'),
        ("\x1b[2J\u202e", "\\u001b[2J\\u202e"),
        ("\ud800", "\\ud800"),
        ("# no heading", "# no heading"),
        (2**70, "1180591620717411303424"),
    ],
)
def test_context_values_are_on_one_line(value: Any, shown: str) -> None:
    text = lines(context={"key": value, "last": 1})
    assert part(text, "Context") == [f"- key: {shown}", "- last: 1"]
    text.encode()


def test_context_keys_are_on_one_line() -> None:
    assert part(lines(context={"a\n## Steps": 1, "": 2}), "Context") == ["- a\\n## Steps: 1", "- : 2"]


@pytest.mark.parametrize("context", [None, {}])
def test_no_context(context: Any) -> None:
    assert part(lines(context=context), "Context") == ["- (none)"]


@pytest.mark.parametrize(
    ("steps", "shown"),
    [
        (None, ["- (none)"]),
        ([], ["- (none)"]),
        (["a"], ["1. a (final)"]),
        (["a", "a"], ["1. a ✓", "2. a (final)"]),
        (["a\n- b", {"n": 1}, None], ["1. a\\n- b ✓", '2. {"n":1} ✓', "3. null (final)"]),
    ],
)
def test_steps(steps: Any, shown: list[str]) -> None:
    assert part(lines(steps=steps), "Steps") == shown


@pytest.mark.parametrize("steps", ["a", 1, {"a": 1}, True, 0, ""])
def test_steps_of_another_type_are_refused(steps: Any) -> None:
    with pytest.raises(SessionError, match=r"^has steps that are not a list"):
        lines(steps=steps)


@pytest.mark.parametrize("context", ["a", 1, [1], True, 0, "", []])
def test_a_context_of_another_type_is_refused(context: Any) -> None:
    with pytest.raises(SessionError, match=r"^has a context that is not an object"):
        lines(context=context)


@pytest.mark.parametrize(
    ("step", "shown"), [("git:pr", "git:pr"), ("", "unknown"), (None, "unknown"), (5, "unknown"), ("a\nb", "a\\nb")]
)
def test_final_state(step: Any, shown: str) -> None:
    assert part(lines(step=step, started_at=step), "Final State") == [
        f"- Step: {shown}",
        f"- Started: {shown}",
        "- Ended: 2026-01-29T22:42:48.473Z",
    ]


@pytest.mark.parametrize(
    ("notes", "shown"),
    [
        ("one", "one"),
        ("a=b\n\n- c", "a=b\n\n- c"),
        ("dos\r\nlines", "dos\nlines"),
        ("\x1b]0;x\x07", "\\u001b]0;x\\u0007"),
        ("\ttab", "\ttab"),
    ],
)
def test_notes(notes: str, shown: str) -> None:
    assert render("w", {}, "failed", notes, ENDED).endswith(f"\n\n## Notes\n{shown}\n")


def at(step: str, time: str | None) -> dict[str, str | None]:
    return {"step": step, "at": time}


def test_timeline() -> None:
    history = [
        at("init", "2026-01-29T20:42:48.473Z"),
        at("quick", "2026-01-29T22:00:00.000Z"),
        at("by | another", None),
        at("slow", "2026-01-29T22:00:59.600Z"),
        at("last", "2026-01-29T22:42:00.000Z"),
    ]
    for notes, before in (("", "\n"), ("said", "## Notes\nsaid\n\n")):
        text = render("w", {"history": history}, "completed", notes, ENDED)
        head, table = text.split("## Timeline\n")
        assert head.endswith(f"- Ended: 2026-01-29T22:42:48.473Z\n\n{before}")
        assert table == (
            "\n| Step | Entered | Time in step |\n| --- | --- | --- |\n"
            "| init | 2026-01-29T20:42:48.473Z | 1h 17min |\n"
            "| quick | 2026-01-29T22:00:00.000Z | unknown |\n"
            "| by \\| another | unknown | unknown |\n"
            "| slow | 2026-01-29T22:00:59.600Z | 41min 0s |\n"
            "| last | 2026-01-29T22:42:00.000Z | 48s |\n"
        )


@pytest.mark.parametrize(
    ("left", "span"),
    [
        ("22:00:00.000", "0s"),
        ("22:00:00.499", "0s"),
        ("22:00:00.500", "1s"),
        ("22:00:59.499", "59s"),
        ("22:00:59.500", "1min 0s"),
        ("22:59:59.000", "59min 59s"),
        ("23:00:00.000", "1h 0min"),
        ("23:01:59.000", "1h 1min"),
        ("21:00:00.000", "0s"),  # the clock was set back
    ],
)
def test_time_in_step(left: str, span: str) -> None:
    text = lines(history=[at("a", "2026-01-29T22:00:00.000Z"), at("b", f"2026-01-29T{left}Z")])
    assert f"| a | 2026-01-29T22:00:00.000Z | {span} |" in text


@pytest.mark.parametrize(
    "history",
    [None, [], "x", 5, {"a": 1}, [at("a", None)], [at("a", "garbage")], ["a"], [{"at": "2026-01-29T22:00:00Z"}]],
)
def test_no_timeline_without_times(history: Any) -> None:
    assert "Timeline" not in lines(history=history)


def test_a_step_cannot_break_the_table() -> None:
    text = lines(history=[at("a\n| b \x1b", "2026-01-29T22:00:00.000Z")])
    assert "| a\\n\\| b \\u001b | 2026-01-29T22:00:00.000Z |" in text


RUN = {"step": "a", "command": "x", "began_at": "2026-01-29T22:00:00.000Z"}


@pytest.mark.parametrize(
    ("entries", "shown"),
    [
        (
            [{**RUN, "done_at": "2026-01-29T22:00:03.000Z", "exit": 0, "output": "…\nhttps://x/pull/8\n"}],
            ["- a: exit 0 after 3s: https://x/pull/8"],
        ),
        ([RUN], ["- a: began 2026-01-29T22:00:00.000Z, no result recorded"]),
        ([{**RUN, "began_at": "x"}], ["- a: began at an unknown time, no result recorded"]),
        ([{**RUN, "done_at": "x", "exit": 3}], ["- a: exit 3"]),
        ([{**RUN, "done_at": "2026-01-29T21:00:00.000Z"}], ["- a: exit not recorded after 0s"]),
        (
            [{**RUN, "exit": 0, "earlier": [{**RUN, "done_at": "2026-01-29T22:01:01.000Z", "exit": 1}, RUN]}, RUN],
            [
                "- a: exit 1 after 1min 1s",
                "- a: began 2026-01-29T22:00:00.000Z, no result recorded",
                "- a: exit 0",
                "- a: began 2026-01-29T22:00:00.000Z, no result recorded",
            ],
        ),
        ([{"step": "a\n# b\x1b", "exit": 0, "output": "\x1b[1mc\x07\n"}], ["- a\\n# b\\u001b: exit 0: c\\u0007"]),
    ],
)
def test_runs(entries: list[dict[str, Any]], shown: list[str]) -> None:
    text = lines(history=entries)
    assert part(text, "Runs") == shown
    assert text.endswith("\n\n## Runs\n" + "\n".join(shown) + "\n")


def test_runs_follow_the_timeline() -> None:
    text = lines(history=[{**RUN, "at": "2026-01-29T22:00:00.000Z"}])
    assert text.endswith(" | 42min 48s |\n\n## Runs\n- a: began 2026-01-29T22:00:00.000Z, no result recorded\n")


@pytest.mark.parametrize("history", [None, [], "x", [at("a", None)], ["a"], [{"command": "x"}]])
def test_nothing_was_run(history: Any) -> None:
    assert "Runs" not in lines(history=history)


@pytest.mark.parametrize(
    ("branch", "expected"),
    [
        ("feat/x", "-feat-x"),
        ("release/v1.2", "-release-v1-2"),
        ("feat/été", "-feat-ete"),
        ("Feat/JIRA-1", "-Feat-JIRA-1"),
        ("", ""),
        ("///", ""),
        ("0", "-0"),
        (0, ""),
        (0.0, ""),
        (42, "-42"),
        (-1, "-1"),
        (1.5, "-1-5"),
        (True, "-true"),
        (False, ""),
        (None, ""),
        ([], ""),
        (["a"], ""),
        ({"a": 1}, ""),
        ("../../etc", "-etc"),
        ("a\x1b[2J", "-a-u001b-2J"),
    ],
)
def test_branch(branch: Any, expected: str) -> None:
    assert stem("workflow:pr", {"context": {"branch": branch}}, ENDED) == f"2026-01-29-workflow-pr{expected}"


@pytest.mark.parametrize("state", [{}, {"context": None}, {"context": {}}, {"context": "x"}, {"branch": "x"}])
def test_no_branch(state: dict[str, Any]) -> None:
    assert stem("a:b:c", state, ENDED) == "2026-01-29-a-b-c"


@given(
    st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Co")), min_size=1, max_size=180),
    st.text(max_size=300),
)
def test_a_name_is_always_under_200_bytes(workflow: str, branch: str) -> None:
    try:
        paths.check_name(workflow)
    except SessionError:
        return
    name = stem(workflow, {"context": {"branch": branch}}, ENDED)
    assert len(f"{name}-9999.md".encode()) < 200
    assert paths.file_of("archives", name)
    assert ":" not in name


def test_a_long_branch_is_cut() -> None:
    name = stem("w" * 100, {"context": {"branch": "b" * 300}}, ENDED)
    assert name == f"2026-01-29-{'w' * 100}-{'b' * 78}"
    assert stem("w" * 180, {"context": {"branch": "b"}}, ENDED) == f"2026-01-29-{'w' * 180}"


def test_secrets_are_named_by_their_place() -> None:
    state = {"context": {"token": "hunter2hunter2", "ok": 1}}
    assert secrets(state, "key is AKIAIOSFODNN7EXAMPLE") == ["context.token", "notes"]
    assert secrets(STATE, "fine") == []


def test_secrets_are_looked_for_everywhere_in_the_archive() -> None:
    token = "ghp_" + "a1B2c3D4e5" * 4
    state: dict[str, Any] = {"steps": ["a", f"push {token}"], "context": {"key": token, "pr": 8}}
    assert archive_render.secrets(state, f"with {token}") == ["context.key", "steps[1]", "notes"]
    assert archive_render.secrets({"steps": ["a"]}, "") == []
