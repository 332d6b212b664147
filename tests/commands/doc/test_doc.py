"""Test `session doc` and its script: command lines, answers, exit codes, and unusable documents."""

import json
import os
from pathlib import Path

import pytest

from session.commands import doc_answers
from tests.conftest import Run
from tests.conversation.conftest import GOLD, Call, lay, stored

ID = ("--convo-id", "c")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("frob",), "argument COMMAND: invalid choice: 'frob'"),
        (("init",), "the following arguments are required: --convo-id (usage: "),
        (("init", *ID, "--type", "bogus"), "argument --type: not a type: bogus (choose from build, research, "),
        (("init", *ID, "extra"), "unrecognized arguments: extra (usage: "),
        (("init", *ID, "--forc"), "unrecognized arguments: --forc"),
        (("init", "--convo-id", "a/b"), "conversation id holds a slash or backslash: a/b"),
        (("init", "--convo-id", "--type"), "conversation id starts with '-': --type"),
        (("init", "--convo-id", "a\ud8ff"), "--convo-id is not valid UTF-8"),
        (("update", *ID, "--field", "F"), "the following arguments are required: --value (usage: "),
        (("update", *ID, "--field", "F", "--value"), "argument --value: expected one argument"),
        (("update", *ID, "--field", "F", "--value", "\udcff"), "--value is not valid UTF-8"),
        (("update", *ID, "--field", " ", "--value", "x"), "argument --field: has no name"),
        (("update", *ID, "--field", "a\nb", "--value", "x"), "argument --field: a\\u000ab: is no name for a field: "),
        (("sync", *ID), "the following arguments are required: --json"),
        (("check", *ID, "--format", "xml"), "argument --format: invalid choice: 'xml'"),
        (("get", *ID), "one of the arguments --field --section is required"),
        (("get", *ID, "--field", "a", "--section", "b"), "argument --section: not allowed with argument --field"),
    ],
)
def test_wrong_words_are_one_line(base: Path, call: Call, words: tuple[str, ...], line: str) -> None:
    for script in (False, True):
        ended = call(*words, script=script)
        assert (ended.code, ended.stdout) == (2 if script else 1, "")
        assert ended.stderr.startswith(line)
        assert ended.stderr.count("\n") == 1
    assert list(base.iterdir()) == []


def test_no_command_is_help_and_exit_code_1(call: Call) -> None:
    for script, name in ((False, "session doc"), (True, "session_state_manager.py")):
        ended = call(script=script)
        assert (ended.code, ended.stderr) == (1, "")
        assert ended.stdout.startswith(f"usage: {name} [-h] COMMAND ...\n")
        assert call("--help", script=script).stdout == ended.stdout
        for word in ("init", "update", "sync", "check", "audit", "get", "list"):
            asked = call(word, "--help", script=script)
            assert (asked.code, asked.stderr) == (0, "")
            assert asked.stdout.startswith(f"usage: {name} {word} ")


@pytest.mark.parametrize("value", ["-x", "--field", "--", "-", "", " x ", "TBD", "a=b", "é🚀", "`$x`", "\\1\\g<0>"])
def test_any_value_is_taken(base: Path, call: Call, value: str) -> None:
    lay(base, GOLD)
    assert call("update", *ID, "--value", value, "--field", "Focus").stdout == f"✓ Updated Focus = {value}\n"
    assert f"\n- **Focus:** {value}\n" in stored(base)
    assert call("update", *ID, "--field=Focus", f"--value={value}").code == 0


