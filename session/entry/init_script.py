"""Run the project's init_script, which usually starts a development server."""

import os
import socket
import time
from collections.abc import Callable
from subprocess import Popen

from session.entry import run_command
from session.entry.config import Config
from session.errors import SessionError
from session.host import process

LOG = (".claude", "progress", "init.log")
_LOOK_S = 0.1


def start(root: str, *, yes: bool, tell: Callable[[str], None]) -> None:
    """Run the configured init_script; wait until it ends or, if a port is configured, until a server answers there.

    If the port answers already, the script does not run. A script that still runs after its timeout goes on: a server
    must not be killed. Its output goes to LOG. Raise SessionError if no script is configured, or if it fails.
    """
    config = Config(root)
    for problem in config.problems:
        tell(problem)
    command = config.commands.get("init_script")
    if command is None:
        raise SessionError("no init_script is configured", "name one in .claude/config/project.json")
    if config.port is not None and _answers(config.port):
        return tell(f"port {config.port} answers already: init_script is not run")
    run_command.require_trust(root, "init_script", command, yes=yes)
    tell(f"init_script: {command}")
    log = os.path.join(root, *LOG)
    running = process.launch(run_command.shell(command), cwd=root, log=log)
    try:
        _wait(running, config, log, tell)
    finally:
        process.leave_running(running)
    return None


def _wait(running: Popen[bytes], config: Config, log: str, tell: Callable[[str], None]) -> None:
    """Wait for the script or its server, and report the result; raise SessionError if it failed."""
    deadline = time.monotonic() + config.timeouts_s["init"]
    code = None
    while time.monotonic() < deadline:
        code = running.poll() if code is None else code
        if code:
            raise SessionError(f"init_script failed: exit code {code}", f"see its output in {log}")
        if config.port is not None and _answers(config.port):
            return tell(f"port {config.port} answers")
        if code == 0 and config.port is None:
            return None
        time.sleep(_LOOK_S)
    if config.port is not None:
        raise SessionError(f"nothing answers on port {config.port}", f"see the output of init_script in {log}")
    tell(f"init_script is still running (process {running.pid}); its output goes to {log}")
    return None


def _answers(port: int) -> bool:
    """Return True if a server on this machine accepts connections on the port."""
    for host in ("127.0.0.1", "::1"):
        try:
            socket.create_connection((host, port), timeout=1.0).close()
        except OSError:
            continue
        return True
    return False
