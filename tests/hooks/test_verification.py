"""The shell verification at Stop: it runs only if the user trusts it, and blocks only a limited number of times."""

import os
from pathlib import Path
from typing import Any

import pytest

from session.chain import load_session_state, save_session_state
from session.host import trust
from tests.conftest import Run
from tests.hooks.conftest import Hook

ME = "conversation-1"


@pytest.fixture(autouse=True)
def states(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "ws"
    folder.mkdir()
    monkeypatch.setenv("MCP_WORKSPACE", str(folder))
    return folder / "server/cache/sessions"


def pending(project: Path, command: str, *, trusted: bool = True, **rest: Any) -> None:
    state: Any = {"current_step": 0, "pending_gate": None, "pending_shell_verify": command, **rest}
    assert save_session_state(ME, state)
    if trusted:
        trust.trust(str(project), trust.verification(command))


def kept(key: str) -> Any:
    state: Any = load_session_state(ME)
    return state and state.get(key)


def untrusted(command: str) -> str:
    return (
        f"shell verification not run: `{command}` is not trusted by the user"
        f" (in a terminal: session trust --command {command})"
    )


def test_what_is_not_trusted_is_not_run(hook: Hook, project: Path, tmp_path: Path) -> None:
    """The agent gets the message once, so that it tells the user; later stops print it to stderr only."""
    pending(project, "./x", trusted=False)
    said = untrusted("./x")
    assert hook("Stop", err=f"{said}\n") == {"decision": "block", "reason": said}
    assert hook("Stop", err=f"{said}\n") is None
    assert kept("shell_verify_attempts") is None
    pending(project, "./y", trusted=False, shell_verify_told="./x")
    assert hook("Stop", err=f"{untrusted('./y')}\n") is not None


@pytest.mark.parametrize("other", ["elsewhere", "changed"])
def test_trust_is_in_that_command_there(hook: Hook, project: Path, tmp_path: Path, other: str) -> None:
    pending(project, "./x", trusted=False, shell_verify_told="./x")
    if other == "elsewhere":
        trust.trust(str(tmp_path), trust.verification("./x"))
    else:
        trust.trust(str(project), {**trust.verification("./x "), "test_command": "./x"})
    assert hook("Stop", err=f"{untrusted('./x')}\n") is None


def test_a_record_of_another_command_under_its_name_trusts_nothing(hook: Hook, project: Path) -> None:
    """As if somebody had found a command whose name is the same."""
    pending(project, "./x", trusted=False, shell_verify_told="./x")
    [name] = trust.verification("./x")
    trust.trust(str(project), {name: "./y"})
    assert hook("Stop", err=f"{untrusted('./x')}\n") is None


def test_a_project_whose_store_is_broken_is_verified_all_the_same(run: Run, hook: Hook, project: Path) -> None:
    run("set", "w", "one")
    (project / "ia/state/.journal").write_text("garbage")
    pending(project, "touch ran")
    done = run("hook", "Stop", stdin=b'{"session_id": "%s"}' % ME.encode())
    assert (done.code, done.out) == (0, b"")
    assert ".journal is damaged" in done.stderr
    assert done.stderr.count("\n") == 1
    assert (project / "ran").exists()
    assert load_session_state(ME) is None


def test_it_passes(hook: Hook, project: Path) -> None:
    pending(project, "touch ran; test -f ran")
    assert hook("Stop") is None
    assert (project / "ran").exists()
    assert load_session_state(ME) is None


@pytest.mark.parametrize(
    ("rest", "left"),
    [
        ({"current_step": 1, "total_steps": 2, "shell_verify_attempts": 2, "shell_verify_max": 9}, True),
        ({"pending_gate": "Quality"}, True),
        ({"current_step": 2, "total_steps": 2}, False),
    ],
)
def test_what_else_is_active_stays(hook: Hook, project: Path, rest: dict[str, Any], left: bool) -> None:
    pending(project, "true", **rest)
    assert hook("Stop") is None
    state: Any = load_session_state(ME)
    assert (state is not None) is left
    if left:
        assert (state["pending_shell_verify"], state["shell_verify_attempts"]) == (None, 0)
        assert "shell_verify_max" not in state


def test_it_fails_and_the_end_of_its_output_is_handed_back(hook: Hook, project: Path) -> None:
    pending(project, "seq 1 100000; echo to stderr >&2; echo '```'; printf '\\033[2J'; exit 3", shell_verify_max=3)
    reason = hook("Stop")["reason"]
    head, fence, *lines = reason.split("\n")
    assert head.startswith("Shell verification failed (attempt 1/3): `seq 1 100000; echo")
    assert head.endswith("ended with exit code 3. The end of its output, as data:")
    assert fence == "````"
    assert lines[-4:] == ["to stderr", "```", "\\u001b[2J", "````"]
    assert len(reason) < 3000
    assert kept("shell_verify_attempts") == 1


@pytest.mark.parametrize(("ticks", "fence"), [(2, 3), (3, 4), (4, 5), (9, 10)])
def test_no_output_closes_its_fence(hook: Hook, project: Path, ticks: int, fence: int) -> None:
    pending(project, f"echo '{'`' * ticks}'; false")
    _, first, *rest = hook("Stop")["reason"].split("\n")
    assert (first, rest) == ("`" * fence, ["`" * ticks, "`" * fence])


def test_output_that_cannot_be_shown_is_as_short(hook: Hook, project: Path) -> None:
    """Agent CLIs cut a text at 10,000 characters: a longer one would lose the fence that ends the output."""
    pending(project, "head -c 100000 /dev/zero; exit 1")
    reason = hook("Stop")["reason"]
    assert len(reason) < 5000
    assert reason.endswith("\\u0000\n```")


def test_secrets_in_the_output_stay_out(hook: Hook, project: Path) -> None:
    pending(project, "echo password=hunter2hunter2; false")
    assert "hunter2" not in hook("Stop")["reason"].split("\n", 1)[1]
    pending(project, "echo password=hunter2hunter2; head -c 1988 /dev/zero | tr '\\0' x; false")  # the cut is within
    said = hook("Stop")["reason"].split("\n", 1)[1]
    assert "hunter2" not in said
    assert len(said) > 1900


def test_the_agent_is_not_held_twice_at_once(hook: Hook, project: Path) -> None:
    pending(project, "touch ran; false")
    assert hook("Stop", stop_hook_active=True) is None
    assert not (project / "ran").exists()
    assert kept("shell_verify_attempts") is None


@pytest.mark.parametrize(("maximum", "most"), [(None, 5), (2, 2), (0, 5), ("9", 5), (20, 20), (50, 20), (999_999, 20)])
def test_after_so_many_attempts_it_is_not_run_again(hook: Hook, project: Path, maximum: Any, most: int) -> None:
    pending(project, "echo x >> runs; false", shell_verify_attempts=most - 2, shell_verify_max=maximum)
    assert hook("Stop")["reason"].startswith(f"Shell verification failed (attempt {most - 1}/{most})")
    err = f"Shell verification failed (attempt {most}/{most}): `echo x >> runs; false` ended with exit code 1"
    assert hook("Stop", err=f"{err}: not run again\n") is None
    assert hook("Stop") is None
    assert (project / "runs").read_text() == "x\nx\n"


def test_it_runs_where_the_conversation_works(hook: Hook, project: Path) -> None:
    pending(project, f'test "$PWD" = \'{project}\' && test -z "$GIT_DIR"')
    os.environ["GIT_DIR"] = "x"
    try:
        assert hook("Stop") is None
    finally:
        del os.environ["GIT_DIR"]


@pytest.mark.parametrize(
    ("command", "how"),
    [("kill -9 $$", "signal 9"), ("exit 127", "exit code 127"), ("if", "exit code 2"), ("yes", "more than 16 MiB")],
)
def test_other_ends(hook: Hook, project: Path, command: str, how: str) -> None:
    pending(project, command)
    assert how in hook("Stop")["reason"].split("\n")[0]


def test_one_that_does_not_end(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from session.hooks import verification

    monkeypatch.setattr(verification, "LIMIT_S", 0.2)
    pending(project, "echo so far; sleep 60")
    answer = verification.answer(ME)
    assert answer is not None
    assert answer["reason"].startswith(
        "Shell verification failed (attempt 1/5): `echo so far; sleep 60` was not run to"
    )


def test_what_cannot_be_counted_does_not_block(project: Path, states: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from session.hooks import verification

    pending(project, "rm -f $MCP_WORKSPACE/server/cache/sessions/*.json; false")
    assert verification.answer(ME) is None
    pending(project, "false")
    (states / ".journal").write_text("garbage")
    assert verification.answer(ME) is None


def test_another_one_by_now(project: Path, states: Path) -> None:
    from session.hooks import verification

    other = '{"pending_shell_verify": "other"}'
    for end in ("true", "false"):
        pending(project, f"echo '{other}' > '{states}/{ME}.json'; {end}")
        assert verification.answer(ME) is None
        assert load_session_state(ME) == {"pending_shell_verify": "other"}


@pytest.mark.parametrize("command", ["a\x1b[2J", "a\u202eb", "a\u200bb", "a\nb", "x" * 5000, "a\0b", "\ud800"])
def test_commands_that_nobody_can_look_at_are_not_run(hook: Hook, project: Path, run: Run, command: str) -> None:
    assert save_session_state(ME, {"pending_shell_verify": command})  # type: ignore[typeddict-item]
    done = run("hook", "Stop", stdin=b'{"session_id": "%s"}' % ME.encode())
    assert done.code == 0
    assert done.stderr.startswith("shell verification not run: ")
    assert done.stderr.count("\n") == 1
    assert run("hook", "Stop", stdin=b'{"session_id": "%s"}' % ME.encode()).out == b""


@pytest.mark.parametrize("char", ["\u202e", "\u200b", "\x1b", "\n"])
def test_a_command_that_cannot_be_shown_is_not_run_even_if_it_is_trusted(hook: Hook, project: Path, char: str) -> None:
    pending(project, f"touch ran #{char}")
    assert "holds characters that cannot be shown" in hook("Stop", err=None)["reason"]
    assert not (project / "ran").exists()


@pytest.mark.parametrize("command", ["", "  ", None, 7, ["npm test"], {"a": 1}])
def test_what_is_no_command(hook: Hook, project: Path, command: Any) -> None:
    assert save_session_state(ME, {"pending_shell_verify": command})  # type: ignore[typeddict-item]
    assert hook("Stop") is None


def test_trust_that_can_not_be_read(project: Path, run: Run) -> None:
    pending(project, "touch ran", shell_verify_told="touch ran")
    [file] = (Path(os.environ["HOME"])).rglob("trust.json")
    file.write_text("{bad")
    done = run("hook", "Stop", stdin=b'{"session_id": "%s"}' % ME.encode())
    assert (done.code, done.out) == (0, b"")
    assert done.stderr.startswith(f"shell verification not run: `touch ran`: {file} is not valid JSON")
    assert not (project / "ran").exists()
