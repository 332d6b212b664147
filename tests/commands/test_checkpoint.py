"""Test `session checkpoint`: create, list, show, diff, verify and delete. restore: see tests/checkpoints."""

import json
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from session.checkpoints import checkpoints
from session.checkpoints.document import parse
from session.commands import checkpoint as checkpoint_command
from session.errors import Busy
from session.host import clock
from session.store.files import FileStore
from session.text import bulk_json
from tests.commands.module_process import STATE, checkpoint, lay, made
from tests.conftest import REPOSITORY
from tests.store.tree import tree

CASES: dict[str, dict[str, Any]] = {
    case["id"]: case for case in json.loads((REPOSITORY / "tests/cases/prism_cli.json").read_text())
}
ORIGINAL = "CP_20260120_100000"
ID = re.compile(r"CP_\d{8}_\d{6}(_\d{3})?")


def stored(project: Path, name: str) -> Any:
    return json.loads((project / f"ia/state/CHECKPOINTS/{name}/checkpoint.json").read_text())


def original(root: Path, name: str = ORIGINAL) -> Path:
    """Write a checkpoint as the original scripts did, with the copy of the state beside it; return its folder."""
    for path, text in CASES["cp-verify"]["before"].items():
        lay(root, text.replace(ORIGINAL, name), path.replace(ORIGINAL, name))
    return root / "CHECKPOINTS" / name


def ids(*, env: dict[str, str] | None = None) -> list[str]:
    ended = checkpoint("list", "--json", env=env)
    assert ended.code == 0
    return [entry["id"] for entry in json.loads(ended.stdout)]


def test_create_records_everything(project: Path, run: Any) -> None:
    text = '{"n": 12345678901234567890,\r\n "x": 1.0}'
    lay(project, text)
    run("set", "workflow:pr", "git:pr:find", '{"n": 1}')
    subprocess.run(["git", "init", "-q", "-b", "feat/x"], check=True)
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=b", "commit", "-q", "--allow-empty", "-m", "x"], check=True
    )
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    session = (project / "ia/state/sessions/workflow:pr.json").read_text()
    began_ms = clock.now_ms()
    name = made("--session", "1.A.5", "--desc=before the move")
    assert ID.fullmatch(name)
    record = stored(project, name)
    assert (record["checkpoint_id"], record["session_id"], record["description"]) == (name, "1.A.5", "before the move")
    assert (record["branch"], record["commit"], record["state_snapshot"]["n"]) == (
        "feat/x",
        commit,
        12345678901234567890,
    )
    assert began_ms <= (clock.parse_ms(record["created"]) or 0) <= clock.now_ms()
    assert {file["path"]: file["text"] for file in record["files"]} == {
        STATE: text,
        "ia/state/sessions/workflow:pr.json": session,
    }
    assert (project / STATE).read_bytes() == text.encode()
    assert tree(project / "ia/state/CHECKPOINTS").keys() == {name, f"{name}/checkpoint.json"}


def test_create_needs_no_option(project: Path) -> None:
    lay(project, '{"currentSession": {"id": "1.A.5"}}')
    record = stored(project, made())
    assert (record["session_id"], record["description"], record["branch"]) == ("1.A.5", "Manual checkpoint", "")
    lay(project, '{"currentSession": "1.A.6"}')
    assert stored(project, made())["session_id"] == "1.A.6"


def test_two_in_one_second_are_two(project: Path) -> None:
    lay(project)
    names = [made() for _ in range(4)]
    assert len(set(names)) == 4
    assert sorted(names) == names
    assert ids() == names[::-1]


def test_many_at_once(project: Path) -> None:
    lay(project)
    words = [sys.executable, "-P", "-m", "session.commands.checkpoint", "create"]
    started = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(16)]
    outputs = [process.communicate(timeout=60)[0] for process in started]
    assert [process.returncode for process in started] == [0] * 16
    names = {line.removeprefix("Created checkpoint: ").rstrip() for line in outputs}
    assert (len(names), set(ids())) == (16, names)
    assert checkpoint("verify").stdout.startswith("OK: 16 files\n")


