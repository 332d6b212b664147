"""Every event: JSON or no output, exit code 0, and no effect without an owner."""

import json
import os
import pty
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from session import hook as hook_command
from session.integrations import claude_code
from tests.conftest import REPOSITORY, Run
from tests.hooks.claude_code import PAYLOADS
from tests.hooks.conftest import Hook

USAGE = "session-hook SessionStart | UserPromptSubmit | PreToolUse | PostToolUse | PreCompact | Stop | SessionEnd"


def test_the_events_are_those_of_the_schema() -> None:
    assert set(hook_command.EVENTS) == set(PAYLOADS)


@pytest.mark.parametrize("event", hook_command.EVENTS)
def test_nothing_to_do_says_nothing_and_makes_nothing(hook: Hook, project: Path, event: str) -> None:
    assert hook(event) is None
    assert list(project.iterdir()) == []


@pytest.mark.parametrize("event", hook_command.EVENTS)
@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"not JSON",
        b"[1, 2]",
        b"null",
        b"{}",
        b'{"session_id": 7}',
        b'{"session_id": ""}',
        b'{"session_id": "a b"}',
        b'{"session_id": "$(touch x)"}',
        b'{"session_id": "a\\nb"}',
        b'{"session_id": "%s"}' % (b"a" * 513),
        b'{"session_id": "me", "agent_id": "sub-1"}',
        b'{"session_id": "me", "agent_id": ""}',
        b"\xff\xfe{}",
        b'{"session_id": "me", "cwd": 7' + b"[" * 100_000,
    ],
    ids=lambda payload: payload[:30],
)
def test_without_an_owner_nothing_happens(run: Run, project: Path, env_file: Path, event: str, payload: bytes) -> None:
    """Nor for a subagent, which has the id of its parent conversation."""
    run("set", "w", "a", env={"WORKFLOW_SESSION_OWNER": "me"})
    before = (project / "ia/state/sessions/w.json").read_bytes()
    done = run("hook", event, stdin=payload, env={"CLAUDE_ENV_FILE": str(env_file)})
    assert (done.code, done.out) == (0, b"")
    assert done.err.count(b"\n") <= 1
    assert b"Traceback" not in done.err
    assert env_file.read_bytes() == b""
    assert (project / "ia/state/sessions/w.json").read_bytes() == before


def test_an_unknown_event_is_named(run: Run) -> None:
    done = run("hook", "SessionBegin", stdin=b"{}")
    assert (done.code, done.stdout, done.stderr) == (0, "", f"unknown event: SessionBegin (usage: {USAGE})\n")


def test_without_an_event_it_explains_itself(run: Run) -> None:
    done = run("hook", stdin=b"{}")
    assert (done.code, done.stdout, done.stderr) == (0, "", f"Usage: {USAGE}\n")
    done = run("hook", "--fast")
    assert (done.code, done.stdout, done.stderr) == (1, "", f"unknown option: --fast (usage: {USAGE})\n")
    done = run("hook", "--help")
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: {USAGE}\n")
    for told in ("deny edits of sources", "note each edited file", "save an entry session's auto-checkpoint"):
        assert done.stdout.count(told) == 1


def test_the_payload_names_the_event_where_no_word_does(run: Run, env_file: Path) -> None:
    env = {"CLAUDE_ENV_FILE": str(env_file)}
    done = run("hook", stdin=b'{"session_id": "me", "hook_event_name": "SessionStart"}', env=env)
    assert (done.code, done.stdout, done.stderr) == (0, "", "")
    assert env_file.read_text().startswith("export WORKFLOW_SESSION_OWNER=me\n")
    done = run("hook", stdin=b'{"session_id": "me", "hook_event_name": ["SessionStart"]}', env=env)
    assert (done.code, done.stdout) == (0, "")
    assert done.stderr.startswith("unknown event: ")


def test_a_project_that_is_gone(run: Run, project: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    payload = json.dumps({"session_id": "me", "cwd": str(gone)}).encode()
    for event in hook_command.EVENTS:
        done = run("hook", event, stdin=payload, env={"CLAUDE_PROJECT_DIR": str(gone)})
        assert (done.code, done.out, done.err) == (0, b"", b"")


def test_the_folder_of_the_project_comes_before_that_of_the_moment(
    run: Run, project: Path, tmp_path: Path, env_file: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    payload = json.dumps({"session_id": "me", "cwd": str(elsewhere)}).encode()
    run("hook", "SessionStart", stdin=payload, env={"CLAUDE_ENV_FILE": str(env_file)}, cwd=Path("/"))
    assert env_file.read_text().splitlines()[-1] == f"export WORKFLOW_SESSION_ROOT={elsewhere}"
    env = {"CLAUDE_ENV_FILE": str(env_file), "CLAUDE_PROJECT_DIR": str(project)}
    run("hook", "SessionStart", stdin=payload, env=env, cwd=Path("/"))
    assert env_file.read_text().splitlines()[-1] == f"export WORKFLOW_SESSION_ROOT={project}"


@given(
    payload=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["session_id", "cwd", "source", "agent_id", "x"]), inner, max_size=5)
        ),
        max_leaves=10,
    ),
    event=st.sampled_from(hook_command.EVENTS),
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_payload_makes_it_fail(capfd: pytest.CaptureFixture[str], payload: object, event: str) -> None:
    kept = os.dup(0)
    with tempfile.TemporaryFile() as stdin:
        stdin.write(json.dumps(payload).encode())
        stdin.seek(0)
        os.dup2(stdin.fileno(), 0)
        try:
            assert hook_command.main([event]) == 0
        finally:
            os.dup2(kept, 0)
            os.close(kept)
    assert capfd.readouterr().out == ""