def test_who_writes_stands_in(base: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKFLOW_SESSION_OWNER", "me")
    assert call("init").stdout.startswith("✓ Initialized SESSION_STATE.md for me\n")
    assert call("check", "--convo-id", "other").stderr == "✗ SESSION_STATE.md not found for other\n"
    monkeypatch.setenv("WORKFLOW_SESSION_OWNER", "../me")
    assert call("check").stderr == "conversation id starts with '.': ../me\n"


def test_init(base: Path, call: Call) -> None:
    message = "please investigate " + "why " * 20
    ended = call("init", *ID, "--message", message, "--objective", "know", "--mode", "deep", "--format", "json")
    answer = json.loads(ended.stdout)
    path = str(base / "c/SESSION_STATE.md")
    focus = ("Investigate " + "why " * 20).strip()
    assert answer == {
        "conversation_id": "c",
        "type": "research",
        "mode": "deep",
        "focus": focus,
        "objective": "know",
        "path": path,
        "backup": None,
    }
    ended = call("init", *ID)
    assert (ended.code, ended.stdout) == (1, "")
    assert (
        ended.stderr
        == "✗ SESSION_STATE.md already exists for c (session doc init --force replaces it, and keeps a backup)\n"
    )
    old = stored(base)
    ended = call("init", *ID, "--force", "--focus", "f" * 61, "--type", "CODING")
    [backup] = (base / "c").glob("*.bak.md")
    lines = ended.stdout.split("\n")
    assert lines[:3] == ["✓ Initialized SESSION_STATE.md for c", "  Type: build", f"  Focus: {'f' * 60}..."]
    assert lines[3:] == [f"  Path: {path}", f"  Backup: {backup}", ""]
    assert backup.read_bytes().decode() == old
    for _ in range(3):  # within a second, perhaps: none is lost
        old = stored(base)
        answer = json.loads(call("init", *ID, "--force", "--format", "json").stdout)
        assert Path(answer["backup"]).read_bytes().decode() == old
    assert len(list((base / "c").glob("*.bak.md"))) == 4


def test_answers_as_json(base: Path, call: Call) -> None:
    lay(base, GOLD)
    path = str(base / "c/SESSION_STATE.md")
    answer = json.loads(call("update", *ID, "--field", "Focus", "--value", "a\nb", "--format", "json").stdout)
    assert answer == {"conversation_id": "c", "field": "Focus", "value": "a b", "path": path}
    answer = json.loads(call("sync", *ID, "--json", '{"Topics": ["x"], "N": "y"}', "--format", "json").stdout)
    assert answer == {"conversation_id": "c", "sections": ["Topics", "N"], "path": path}
    answer = json.loads(call("check", *ID, "--format", "json").stdout)
    assert answer["frontmatter"]["type"] == "build"
    by_name = {section["name"]: section for section in answer["sections"]}
    assert by_name["Metadata"]["fields"]["Focus"] == "a b"
    assert by_name["Topics"] == {"name": "Topics", "level": 2, "line": 31, "fields": {}, "items": ["x"], "text": "- x"}
    assert by_name["N"]["text"] == "y"
    assert stored(base).splitlines()[30] == "## Topics"
    assert json.loads(call("get", *ID, "--field", "MODE", "--format", "json").stdout)["value"] == "general"


def test_get(base: Path, call: Call) -> None:
    lay(base, "---\nmode: 'm'\n---\n## Metadata\n- **Focus:** *f*\n## A\n- x\n\n### B\ny\n## a\nz\n")
    assert call("get", *ID, "--field", "focus").stdout == "*f*\n"
    assert call("get", *ID, "--field", "mode").stdout == "m\n"
    assert call("get", *ID, "--section", "A").stdout == "- x\n\nz\n"
    assert call("get", *ID, "--section", "b").stdout == "y\n"
    for option in ("field", "section"):
        ended = call("get", *ID, f"--{option}", "no")
        assert (ended.code, ended.stderr) == (
            1,
            f"✗ Could not find {option} 'no' (session doc check shows what there is)\n",
        )


def test_list(base: Path, call: Call) -> None:
    assert json.loads(call("list").stdout) == []
    assert call("init", "--convo-id", "b", "--focus", "F").code == 0
    lay(base, GOLD, "a")
    lay(base, b"\xff", "bad")
    (base / "empty").mkdir()
    (base / "a file").write_text("x")
    ended = call("list", "--json")
    assert call("list", "--format", "json") == ended
    assert [(one["conversation_id"], one["type"], one["overall"]) for one in json.loads(ended.stdout)] == [
        ("a", "build", "75%"),
        ("b", "discussion", "0%"),
    ]
    assert ended.code == 1
    assert ended.stderr == f"{base}/bad/SESSION_STATE.md is not valid UTF-8 at byte 0: left as it is (mend it)\n"


EVERY = (
    ("update", *ID, "--field", "Focus", "--value", "x"),
    ("sync", *ID, "--json", '{"A": "x"}'),
    ("check", *ID),
    ("audit", *ID),
    ("get", *ID, "--field", "Focus"),
)


@pytest.mark.parametrize("words", EVERY, ids=lambda words: words[0])
def test_no_document(base: Path, call: Call, words: tuple[str, ...]) -> None:
    for form in ("text", "json"):
        ended = call(*words, "--format", form)
        assert (ended.code, ended.stdout, ended.stderr) == (1, "", "✗ SESSION_STATE.md not found for c\n")
    assert list(base.iterdir()) == []


@pytest.mark.parametrize("words", EVERY, ids=lambda words: words[0])
def test_what_is_not_text_stays(base: Path, call: Call, words: tuple[str, ...]) -> None:
    path = lay(base, b"## A\n\xff\xfe\n")
    ended = call(*words)
    if words[0] == "check":
        assert ended.code == 0
    else:
        assert (ended.code, ended.stdout) == (1, "")
        assert ended.stderr == f"{path} is not valid UTF-8 at byte 5: left as it is (mend it)\n"
    assert path.read_bytes() == b"## A\n\xff\xfe\n"


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_links_are_refused(base: Path, call: Call, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(GOLD)
    (base / "c").mkdir()
    (base / "c/SESSION_STATE.md").symlink_to(tmp_path / "secret")
    (base / "d").symlink_to(tmp_path)
    for words in (*EVERY, ("init", *ID), ("init", *ID, "--force"), ("init", "--convo-id", "d")):
        ended = call(*words)
        assert ended.code == 1, words
        assert "is a symbolic link: refused (move it away)" in ended.stderr
    assert (tmp_path / "secret").read_text() == GOLD
    assert call("init", "--convo-id", "e").code == 0  # one link is no other conversation's affair


def test_a_folder_in_the_place(base: Path, call: Call) -> None:
    (base / "c/SESSION_STATE.md").mkdir(parents=True)
    for words in (("init", *ID), ("init", *ID, "--force")):
        ended = call(*words)
        assert (ended.code, ended.stderr) == (1, f"{base}/c/SESSION_STATE.md is a folder: refused (move it away)\n")
    assert call(*EVERY[0]).stderr == "✗ SESSION_STATE.md not found for c\n"


def test_an_empty_document_is_one(base: Path, call: Call) -> None:
    lay(base, "")
    assert call("init", *ID).code == 1
    assert call("check", *ID).stdout == "\n"
    assert call("update", *ID, "--field", "A", "--value", "b").stderr == (
        "✗ Could not find field 'A' or Metadata section\n"
    )
    assert call("sync", *ID, "--json", '{"A": "b"}').code == 0


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "Expecting value: line 1 column 1 (char 0)"),
        ("{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("{} {}", "Extra data: line 1 column 4 (char 3)"),
        ('{"a": NaN}', "NaN is not JSON"),
        ("null", "not an object of sections: null"),
        ('"x"', 'not an object of sections: "x"'),
        ("[" * 100_000, "expected a value at character 100000"),
    ],
)
def test_what_is_no_object(base: Path, call: Call, text: str, wrong: str) -> None:
    path = lay(base, GOLD)
    for option in (text, f"\ufeff{text}" if text else ""):
        ended = call("sync", *ID, "--json", option)
        assert (ended.code, ended.stdout) == (1, "")
        assert ended.stderr.startswith(f"✗ Invalid JSON: {wrong}" if option == text else "✗ Invalid JSON: ")
        assert ended.stderr.count("\n") == 1
    assert path.read_text(encoding="utf-8") == GOLD