def test_it_is_made_without_the_lock(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others can write meanwhile; what they write is recorded."""
    lay(project)
    store = FileStore(str(project), "")
    checkpoints.create(store, session_id="", description="", timeout_s=1)
    parsed: list[int] = []

    def parse_slowly(body: bytes) -> Any:
        with store.transaction(0) as tx:  # Busy if the lock is held
            if not parsed:
                tx.put(("sessions", "w"), b'{"step": "new"}')
        parsed.append(len(body))
        return parse(body)

    monkeypatch.setattr(checkpoints.document, "parse", parse_slowly)
    result = checkpoints.create(store, session_id="", description="", timeout_s=1)
    assert len(parsed) == 1
    assert [entry["name"] for entry in stored(project, result.name)["files"]] == ["CURRENT_STATE", "w"]


def test_it_is_made_under_the_lock_in_the_end(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(project)
    store = FileStore(str(project), "")
    written: list[int] = []

    def current(*words: Any, **options: Any) -> Any:
        with suppress(Busy), store.transaction(0) as tx:
            written.append(len(written))
            tx.put(("sessions", "w"), json.dumps({"step": len(written)}).encode())
        return build(*words, **options)

    build = checkpoints.document.build
    monkeypatch.setattr(checkpoints.document, "build", current)
    result = checkpoints.create(store, session_id="", description="", timeout_s=1)
    assert len(written) == 3
    assert json.loads(stored(project, result.name)["files"][-1]["text"]) == {"step": 3}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, f"{STATE} is missing: there is nothing to record ("),
        ("{bad", f"{STATE} is not valid JSON: "),
        ("", f"{STATE} is not valid JSON: "),
        (b'{"x": "\xff"}', f"{STATE} is not valid JSON: invalid UTF-8 at byte 7"),
        ("[1]", f"{STATE} is not a project state: it holds an array"),
        ("null", f"{STATE} is not a project state: it holds null"),
    ],
    ids=range(6),
)
def test_create_refuses_what_is_of_no_use(project: Path, text: str | bytes | None, reason: str) -> None:
    if text is not None:
        lay(project, text)
    before = tree(project)
    ended = checkpoint("create")
    assert (ended.code, ended.stdout) == (1, "")
    assert ended.stderr.startswith(reason)
    assert ended.stderr.count("\n") == 1
    assert {name: body for name, body in tree(project).items() if not name.startswith("ia/state/.")} == before


def test_create_leaves_out_sessions_that_are_of_no_use(project: Path) -> None:
    lay(project)
    lay(project, "{bad", "ia/state/sessions/bad.json")
    lay(project, "null", "ia/state/sessions/ended.json")
    lay(project, "{}", "ia/state/sessions/good.json")
    (project / "ia/state/sessions/link.json").symlink_to("good.json")
    ended = checkpoint("create")
    assert ended.code == 0
    assert ended.stderr == (
        "not recorded: ia/state/sessions/bad.json is not a JSON object\n"
        "not recorded: ia/state/sessions/link.json is a symbolic link: refused (move it away)\n"
    )
    record = stored(project, ids()[0])
    assert [file["name"] for file in record["files"]] == ["CURRENT_STATE", "good"]


def test_the_newest_fifty_are_kept(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(project)
    store = FileStore(str(project), "")
    broken = lay(project, "{bad", "ia/state/CHECKPOINTS/CP_20200101_000000/checkpoint.json")
    for path, text in CASES["cp-verify"]["before"].items():
        if "CHECKPOINTS" in path:
            lay(project, text, f"ia/state/{path}")
    now_ms = clock.now_ms()
    names = []
    for second in range(checkpoints.KEEP + 2):
        monkeypatch.setattr(clock, "now_ms", lambda second=second: now_ms + second * 1000)
        names.append(checkpoints.create(store, session_id="", description="", timeout_s=1).name)
    names_kept = [entry.name for entry in checkpoints.entries(store)]
    assert names_kept == [*names[: -checkpoints.KEEP - 1 : -1], "CP_20200101_000000"]
    assert broken.read_text() == "{bad"
    folders = {path.name for path in (project / "ia/state/CHECKPOINTS").iterdir()}
    assert folders == {*names_kept}  # of the original's, nothing is left, its copy of the state included


def test_list_is_newest_first_and_names_what_is_broken(project: Path) -> None:
    assert checkpoint("list").out == b"No checkpoints: session checkpoint create makes one\n"
    lay(project)
    first, second, third = made("--desc", "a\x1b[2J\nb"), made(), made()
    at = project / "ia/state/CHECKPOINTS"
    (at / second / "checkpoint.json").write_bytes((at / second / "checkpoint.json").read_bytes()[:-9])
    (at / "CP_20260101_000000").symlink_to(third)
    (at / "CP_20250101_000000").mkdir()
    ended = checkpoint("list")
    assert (ended.code, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert lines[0] == "ID                        Created              Session         Description"
    assert lines[1] == "-" * 80
    assert [line.split()[0] for line in lines[2:]] == [third, second, first, "CP_20260101_000000"]
    assert lines[2].endswith(" -               Manual checkpoint")
    assert " BROKEN: is not valid JSON: " in lines[3]
    assert lines[4].endswith("a\\u001b[2J\\nb")
    assert "symbolic link" in lines[5]
    rows = json.loads(checkpoint("list", "--json").stdout)
    assert [(one["id"], one["valid"], bool(one["problems"])) for one in rows] == [
        (third, True, False),
        (second, False, True),
        (first, True, False),
        ("CP_20260101_000000", False, True),
    ]


def test_a_long_list_has_the_bytes_of_a_short_one(
    project: Path, capfdbinary: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compare the bytes of the two encoders: orjson takes over from MANY_ROWS rows on."""
    lay(project)
    made("--desc", "é \x1b \u2028")
    for number in range(3100):
        lay(project, "{bad", f"ia/state/CHECKPOINTS/CP_20200101_{number:06}/checkpoint.json")
    answers = []
    for many in (bulk_json.MANY_ROWS, 10_000):
        monkeypatch.setattr(bulk_json, "MANY_ROWS", many)
        assert checkpoint_command.main(["list", "--json"]) == 0
        answers.append(capfdbinary.readouterr().out)
    assert answers[0] == answers[1]
    assert len(json.loads(answers[0])) == 3101


def test_show_and_diff(project: Path) -> None:
    lay(project, '{"current":{"phase":"1.A\\u001b[2J"}}')
    lay(project, '{"step": "one"}', "ia/state/sessions/workflow:pr.json")
    name = made("--session", "s", "--desc", "é")
    shown = checkpoint("show").stdout
    created = stored(project, name)["created"]
    assert shown.startswith(f"Checkpoint:  {name}\nCreated:     {created}\nSession:     s\nDescription: é\nFiles:\n")
    assert f"\n  {STATE} (36 bytes)\n  ia/state/sessions/workflow:pr.json (15 bytes)\nState:\n  {{\n" in shown
    assert "\x1b" not in shown
    assert json.loads(checkpoint("show", "--json", "--id", name).stdout) == stored(project, name)

    assert checkpoint("diff").stdout == f"No differences from {name}\n"
    lay(project, '{"current": {"phase": "1.A\\u001b[2J"}}\n')
    assert checkpoint("diff").stdout == f"Only laid out differently: {STATE}\n"
    lay(project, '{"current": {"phase": "2"}}')
    lay(project, "{}", "ia/state/sessions/new.json")
    (project / "ia/state/sessions/workflow:pr.json").unlink()
    ended = checkpoint("diff", "--id", name)
    assert (ended.code, ended.stderr) == (0, "")
    assert ended.stdout == (
        f"--- {name}/{STATE}\n+++ {STATE}\n@@ -1,5 +1,5 @@\n"
        ' {\n   "current": {\n-    "phase": "1.A\\u001b[2J"\n+    "phase": "2"\n   }\n }\n'
        f"--- {name}/ia/state/sessions/workflow:pr.json\n+++ ia/state/sessions/workflow:pr.json (missing)\n"
        '@@ -1,3 +0,0 @@\n-{\n-  "step": "one"\n-}\n'
        "Only now: ia/state/sessions/new.json\n"
    )
    lay(project, b"{bad \x1b[2J\xff\n")
    assert "+{bad \\u001b[2J\ufffd\n" in checkpoint("diff").stdout
    (project / "ia/state/sessions/workflow:pr.json").symlink_to("new.json")
    (project / "ia/state/sessions/odd.json").symlink_to("new.json")
    differences = checkpoint("diff").stdout
    assert (
        "Not compared: ia/state/sessions/workflow:pr.json is a symbolic link: refused (move it away)\n" in differences
    )
    assert "Only now: ia/state/sessions/odd.json\n" in differences
    lay(project, "[" + "1,\n" * 20_000 + "1]")
    assert f"Different, and too long to compare line by line: {STATE}\n" in checkpoint("diff").stdout


def test_verify_recomputes_the_checksums(project: Path) -> None:
    lay(project)
    lay(project, "{}", "ia/state/sessions/w.json")
    first, second = made(), made()
    assert checkpoint("verify").out == b"OK: 4 files\nChanged: 0 files\nMissing: 0 files\n"
    at = project / f"ia/state/CHECKPOINTS/{first}/checkpoint.json"
    at.write_text(at.read_text().replace('"text": "{}"', '"text": "{ }"'))
    ended = checkpoint("verify")
    assert (ended.code, ended.out) == (1, b"OK: 3 files\nChanged: 1 files\nMissing: 0 files\n")
    assert ended.stderr == f"{first}: its checksum is wrong: it was changed, or damaged\n"
    assert checkpoint("verify", "--id", second).code == 0
    at.unlink()
    ended = checkpoint("verify", "--id", first)
    assert (ended.code, ended.out) == (1, b"")
    assert ended.stderr == f"no checkpoint is called {first} (session checkpoint list names them)\n"


def test_delete(project: Path) -> None:
    lay(project)
    name = made()
    folder = original(project / "ia/state")
    lay(project, "{bad", "ia/state/CHECKPOINTS/CP_1/checkpoint.json")
    for one in (name, "CP_1", ORIGINAL):
        assert checkpoint("delete", "--id", one).out == f"Deleted checkpoint: {one}\n".encode()
        assert not (folder.parent / one).exists()
    assert checkpoint("delete", "--id", name).code == 1
    assert ids() == []


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((), "Usage: session checkpoint create "),
        (("frobnicate",), "unknown command: frobnicate (usage: "),
        (("create", "x"), "unexpected argument: x (usage: "),
        (("create", "--id", "x"), "unknown option: --id (usage: "),
        (("list", "--all"), "unknown option: --all (usage: "),
        (("restore", "--id"), "--id needs a value (usage: "),
        (("restore", "--id", "../x"), "checkpoint id starts with '.': ../x"),
        (("restore", "--id="), "checkpoint id is empty"),
        (("delete",), "delete needs --id (usage: "),
        (("create", "--session", "a/b"), "session id holds a slash or backslash: a/b"),
        (("create", "--session", ""), "session id is empty"),
        (("create", "--desc", b"\xff"), "--desc is not valid UTF-8"),
        (("restore",), "there is no checkpoint ("),
        (("show",), "there is no checkpoint ("),
        (("diff", "--id", "CP_1"), "no checkpoint is called CP_1 ("),
        (("verify",), "there is no checkpoint ("),
    ],
)
def test_mistakes_touch_nothing(project: Path, words: tuple[str | bytes, ...], reason: str) -> None:
    ended = checkpoint(*words)
    assert (ended.code, ended.stdout) == (1, "")
    assert ended.stderr.startswith(reason)
    assert ended.stderr.count("\n") == 1
    assert tree(project) == {}