def test_the_launcher_ends_well_whatever_python_there_is(tmp_path: Path, project: Path) -> None:
    """Without Python, with an older one, or without the package: the user would see a failing hook at every event."""
    launcher = (REPOSITORY / "scripts/session-hook").read_text()
    folder = tmp_path / "bin"
    folder.mkdir()
    command = folder / "session-hook"

    def start(text: str, path: str) -> tuple[int, bytes, bytes]:
        command.write_text(text)
        command.chmod(0o755)
        done = subprocess.run(
            [command, "SessionStart"],
            input=b'{"session_id": "me"}',
            capture_output=True,
            env={"PATH": path},
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "readlink"):
        (tools / name).symlink_to(f"/bin/{name}")
    assert start(launcher, str(tools)) == (0, b"", b"session-hook: no python3 on the PATH\n")
    (tools / "python3").symlink_to(sys.executable)
    code, out, err = start(launcher, str(tools))
    assert (code, out) == (0, b"")
    assert err in (b"", b"session-hook: No module named 'session'\n")  # b"": this Python knows the package
    code, out, err = start(launcher.replace("(3, 11)", "(9, 0)"), str(tools))
    assert (code, out) == (0, b"")
    assert err.startswith(b"session needs Python 3.11 or later; python3 is ")


NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
SHELLS = [shell for shell in (["dash"], ["sh"], ["bash", "--posix"], ["bash"]) if shutil.which(shell[0])]


@pytest.mark.parametrize("python", ["#!/nonexistent/x", "garbage )", "#!/bin/sh\nexit 2", "\x7fELF(", "exit 126", None])
def test_a_python_that_cannot_be_started(tmp_path: Path, python: str | None) -> None:
    command = tmp_path / "session-hook"
    shutil.copy(REPOSITORY / "scripts/session-hook", command)
    (tmp_path / "python3").write_text(python or "")
    (tmp_path / "python3").chmod(0o755 if python else 0o311)
    for words in ([command, "Stop"], [command], *([*shell, command, "Stop"] for shell in SHELLS)):
        done = subprocess.run([*map(str, words)], input=b"{}", capture_output=True, check=False)
        assert (done.returncode, done.stdout) == (0, b""), (words, done)


@pytest.mark.parametrize("damage", ["crlf", "half", "empty", "shebang", "garbage", "missing", "folder", "unreadable"])
@pytest.mark.parametrize("place", ["user", "project"])
def test_a_broken_launcher_blocks_no_agent(tmp_path: Path, damage: str, place: str) -> None:
    """An agent CLI takes exit code 2 for a refusal, and 2 is what a shell gives for a script that it cannot read."""
    text = (REPOSITORY / "scripts/session-hook").read_text()
    bodies = {
        "crlf": text.replace("\n", "\r\n"),
        "half": text[: text.index("\ndone")],
        "empty": "",
        "shebang": text.replace("#!/bin/sh", "#!/nonexistent/sh"),
        "garbage": "case ) \0 (",
    }
    tmp_path.chmod(0o755)
    folder = tmp_path / "a folder"
    folder.mkdir()
    launcher = folder / "session-hook"
    if damage == "folder":
        launcher.mkdir()
    elif damage != "missing":
        launcher.write_text(bodies.get(damage, text))
        launcher.chmod(0o111 if damage == "unreadable" else 0o755)
    name = str(launcher) if place == "user" else "session-hook"
    env = {"PATH": f"{folder}:{os.environ['PATH']}", "HOME": "/nonexistent"}
    entries = claude_code.hooks(name)
    assert list(entries) == list(hook_command.EVENTS)
    for [group] in entries.values():
        [handler] = group["hooks"]
        arguments = handler["args"]
        for shell in ([handler["command"]], *SHELLS):
            words = [*shell, *arguments]
            if damage == "unreadable" and os.geteuid() == 0 and shutil.which("setpriv"):
                words = [*NOBODY, *words]
            done = subprocess.run(words, input=b"{}", env=env, capture_output=True, cwd="/", check=False)
            assert done.returncode == 0, (words, done)
            if damage not in ("half", "crlf", "empty"):
                continue
            if damage != "empty":
                words = [*shell, str(launcher), arguments[-1]]
                assert subprocess.run(words, input=b"{}", env=env, capture_output=True, check=False).returncode == 0


def test_people_see_their_exit_codes(tmp_path: Path) -> None:
    command = REPOSITORY / "scripts/session-hook"
    for words, code in (("--help", 0), ("--oops", 1), ("oops", 0)):
        done = subprocess.run([command, words], stdin=subprocess.DEVNULL, capture_output=True, check=False)
        assert done.returncode == code, (words, done)


def test_tried_by_hand_on_a_terminal(project: Path) -> None:
    """On a terminal, it waits for the payload until the end of input."""
    parent, child = pty.openpty()
    try:
        with subprocess.Popen(
            [sys.executable, "-P", "-m", "session.hook", "Stop"], stdin=child, stdout=subprocess.PIPE
        ) as typed:
            os.write(parent, b"{}\n\x04")
            assert typed.communicate(timeout=60)[0] == b""
            assert typed.returncode == 0
    finally:
        os.close(parent)
        os.close(child)
