"""Every fault gives one clear line, a non-zero exit code, and the bytes that were there before.

The obstacles are real files, and the commands are real processes. (Killed processes, power cuts and failing system
calls have their own tests.)
"""

import json
from pathlib import Path

import pytest

from session import save, set
from session.host import clock
from tests.conftest import Run
from tests.faults import GOOD, WRITERS, documents, refused
from tests.store.tree import tree

# what a file may hold instead of a session, and what is said of it
BAD_FILES = [
    pytest.param(b"", "is not valid JSON: ", id="empty"),
    pytest.param(bytes(len(GOOD)), "is not valid JSON: ", id="filled with NUL"),
    pytest.param(GOOD[:-1], "is not valid JSON: ", id="truncated"),
    pytest.param(GOOD[:40], "is not valid JSON: ", id="truncated in a text"),
    pytest.param(GOOD + GOOD, "is not valid JSON: ", id="twice"),
    pytest.param(GOOD.replace(b'"init"]', b"NaN]"), "is not valid JSON: ", id="NaN"),
    pytest.param(GOOD.replace(b'"init"]', b"Infinity]"), "is not valid JSON: ", id="Infinity"),
    pytest.param(b'{"a":' * 100_000, "is not valid JSON: ", id="100k deep, never closed"),
    pytest.param(GOOD.decode().encode("utf-16"), "is not valid JSON: ", id="UTF-16"),
    pytest.param(GOOD.decode().encode("utf-16-le"), "is not valid JSON: ", id="UTF-16 without a mark"),
    pytest.param(b"[]", "is not a session: it holds an array", id="array"),
    pytest.param(b'["step"]', "is not a session: it holds an array", id="array with something"),
    pytest.param(b'"step"', "is not a session: it holds a bare value", id="text"),
    pytest.param(b"42", "is not a session: it holds a bare value", id="number"),
    pytest.param(b"true", "is not a session: it holds a bare value", id="true"),
    pytest.param(b"\x1b[2J{}", "is not valid JSON: ", id="escape sequence"),
]


@pytest.mark.parametrize(("body", "said"), BAD_FILES)
def test_a_file_that_holds_no_session(project: Path, sessions: Path, run: Run, body: bytes, said: str) -> None:
    (sessions / "w.json").write_bytes(body)
    (sessions / "good.json").write_bytes(GOOD)
    before = documents(project)
    for words in (("get", "w"), *WRITERS):
        line = refused(run(*words))
        assert line.startswith(f"ia/state/sessions/w.json {said}")
        assert documents(project) == before
    every = run("get", "--all")
    assert every.code == 1
    assert [found["workflow"] for found in json.loads(every.out)] == ["good"]
    assert every.stderr.startswith(f"ia/state/sessions/w.json {said}")
    assert every.stderr.count("\n") == 1
    dropped = run("reset", "w")  # which does not ask what it holds
    assert (dropped.code, dropped.stdout, dropped.stderr) == (0, "Session w reset\n", "")
    assert list(sessions.glob("*.json")) == [sessions / "good.json"]


def test_bytes_that_are_not_utf8_are_read_and_never_rewritten(project: Path, sessions: Path, run: Run) -> None:
    (sessions / "w.json").write_bytes(GOOD.replace(b"init", b"in\xff\xfeit"))
    before = documents(project)
    shown = run("get", "w")
    assert (shown.code, shown.stderr) == (0, "")
    assert json.loads(shown.out)["step"] == "in\ufffd\ufffdit"
    for words in WRITERS:
        assert "w.json is not valid JSON: invalid UTF-8 at byte " in refused(run(*words))
        assert documents(project) == before


def test_a_lone_surrogate_is_kept_escaped(sessions: Path, run: Run) -> None:
    (sessions / "w.json").write_bytes(GOOD.replace(b'"init"]', b'"\\ud800", "\\udc00x"]'))
    assert run("set", "w", "next", '{"half": "\\ud83d"}').code == 0
    body = (sessions / "w.json").read_bytes()
    assert b'"\\ud800"' in body
    assert b'"\\udc00x"' in body
    assert b'"half": "\\ud83d"' in body
    assert run("get", "w").out == body + b"\n"
    saved = run("save", "w")
    assert saved.code == 0
    assert "- half: \\ud83d\n" in saved.stdout


BAD_CONTEXTS = [
    '{"a": NaN}',
    '{"a": Infinity}',
    '{"a": -Infinity}',
    '{"a": 1e400}',
    '{"a": -1e400}',
    '{"a": [{"b": 1e999}]}',
    "NaN",
    '\ufeff{"a": 1}',
    '{"a": "\n"}',
    '{"a": 1,}',
    "{",
    "[1]",
    "1",
    "null",
    '"x"',
    '{"a":' * 20_000,
    "[" * 60_000 + "]" * 60_000,
]


@pytest.mark.parametrize("context", BAD_CONTEXTS, ids=lambda context: repr(context[:20]))
@pytest.mark.parametrize("through", ["argument", "stdin"])
def test_a_context_that_is_none(project: Path, run: Run, context: str, through: str) -> None:
    assert run("set", "w", "init", '{"a": 0}').code == 0
    before = tree(project)
    ended = (
        run("set", "w", "next", "-", stdin=context.encode()) if through == "stdin" else run("set", "w", "next", context)
    )
    assert (ended.code, ended.stdout) == (1, "")
    assert ended.stderr.startswith("Invalid JSON context: ")
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr) < 2200
    assert tree(project) == before