def test_help_has_examples() -> None:
    for words in (["--help"], ["create", "-h"]):
        ended = checkpoint(*words)
        assert (ended.code, ended.stderr) == (0, "")
        assert ended.stdout.startswith("usage: session checkpoint create ")
        assert "\nexamples:\n  session checkpoint create " in ended.stdout


# the recorded cases: $PRISM_ROOT names a folder that is nothing but state


@pytest.fixture
def prism(tmp_path: Path) -> Path:
    folder = tmp_path / "prism"
    folder.mkdir()
    return folder


def recorded(case: str, root: Path) -> list[Any]:
    for path, text in CASES[case]["before"].items():
        lay(root, text, path)
    argv = CASES[case].get("argv_seq") or [CASES[case]["argv"]]
    return [checkpoint(*words[1:], env={"PRISM_ROOT": str(root)}) for words in argv]


def test_recorded_create(prism: Path) -> None:
    [ended] = recorded("cp-create-bare", prism)
    assert (ended.code, ended.stderr) == (0, "")
    first = ended.stdout.split()[-1]
    assert ended.stdout == f"Created checkpoint: {first}\n"
    ended = recorded("cp-create-twice", prism)
    names = [one.stdout.split()[-1] for one in ended]
    assert len({first, *names}) == 3
    body = (prism / "CHECKPOINTS" / names[-1] / "checkpoint.json").read_bytes()
    assert parse(body).valid
    wanted = json.loads(CASES["cp-create-twice"]["expect"]["after"]["CHECKPOINTS/CP_<STAMP>/checkpoint.json"])
    record = json.loads(body)
    assert list(record)[: len(wanted)] == list(wanted)
    assert [record[key] for key in ("session_id", "description", "state_snapshot", "notes")] == [
        wanted[key] for key in ("session_id", "description", "state_snapshot", "notes")
    ]
    assert [file["path"] for file in record["files"]] == ["CURRENT_STATE.json"]


