"""session list: active sessions with owner and age, archives, files that can't be read."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from session.commands import list as listing
from session.host import clock
from session.store import codec
from session.text.bulk_json import MANY_ROWS
from tests.commands.terminal import on_a_terminal, plain
from tests.conftest import Run

MINUTE_MS = 60_000


def put(sessions: Path, workflow: str, **state: Any) -> None:
    (sessions / f"{workflow}.json").write_text(json.dumps(state))


def ago(minutes: int) -> str:
    return clock.iso(clock.now_ms() - minutes * MINUTE_MS)


def active(run: Run, **env: str) -> list[dict[str, Any]]:
    listed = run("session", "list", env=env)
    assert (listed.code, listed.stderr) == (0, "")
    sessions: list[dict[str, Any]] = json.loads(listed.stdout)["active"]
    return sessions


def test_nothing_yet(run: Run, project: Path) -> None:
    listed = run("session", "list")
    assert (listed.code, json.loads(listed.stdout), listed.stderr) == (0, {"active": [], "archived": []}, "")
    assert on_a_terminal("list").stdout == "nothing active or archived yet: session set begins a workflow\n"
    assert on_a_terminal("list", "--active").stdout == "nothing active yet: session set begins a workflow\n"
    assert list(project.iterdir()) == []


@pytest.mark.parametrize("count", [0, 1, 2, MANY_ROWS])
@pytest.mark.parametrize("step", ["init", 'é\n\t"\\\x7f\u2028', "\ud800", None])
def test_long_lists_are_written_as_any_json(count: int, step: str | None) -> None:
    """orjson writes long lists; the bytes are those of the project's own encoder."""
    lists: dict[str, list[dict[str, Any]]] = {
        "active": [
            {"workflow": f"w{number}", "step": step, "age_s": number, "tracked": True} for number in range(count)
        ],
        "archived": [],
    }
    assert listing._encode(lists) == codec.encode(lists)


def test_active_and_archived(run: Run) -> None:
    for workflow in ("workflow:pr", "docs", "old"):
        assert run("set", workflow, "init").code == 0
    assert run("set", "workflow:pr", "git:pr:monitor").code == 0
    assert run("save", "old", "--status=failed").code == 0
    told = json.loads(run("session", "list").stdout)
    docs, pr = told["active"]
    keys = ["workflow", "step", "whose", "age_s", "updated_at", "started_at", "path", "tracked"]
    assert (list(docs), list(pr)) == (keys, keys)
    assert (pr["workflow"], pr["step"], pr["whose"]) == ("workflow:pr", "git:pr:monitor", "interrupted")
    assert (pr["path"], pr["tracked"]) == ("ia/state/sessions/workflow:pr.json", False)
    state = json.loads(run("get", "workflow:pr").stdout)
    assert (pr["started_at"], pr["updated_at"]) == (state["started_at"], state["updated_at"])
    [old] = told["archived"]
    assert (old["workflow"], old["status"]) == ("old", "failed")
    assert json.loads(run("session", "archive", "list").stdout) == [old]
    for option, kind in (("--active", "active"), ("--archived", "archived")):
        only = json.loads(run("session", "list", option).stdout)
        assert list(only) == [kind]
        assert [one["workflow"] for one in only[kind]] == [one["workflow"] for one in told[kind]]


def test_whose_and_how_old(run: Run, sessions: Path) -> None:
    put(sessions, "a", step="x", updated_at=ago(3), owner={"id": "me"})
    put(sessions, "b", step="x", updated_at=ago(3), owner={"id": "other"})
    put(sessions, "c", step="x", updated_at=ago(60 * 24 * 3), owner={"id": "other"})
    put(sessions, "d", step="x", updated_at=ago(-60))
    put(sessions, "e", step=7, started_at=7, updated_at="lately", owner=[])
    found = active(run, WORKFLOW_SESSION_OWNER="me")
    assert [one["whose"] for one in found] == [
        "mine",
        "possibly active elsewhere",
        "interrupted",
        "interrupted",
        "interrupted",
    ]
    ages_s = [one["age_s"] for one in found]
    assert 180 <= ages_s[0] < 300
    assert 3 * 86400 <= ages_s[2] < 3 * 86400 + 120
    assert ages_s[3:] == [0, None]
    assert (found[4]["step"], found[4]["started_at"], found[4]["updated_at"]) == (None, None, None)
    assert active(run)[0]["whose"] == "possibly active elsewhere"
    odd = run("session", "list", env={"WORKFLOW_SESSION_OWNER": "é"})
    assert odd.code == 0
    assert "WORKFLOW_SESSION_OWNER is not printable ASCII" in odd.stderr


