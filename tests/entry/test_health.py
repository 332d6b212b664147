"""Health checks with real commands: some pass, fail, hang, or are missing."""

import json
import os
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from session.entry import health
from session.entry.config import Config
from session.entry.health import Health

Measure = Callable[..., Health]


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def measure(project: Path, told: list[str]) -> Measure:
    """Return a function that configures the project by its arguments, trusts its commands, and measures it."""

    def measured(yes: bool = True, **settings: Any) -> Health:
        if settings:
            folder = project / ".claude" / "config"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "project.json").write_text(json.dumps(settings))
        return health.measure(str(project), Config(str(project)), yes=yes, tell=told.append)

    return measured


def test_the_configured_check(measure: Measure, told: list[str]) -> None:
    assert measure(health_check="true")[:2] == ("HEALTHY", "OK (configured check passed)")
    assert told == ["health_check: true"]
    found = measure(health_check="echo no >&2; exit 3")
    assert (found.status, found.result, found.output) == ("BROKEN", "FAILED", "no\n")
    assert found.advice == ("⚠️  APP IS BROKEN - Fix before starting new work", "Health command: echo no >&2; exit 3")


def test_it_runs_in_the_project_with_nothing_on_stdin(measure: Measure, project: Path) -> None:
    assert measure(health_check="pwd > here; cat > there").status == "HEALTHY"
    assert (project / "here").read_text() == f"{project}\n"
    assert (project / "there").read_text() == ""


def test_what_hangs_is_ended_with_its_children(measure: Measure, project: Path) -> None:
    hangs = "sleep 1000 & echo $! > child; echo $$ > shell; sleep 1000"
    begun = time.monotonic()
    found = measure(health_check=hangs, timeout_seconds={"health_check": 0.5})
    assert time.monotonic() - begun < 20
    assert (found.status, found.result) == ("BROKEN", "FAILED (no end within 0.5 s: killed)")
    for name in ("child", "shell"):
        pid = int((project / name).read_text())
        deadline = time.monotonic() + 20
        while alive(pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not alive(pid)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def test_what_nobody_trusts_is_not_run(measure: Measure, project: Path, told: list[str]) -> None:
    found = measure(yes=False, health_check="touch ran")
    assert (found.status, found.result) == (
        "UNKNOWN",
        "SKIP (health_check was not run: session trust shows it, and asks)",
    )
    assert not (project / "ran").exists()
    assert told == [
        f"health_check of {project} is not trusted: not run (session trust shows it, and asks)",
    ]


def test_a_tool_that_is_absent_says_nothing_of_the_project(measure: Measure) -> None:
    found = measure(health_check="no-such-tool-anywhere --version")
    assert (found.status, found.result) == ("UNKNOWN", "SKIP (the check needs a tool that is not installed)")
    assert "no-such-tool-anywhere" in found.output


def test_what_the_environment_lacks(measure: Measure, monkeypatch: pytest.MonkeyPatch, told: list[str]) -> None:
    monkeypatch.setenv("PRESENT", "1")
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.delenv("ABSENT", raising=False)
    found = measure(health_check="true", required_env=["PRESENT", "EMPTY", "ABSENT"])
    assert (found.status, found.result) == ("BROKEN", "FAILED (not in the environment: EMPTY, ABSENT)")
    assert told == []  # a check that lacks what it needs is not run
    assert measure(health_check="true", required_env=["PRESENT"]).status == "HEALTHY"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("pyproject.toml", "OK (Python imports work)"),
        ("pytest.ini", "OK (Python imports work)"),
        ("package.json", "OK (Node works)"),
        ("Cargo.toml", "SKIP (no health check configured)"),
    ],
)
def test_a_smoke_check_by_the_projects_kind(
    file: str, said: str, measure: Measure, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("python", "node"):
        (tools / name).write_text("#!/bin/sh\nexit 0\n")
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    (project / file).write_text("")
    assert measure().result == said


@pytest.mark.parametrize(("kind", "program"), [("FastAPI", "python"), ("Next.js", "node")])
def test_a_smoke_check_that_fails_or_can_not_be_made(
    kind: str, program: str, measure: Measure, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    assert measure(project_type=kind)[:2] == ("UNKNOWN", f"SKIP ({program} is not installed)")
    (tools / program).write_text(f"#!{sys.executable}\nraise SystemExit(1)\n")
    (tools / program).chmod(0o755)
    assert measure().status == "BROKEN"
    # a program that lies in the project itself is anyone's
    monkeypatch.setenv("PATH", str(project))
    (tools / program).rename(project / program)
    assert measure().status == "UNKNOWN"


def test_a_configuration_that_can_not_be_used(measure: Measure, project: Path) -> None:
    (project / "package.json").write_text("{}")
    measure(health_check="true")
    (project / ".claude/config/project.json").write_text("{bad")
    assert measure()[:2] == ("UNKNOWN", "SKIP (the configuration can't be used)")
    assert measure(health_check=["true"]).status == "UNKNOWN"


def test_of_odd_settings_the_rest_is_used(project: Path, measure: Measure) -> None:
    odd = {
        "required_env": "HOME",
        "timeout_seconds": {"health_check": -1, "smoke_test": "x", "full_test": 5},
        "dev_server_port": 70000,
        "project_type": 7,
    }
    assert measure(health_check="true", **odd).status == "HEALTHY"
    config = Config(str(project))
    assert not config.broken
    assert [problem.partition(": ")[2].split()[0] for problem in config.problems] == [
        "project_type",
        "required_env",
        "dev_server_port",
        "timeout_seconds.health_check",
        "timeout_seconds.smoke_test",
    ]
    assert config.timeouts_s == {"health_check": 30.0, "smoke_test": 60.0, "full_test": 5.0, "init": 60.0}


def test_a_server_on_loopback(measure: Measure) -> None:
    class Answering(BaseHTTPRequestHandler):
        healthy = True

        def do_GET(self) -> None:
            self.send_response(200 if Answering.healthy else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing: the base class would write each request to stderr."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/health"
        ask = f"import sys, urllib.request; urllib.request.urlopen('{url}')"
        command = f'"{sys.executable}" -c "{ask}"'
        environment_without_proxies = [name for name in os.environ if name.lower().endswith("_proxy")]
        for name in environment_without_proxies:
            command = f"unset {name}; {command}"
        assert measure(health_check=command).status == "HEALTHY"
        Answering.healthy = False
        assert measure(health_check=command).status == "BROKEN"
        server.shutdown()
    assert measure(health_check=command).status == "BROKEN"