def test_recorded_list(prism: Path) -> None:
    [ended] = recorded("cp-list-broken", prism)
    expected = CASES["cp-list-broken"]["expect"]
    *before, broken = ended.stdout.splitlines(keepends=True)
    assert (ended.code, ended.stderr, "".join(before)) == (expected["exit"], expected["stderr"], expected["stdout"])
    assert broken.startswith("CP_20260119_000000        -                    -               BROKEN: is not valid JSON")


def test_files_that_the_original_only_listed_are_not_checked(prism: Path) -> None:
    at = original(prism) / "checkpoint.json"
    at.write_text(json.dumps({**json.loads(at.read_text()), "files": [{"path": "a.js"}]}))
    ended = checkpoint("verify", env={"PRISM_ROOT": str(prism)})
    assert (ended.code, ended.stdout) == (0, "OK: 0 files\nChanged: 0 files\nMissing: 0 files\n")
    assert ended.stderr == f"{ORIGINAL}: 1 files are listed without content: not checked\n"


def test_a_folder_of_its_own_is_recorded_alone(project: Path, prism: Path, run: Any) -> None:
    run("set", "w", "one")
    lay(prism, "{}", "CURRENT_STATE.json")
    lay(prism, "{}", "sessions/not-ours.json")
    name = made(env={"PRISM_ROOT": str(prism)})
    record = json.loads((prism / "CHECKPOINTS" / name / "checkpoint.json").read_text())
    assert [file["path"] for file in record["files"]] == ["CURRENT_STATE.json"]
    assert checkpoint("list").stdout.startswith("No checkpoints")