def test_on_a_terminal(run: Run, sessions: Path) -> None:
    put(sessions, "workflow:pr", step="git:pr:monitor", started_at="2026-01-29T22:42:48.473Z", updated_at=ago(3))
    put(sessions, "x", step="a")
    assert run("set", "old", "init").code == 0
    assert run("save", "old").code == 0
    shown = on_a_terminal("list")
    assert shown.code == 0
    title, head, rule, pr, x, gap, archived, archived_head, _, old, end = plain(shown.stdout).split("\n")
    assert (title, gap, archived, end) == ("Active", "", "Archived", "")
    assert head.split() == ["Workflow", "Step", "Whose", "Updated", "Started"]
    assert set(rule) == {"─"}
    assert pr.split() == ["workflow:pr", "git:pr:monitor", "interrupted", "3", "min", "ago", "2026-01-29T22:42:48Z"]
    assert x.split() == ["x", "a", "interrupted", "-", "-"]
    assert archived_head.split() == ["Date", "Workflow", "Status", "Duration", "Name"]
    assert old.split()[1:4] == ["old", "completed", "0min"]
    assert "Archived" not in on_a_terminal("list", "--active").stdout
    assert "Active" not in on_a_terminal("list", "--archived").stdout


@pytest.mark.parametrize(
    ("env", "colours", "styles"),
    [({}, True, True), ({"NO_COLOR": "1"}, False, True), ({"TERM": "dumb"}, False, False)],
)
def test_terminals_get_what_they_can_show(sessions: Path, env: dict[str, str], colours: bool, styles: bool) -> None:
    put(sessions, "w", step="a")
    out = on_a_terminal("list", env=env).stdout
    assert ("\x1b[1m" in out) == styles
    assert ("\x1b[3" in out) == colours
    assert ("\x1b" in out) == styles


@pytest.mark.parametrize("term", ["xterm", "dumb"])
@pytest.mark.parametrize("columns", [40, 70, 200])
def test_a_narrow_terminal_loses_nothing(sessions: Path, columns: int, term: str) -> None:
    put(sessions, "w" * 60, step="s" * 90)
    out = plain(on_a_terminal("list", env={"COLUMNS": str(columns), "TERM": term}).stdout)
    assert max(map(len, out.split("\n"))) <= columns
    assert (out.count("w"), out.count("s") >= 90) == (60 + 1, True)  # and the one of `Workflow`… is a capital


def test_hostile_states_drive_no_terminal(sessions: Path, run: Run) -> None:
    put(sessions, "w", step="\x1b[2J[red]\u202e\nnext", updated_at=ago(1), owner={"id": "\x1b"})
    out = plain(on_a_terminal("list", env={"COLUMNS": "200"}).stdout)
    assert "\\u001b[2J[red]\\u202e\\nnext" in out
    assert not {"\x1b", "\u202e"} & set(out)
    assert active(run)[0]["step"] == "\x1b[2J[red]\u202e\nnext"


def test_one_unreadable_session_hides_no_other(sessions: Path, run: Run) -> None:
    put(sessions, "good", step="a")
    (sessions / "bad.json").write_text("{")
    (sessions / "list.json").write_text("[]")
    (sessions / "none.json").write_text("null")
    (sessions / ".json").write_text("{}")
    listed = run("session", "list")
    assert listed.code == 1
    assert [one["workflow"] for one in json.loads(listed.stdout)["active"]] == ["good"]
    assert [line.split(" ")[0] for line in listed.stderr.splitlines()] == [
        "ia/state/sessions/.json:",
        "ia/state/sessions/bad.json",
        "ia/state/sessions/list.json",
    ]
    shown = on_a_terminal("list")
    assert shown.code == 1
    assert "good" in shown.stdout
    assert "bad.json is not valid JSON" in shown.stdout


def test_a_session_that_git_tracks_is_somebody_elses(project: Path, sessions: Path, run: Run) -> None:
    put(sessions, "theirs", step="a")
    put(sessions, "ours", step="a")
    git = ("git", "-c", "user.name=x", "-c", "user.email=x@x")
    subprocess.run((*git, "init", "-q"), cwd=project, check=True)
    assert [one["tracked"] for one in active(run)] == [False, False]
    subprocess.run((*git, "add", "-f", "ia/state/sessions/theirs.json"), cwd=project, check=True)
    assert [(one["workflow"], one["tracked"]) for one in active(run)] == [("ours", False), ("theirs", True)]
    shown = on_a_terminal("list").stdout
    assert "interrupted, tracked by git" in shown
    assert shown.count("tracked by git") == 1


def test_where_git_does_not_say(project: Path, sessions: Path, run: Run) -> None:
    put(sessions, "w", step="a")
    subprocess.run(("git", "init", "-q"), cwd=project, check=True)
    (project / ".git" / "index").write_text("damaged")
    listed = run("session", "list")
    [row] = json.loads(listed.stdout)["active"]
    assert (listed.code, row["tracked"], row["whose"]) == (0, None, "unknown origin")
    assert "unknown origin" in on_a_terminal("list").stdout
    assert listed.stderr.startswith("warning: can't tell which sessions git tracks: git ls-files: ")
    assert listed.stderr.count("\n") == 1
