"""Our entries in all kinds of settings: added once, updated and removed, with nothing else changed."""

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from session.errors import SessionError
from session.integrations import claude_code
from session.integrations.hook_entries import has_ours, merge, problems, strip
from session.integrations.json_edit import Document, undo_edits
from session.store import codec
from tests.integrations.test_json_edit import OBJECTS, VALUES, texts

QUICK = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
COMMAND = "/opt/a b/session-hook"
ENTRIES = claude_code.hooks(COMMAND)
READ, RUN = ("trap 'exit 0' EXIT; . \"$0\"", 'trap \'exit 0\' EXIT; "$0" "$@"')

OTHERS = st.sampled_from(
    [
        {"type": "command", "command": "echo"},
        {"type": "command", "command": "/x/session-hook Stop"},  # a shell's command line, not only the command
        {"type": "prompt", "prompt": "session-hook"},
        {"type": "prompt", "command": "/x/session-hook"},
        {"command": "session-hook"},
        {"type": "command", "command": ["session-hook"]},
        {"type": "command", "command": "/bin/sh", "args": ["-c", 'nice "$0"', "/x/session-hook", "Stop"]},
        {"type": "command", "command": "/bin/sh", "args": ["-c", READ, "/x/other-hook", "Stop"]},
        {"type": "command", "command": "/bin/sh", "args": ["-c", READ, 7]},
        {"type": "command", "command": "/bin/sh", "args": ["-c", READ]},
        "session-hook",
        None,
    ]
)
OURS = st.sampled_from(
    [
        {"type": "command", "command": "session-hook", "args": ["Stop"], "timeout": 99},
        {"type": "command", "command": "/old/session-hook", "args": ["Stop"]},
        {"command": "C:\\\\x\\session-hook", "type": "command"},
        {"type": "command", "command": "/bin/sh", "args": ["-c", READ, "/old/session-hook", "Stop"]},
        {"type": "command", "command": "/bin/sh", "args": ["-c", RUN, "session-hook", "Stop"], "timeout": 99},
    ]
)