def test_sync_from_stdin(base: Path, run: Run) -> None:
    lay(base, GOLD)
    words = ("doc", "sync", *ID, "--json", "-")
    big = json.dumps({"Notes": ["x" * 1_000_000] * 10}).encode()
    assert run("session", *words, stdin=b"\xef\xbb\xbf" + big).code == 0
    assert len(stored(base)) > 10_000_000
    ended = run("session", *words, stdin=json.dumps({"More": ["x" * 1_000_000] * 10}).encode())
    assert ended.code == 1
    assert "would be too large: more than 16 MiB; nothing changed" in ended.stderr
    assert "## More" not in stored(base)
    assert run("session", *words, stdin=b"\xff").stderr == (
        "✗ Invalid JSON: the JSON on stdin is not valid UTF-8 at byte 0\n"
    )


def test_a_folder_that_cannot_be_written(base: Path, call: Call) -> None:
    lay(base, GOLD)
    (base / "c" / ".temporary").mkdir()  # where what is written comes first
    ended = call("update", *ID, "--field", "Focus", "--value", "x")
    assert (ended.code, stored(base)) == (1, GOLD)
    assert ended.stderr.count("\n") == 1
    assert ".temporary is a folder: refused" in ended.stderr


def test_crlf_stays(base: Path, call: Call) -> None:
    lay(base, GOLD.replace("\n", "\r\n"))
    assert call("update", *ID, "--field", "New", "--value", "x").code == 0
    assert call("sync", *ID, "--json", '{"Topics": ["a", "b"], "Notes": "c\\nd"}').code == 0
    text = stored(base)
    assert text.count("\n") == text.count("\r\n")
    assert "## Metadata\r\n- **New:** x\r\n- **Type:** Build\r\n" in text
    assert text.endswith("\r\n\r\n\r\n## Notes\r\n\r\nc\r\nd")


def test_the_words_of_the_original_are_kept() -> None:
    assert doc_answers.parse_sections('{"a": 1, "a": 2}') == {"a": 2}