def test_an_integer_of_5000_digits(sessions: Path, run: Run) -> None:
    digits = "-" + "9" * 5000
    ended = run("set", "w", "init", f'{{"n": {digits}}}')
    assert (ended.code, f'"n": {digits}' in ended.stdout) == (0, True)
    (sessions / "w.json").write_bytes(GOOD.replace(b"}", f', "n": {digits}}}'.encode()))
    for words in (("get", "w"), ("set", "w", "next", f'{{"m": {digits}}}'), ("get", "--all"), ("save", "w")):
        ended = run(*words)
        assert (ended.code, ended.stderr) == (0, "")
        assert digits in ended.stdout


def test_saving_nothing_makes_nothing(project: Path, run: Run) -> None:
    assert refused(run("save", "w")) == "No session found for w"
    assert run("reset", "w").stdout == "No session found for w\n"
    assert refused(run("set", "w", "next", "--if-step", "init"), 3).startswith("w has no session")
    assert tree(project) == {}


def test_a_file_where_the_sessions_belong(project: Path, run: Run) -> None:
    (project / "ia/state").mkdir(parents=True)
    (project / "ia/state/sessions").write_bytes(b"mine")
    assert run("get", "w").stdout == "null\n"
    assert "not a directory" in refused(run("get", "--all"))
    assert "ot a directory" in refused(run("set", "w", "init"))
    assert documents(project)["ia/state/sessions"][1] == b"mine"


PAYLOAD = "\x1b]0;owned\x07\x9b2J\u202e\u200b\U000e0041```\n# Heading\n<!-- -->"
HIDDEN = {"\x1b", "\x07", "\x9b", "\u202e", "\u200b", "\U000e0041"}


def test_a_payload_is_inert_in_the_archive(project: Path, run: Run) -> None:
    step = PAYLOAD.replace("\n", " ")
    context = json.dumps({PAYLOAD: PAYLOAD, "branch": PAYLOAD, "nested": {"x": PAYLOAD}})
    assert run("set", "w", step, context).code == 0
    saved = run("save", "w", "--notes", PAYLOAD.replace("\n", " "))
    assert (saved.code, saved.stderr) == (0, "")
    [archive] = (project / "ia/state/sessions/archives").iterdir()
    text = archive.read_text()
    assert not HIDDEN & {*text}
    assert not HIDDEN & {*saved.stdout}
    assert archive.name.isascii()
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert [line.split(" - ")[0] for line in headings] == [
        "# w", "## Context", "## Steps", "## Final State", "## Notes", "## Timeline",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "words", [("get", PAYLOAD), ("set", "w", "s", PAYLOAD), ("save", "w", f"--{PAYLOAD}"), ("reset", "w", PAYLOAD)]
)
def test_a_payload_is_inert_in_errors(run: Run, words: tuple[str, ...]) -> None:
    ended = run(*words)
    assert (ended.code, ended.stdout) == (1, "")
    assert not HIDDEN & {*ended.stderr}


def test_a_payload_is_inert_in_file_names(sessions: Path, run: Run) -> None:
    (sessions / (PAYLOAD.replace("/", "") + ".json")).write_bytes(GOOD)
    ended = run("get", "--all")
    assert (ended.code, ended.stdout, ended.stderr.count("\n")) == (1, "[]\n", 1)
    assert not HIDDEN & {*ended.stderr}


def test_what_looks_like_a_secret_is_warned_about(project: Path, run: Run) -> None:
    secret = "ghp_" + "a1B2" * 9
    assert run("set", "w", "init", json.dumps({"deploy": {"key": secret}, "password": "hunter2hunter2"})).code == 0
    saved = run("save", "w", f"--notes=used {secret}")
    assert saved.code == 0
    assert saved.stderr == "".join(
        f"warning: {place} looks like a secret, and goes into the archive\n"
        for place in ("context.password", "context.deploy.key", "notes")
    )
    assert secret not in saved.stderr


def test_the_clock_goes_backwards(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    times = iter([1769726568473, 1769726508473, 1769720000000])
    monkeypatch.setattr(clock, "now_ms", lambda: next(times))
    assert set.main(["w", "init"]) == set.main(["w", "next"]) == 0
    state = json.loads((project / "ia/state/sessions/w.json").read_bytes())
    assert (state["started_at"], state["updated_at"]) == ("2026-01-29T22:42:48.473Z", "2026-01-29T22:41:48.473Z")
    assert save.main(["w"]) == 0
    out, err = capfd.readouterr()
    assert "**Duration:** 0min\n" in out
    assert "| init | 2026-01-29T22:42:48.473Z | 0s |\n| next | 2026-01-29T22:41:48.473Z | 0s |\n" in out
    assert err == f"created ia/state in {project}\n"


def test_a_state_from_the_future(sessions: Path, run: Run) -> None:
    (sessions / "w.json").write_bytes(GOOD.replace(b"2026", b"9026"))
    assert run("set", "w", "next").code == 0
    saved = run("save", "w")
    assert saved.code == 0
    assert "**Duration:** 0min\n" in saved.stdout


def test_a_listed_session_can_be_asked_for(run: Run, sessions: Path) -> None:
    for name in ("x" * 180, "y" * 181, "-z"):
        (sessions / f"{name}.json").write_text('{"step": "a"}')
    listed = run("get", "--all")
    assert (listed.code, listed.stdout.count('"workflow"')) == (1, 1)
    assert [line.partition(": ")[2] for line in listed.stderr.splitlines()] == [
        "name starts with '-': -z (rename or remove the file)",
        "name is longer than 180 bytes: " + "y" * 181 + " (rename or remove the file)",
    ]
    assert run("get", "x" * 180).stdout == '{\n  "step": "a"\n}\n'