def groups(handlers: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    made = st.fixed_dictionaries({"hooks": st.lists(handlers, max_size=3)}, optional={"matcher": st.just("*")})
    return st.lists(made | st.fixed_dictionaries({"hooks": OBJECTS}) | OBJECTS | st.none(), max_size=3)


def everything(handlers: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    events = st.sampled_from([*ENTRIES, "PreToolUse", "Notification"])
    return st.builds(
        lambda rest, hooks: {**rest, **hooks},
        st.dictionaries(st.text(max_size=3).filter(lambda key: key != "hooks"), VALUES, max_size=3),
        st.just({})
        | st.fixed_dictionaries({"hooks": st.dictionaries(events, groups(handlers), max_size=4)})
        | st.just({"hooks": {"Other": None}}),
    )


def value(text: str) -> Any:
    return codec.decode(text.removeprefix("\ufeff"))


def handlers(settings: Any, *, ours: bool) -> list[tuple[str, Any]]:
    """Return all handlers that are ours, or are not, by event; this is independent of the tested code."""
    pairs = []
    for event, groups in settings.get("hooks", {}).items():
        for group in groups or []:
            inner = group.get("hooks") if isinstance(group, dict) else None
            for handler in inner if isinstance(inner, list) else []:
                named = isinstance(handler, dict) and handler.get("type") == "command" and handler.get("command")
                if named == "/bin/sh" and [*handler.get("args", []), "", ""][1] in (READ, RUN):
                    named = [*handler["args"], None][2]
                mine = isinstance(named, str) and named.replace("\\", "/").split("/")[-1] == "session-hook"
                if mine == ours:
                    pairs.append((event, handler))
    return pairs


@given(text=texts(everything(OTHERS)))
@QUICK
def test_in_and_out(text: str) -> None:
    document = Document(text)
    assert not has_ours(document)
    made = merge(document, ENTRIES)
    expected = copy.deepcopy(value(text))
    for event, each in ENTRIES.items():
        expected.setdefault("hooks", {}).setdefault(event, []).extend(each)
    assert value(document.text) == expected
    merged = document.text
    assert undo_edits(merged, document.undo) == text

    again = Document(merged)
    assert has_ours(again)
    assert merge(again, ENTRIES) == []
    assert again.text == merged
    strip(again, made)
    assert value(again.text) == value(text)
    assert undo_edits(again.text, again.undo) == merged
    strip(again, None)
    assert not has_ours(again)


@given(text=texts(everything(OTHERS | OURS)))
@QUICK
def test_what_an_earlier_version_left_is_brought_up_to_date(text: str) -> None:
    document = Document(text)
    before = value(text)
    merge(document, ENTRIES)
    after = value(document.text)
    assert handlers(after, ours=False) == handlers(before, ours=False)
    assert sorted(event for event, _ in handlers(after, ours=True)) == sorted(ENTRIES)
    for event, handler in handlers(after, ours=True):
        assert (handler["command"], handler["args"]) == ("/bin/sh", ["-c", READ, COMMAND, event])
    assert {key: part for key, part in after.items() if key != "hooks"} == {
        key: part for key, part in before.items() if key != "hooks"
    }
    assert undo_edits(document.text, document.undo) == text
    merged = document.text
    merge(document, ENTRIES)
    assert document.text == merged
    strip(document, None)
    assert handlers(value(document.text), ours=True) == []
    assert handlers(value(document.text), ours=False) == handlers(before, ours=False)


def test_only_what_is_wrong_changes() -> None:
    text = (
        '{"hooks": {"Stop": [ {"hooks": [{"timeout": 99 , "command":"/old/session-hook", "type": "command",\t'
        '"args" : ["Halt"]}], "matcher": ""}]}}'
    )
    document = Document(text)
    merge(document, {"Stop": ENTRIES["Stop"]})
    arguments = json.dumps(["-c", READ, COMMAND, "Stop"])
    assert document.text == text.replace("/old/session-hook", "/bin/sh").replace('["Halt"]', arguments)


def test_what_is_there_twice_is_kept_once() -> None:
    one = '{"type": "command", "command": "/old/session-hook", "args": ["Stop"]}'
    document = Document(f'{{"hooks": {{"Stop": [{{"hooks": [{one}, {one}]}}, {{"hooks": [{one}, null]}}]}}}}')
    merge(document, {"Stop": ENTRIES["Stop"]})
    new = one.replace("/old/session-hook", "/bin/sh").replace('["Stop"]', json.dumps(["-c", READ, COMMAND, "Stop"]))
    assert document.text == f'{{"hooks": {{"Stop": [{{"hooks": [{new}]}}, {{"hooks": [null]}}]}}}}'


def test_containers_that_were_there_stay() -> None:
    for text in ('{"hooks": {}}', '{"hooks": {"Stop": []}}', '{"hooks": {"Stop": [], "Other": []}, "x": 1}', "{}"):
        document = Document(text)
        made = merge(document, ENTRIES)
        strip(document, made)
        assert value(document.text) == value(text)


def test_of_unknown_origin_what_is_empty_goes_too() -> None:
    document = Document('{"x": 1}')
    merge(document, ENTRIES)
    strip(document, None)
    assert document.text == '{"x": 1}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "is not a JSON object"),
        ("null", "is not a JSON object"),
        ('"{"', "is not a JSON object"),
        ('{"hooks": []}', 'has "hooks" that are not an object'),
        ('{"hooks": null}', 'has "hooks" that are not an object'),
        ('{"hooks": {}, "h\\u006foks": {}}', 'has "hooks" twice (keep one of them)'),
        ('{"hooks": {"Stop": {}}}', 'has "Stop" in its "hooks", which is not an array'),
        ('{"hooks": {"Stop": [], "Stop": []}}', 'has "Stop" twice (keep one of them)'),
    ],
)
def test_settings_of_another_shape(text: str, said: str) -> None:
    with pytest.raises(SessionError) as refused:
        merge(Document(text), ENTRIES)
    assert str(refused.value) == said


def test_events_of_another_shape_that_are_not_ours() -> None:
    text = '{"hooks": {"Other": {"hooks": 1}, "Other": 2}}'
    document = Document(text)
    made = merge(document, ENTRIES)
    strip(document, made)
    assert document.text == text


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ({}, 0),
        ({"disableAllHooks": False, "enabledPlugins": {"session@x": False, "other@x": True}}, 0),
        ({"enabledPlugins": ["session@x"]}, 0),
        ({"disableAllHooks": True}, 1),
        ({"enabledPlugins": {"session@workflow-session": True}}, 1),
    ],
)
def test_problems(value: dict[str, Any], count: int) -> None:
    assert len(problems(Document(json.dumps(value)))) == count
