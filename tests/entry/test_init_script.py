"""The init_script: servers keep running, scripts end, and failures are reported."""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from session.entry import init_script
from session.errors import SessionError

Start = Callable[..., list[str]]


@pytest.fixture
def start(project: Path) -> Iterator[Start]:
    def started(yes: bool = True, **settings: Any) -> list[str]:
        folder = project / ".claude" / "config"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "project.json").write_text(json.dumps(settings))
        told: list[str] = []
        init_script.start(str(project), yes=yes, tell=told.append)
        return told

    yield started
    pid = project / "pid"
    if pid.exists():  # a server, in a group of its own
        os.kill(int(pid.read_text()), signal.SIGKILL)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_a_script_that_ends(start: Start, project: Path) -> None:
    assert start(init_script="echo hello; touch made") == ["init_script: echo hello; touch made"]
    assert (project / "made").exists()
    log = project / ".claude/progress/init.log"
    assert log.read_text() == "hello\n"
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_script_that_fails(start: Start) -> None:
    with pytest.raises(SessionError, match="init_script failed: exit code 4"):
        start(init_script="exit 4")


def test_a_server_stays(start: Start) -> None:
    port = free_port()
    serve = f"echo $$ > pid; exec '{sys.executable}' -m http.server --bind 127.0.0.1 {port}"
    told = start(init_script=serve, dev_server_port=port, timeout_seconds={"init": 30})
    assert told[1:] == [f"port {port} answers"]
    socket.create_connection(("127.0.0.1", port), timeout=10).close()


def test_a_server_that_is_there_is_not_started_again(start: Start, project: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        told = start(yes=False, init_script="touch made", dev_server_port=port)
    assert told == [f"port {port} answers already: init_script is not run"]
    assert not (project / "made").exists()


def test_what_is_started_by_a_script_stays(start: Start, project: Path) -> None:
    start(init_script="sleep 1000 & echo $! > pid")
    time.sleep(0.3)
    os.kill(int((project / "pid").read_text()), 0)


def test_a_port_that_nobody_answers_on(start: Start) -> None:
    with pytest.raises(SessionError, match="nothing answers on port"):
        start(init_script="true", dev_server_port=free_port(), timeout_seconds={"init": 0.5})


def test_what_takes_longer_goes_on(start: Start, project: Path) -> None:
    told = start(init_script="echo $$ > pid; exec sleep 1000", timeout_seconds={"init": 0.5})
    pid = (project / "pid").read_text().strip()
    assert told[1].startswith(f"init_script is still running (process {pid})")
    os.kill(int(pid), 0)


def test_trust_is_needed(start: Start, project: Path) -> None:
    with pytest.raises(SessionError, match=r"init_script of .* is not trusted: not run"):
        start(yes=False, init_script="touch made")
    with pytest.raises(SessionError, match="no init_script is configured"):
        start(health_check="true")
    assert not (project / "made").exists()
