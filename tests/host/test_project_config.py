"""Tests of a project's configuration: its commands in a fixed order, and an error for every malformed file."""

import json
import os
from pathlib import Path

import pytest

from session.errors import SessionError
from session.host import project_config


@pytest.fixture
def root(project: Path) -> str:
    return str(project)


@pytest.fixture
def config(project: Path) -> Path:
    folder = project / ".claude" / "config"
    folder.mkdir(parents=True)
    return folder / "project.json"


def test_nothing(root: str, project: Path) -> None:
    assert project_config.configured(root) == {}
    (project / ".claude").mkdir()
    assert project_config.configured(root) == {}
    (project / ".claude" / "config").touch()
    assert project_config.configured(root) == {}


@pytest.mark.parametrize("text", ["{}", '{"project_type": "x", "dev_server_port": 1}', '{"test_command": null}'])
def test_no_commands(root: str, config: Path, text: str) -> None:
    config.write_text(text)
    assert project_config.configured(root) == {}


def test_commands_in_one_order(root: str, config: Path) -> None:
    commands = {"smoke_test": "d", "init_script": "c", "test_command": "b\nx é", "health_check": "a", "other": "e"}
    config.write_bytes(b"\xef\xbb\xbf" + json.dumps(commands).encode())
    configured = project_config.configured(root)
    assert list(configured.items()) == [(name, commands[name]) for name in project_config.NAMES]
    config.write_text('{"health_check": "", "smoke_test": " \\n", "test_command": "x"}')
    assert project_config.configured(root) == {"test_command": "x"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "is not valid JSON: expected a value at character 0 (mend it)"),
        (b"{'a'", "is not valid JSON: "),
        (b'{"health_check": "\xff"}', "is not valid JSON: invalid UTF-8 at byte 18 (mend it)"),
        (b"[]", "is not a JSON object: it holds an array (mend it)"),
        (b'{"health_check": ["a"]}', ": health_check must be a string (mend it)"),
        (b'{"health_check": false}', ": health_check must be a string (mend it)"),
        (b'{"health_check": 1e400}', ": health_check must be a string (mend it)"),
        (b'{"test_command": "a\\u0000b"}', ": test_command contains a character that no command can contain (mend it)"),
        (b'{"test_command": "\\ud800"}', ": test_command contains a character that no command can contain (mend it)"),
        (b'{"test_command": "%s"}' % (b"x" * 4001), ": test_command is longer than 4000 characters (put it"),
    ],
)
def test_what_is_odd_is_named(root: str, config: Path, body: bytes, message: str) -> None:
    config.write_bytes(body)
    with pytest.raises(SessionError) as caught:
        project_config.configured(root)
    assert str(caught.value).startswith(f"{config}")
    assert message in str(caught.value)


def test_only_the_first_folder_may_be_a_link(root: str, project: Path, config: Path, tmp_path: Path) -> None:
    config.write_text('{"test_command": "x"}')
    (project / ".claude").rename(tmp_path / "shared")
    (project / ".claude").symlink_to(tmp_path / "shared")
    assert project_config.configured(root) == {"test_command": "x"}
    (tmp_path / "shared/config").rename(tmp_path / "elsewhere")
    (tmp_path / "shared/config").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SessionError, match=r"/\.claude/config is a symbolic link: refused"):
        project_config.configured(root)
    (tmp_path / "shared/config").unlink()
    (tmp_path / "shared/config").mkdir()
    config.symlink_to(tmp_path / "elsewhere" / "project.json")
    with pytest.raises(SessionError, match=r"project\.json is a symbolic link: refused"):
        project_config.configured(root)


def test_no_pipe_is_waited_for_and_nothing_huge_is_read(root: str, config: Path) -> None:
    os.mkfifo(config)
    with pytest.raises(SessionError, match="is not a regular file: refused"):
        project_config.configured(root)
    config.unlink()
    with config.open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(SessionError, match="is too large: more than 16 MiB"):
        project_config.configured(root)
