"""Is the project healthy? By its own check, else by whether its language runs at all (seed: 001)."""

import os
from collections.abc import Callable
from typing import NamedTuple

from session.entry import run_command
from session.entry.config import Config
from session.entry.states import BROKEN, HEALTHY, UNKNOWN
from session.errors import SessionError
from session.host import process

_SMOKE_S = 10.0
_PYTHON = ("python", "django", "fastapi", "flask")
_NODE = ("node", "nodejs", "javascript", "typescript", "express", "nextjs", "react", "svelte", "vue")


class Health(NamedTuple):
    """What was found: `status`, what is said of it in a few words, and `advice`, lines for people below that.

    `forced`: nothing was looked at, as that was asked for. `output`: the end of what the configured check said, if it
    did not pass; secrets screened.
    """

    status: str
    said: str
    advice: tuple[str, ...] = ()
    forced: bool = False
    output: str = ""


def measure(root: str, config: Config, *, yes: bool, tell: Callable[[str], None]) -> Health:
    """Look. `yes` trusts the configured command this once. What is run is told first."""
    if config.broken:
        return Health(UNKNOWN, "SKIP (the configuration can't be used)")
    missing = config.missing_env()
    if missing:
        return _broken(f"FAILED (not in the environment: {', '.join(missing)})", f"Set: {', '.join(missing)}")
    command = config.commands.get("health_check")
    if command is not None:
        return _configured(root, command, config.timeouts_s["health_check"], yes=yes, tell=tell)
    kind = _kind(root, config.project_type)
    if kind == "Python":
        return _smoke(root, ("python", "python3"), ("-I", "-c", "import sys"), "Python imports work", "Python broken")
    if kind == "Node":
        return _smoke(root, ("node",), ("-e", "process.exit(0)"), "Node works", "Node broken")
    return Health(UNKNOWN, "SKIP (no health check configured)")


def skipped() -> Health:
    """Nothing is looked at, as that was asked for."""
    return Health(UNKNOWN, "SKIP (--force)", forced=True)


def _configured(root: str, command: str, timeout_s: float, *, yes: bool, tell: Callable[[str], None]) -> Health:
    try:
        run_command.require_trust(root, "health_check", command, yes=yes)
        ran = run_command.run(root, "health_check", command, timeout_s, tell)
    except SessionError as error:
        tell(str(error))
        return Health(UNKNOWN, f"SKIP (health_check was not run: {error.hint or error.message})")
    if ran.passed:
        return Health(HEALTHY, "OK (configured check passed)")
    if ran.code == run_command.NOT_FOUND:
        lacking = "SKIP (the check needs a tool that is not installed)"
        return Health(UNKNOWN, lacking, (f"Health command: {command}",), output=ran.tail)
    said = "FAILED" if ran.code is not None else f"FAILED (no end within {timeout_s:g} s: killed)"
    return _broken(said, f"Health command: {command}", ran.tail)


def _broken(said: str, advice: str, output: str = "") -> Health:
    return Health(BROKEN, said, ("⚠️  APP IS BROKEN - Fix before starting new work", advice), output=output)


def _kind(root: str, project_type: str) -> str:
    named = project_type.lower().replace(".", "").replace("-", "").replace(" ", "")
    if named in _PYTHON:
        return "Python"
    if named in _NODE:
        return "Node"
    if any(os.path.isfile(os.path.join(root, file)) for file in ("pytest.ini", "pyproject.toml")):
        return "Python"
    return "Node" if os.path.isfile(os.path.join(root, "package.json")) else ""


def _smoke(root: str, programs: tuple[str, ...], words: tuple[str, ...], well: str, ill: str) -> Health:
    program = next(filter(None, (process.find(name, outside=(root,)) for name in programs)), None)
    if program is None:
        return Health(UNKNOWN, f"SKIP ({programs[0]} is not installed)")
    try:
        code = process.capture([program, *words], cwd=root, timeout_s=_SMOKE_S).code
    except process.TimedOut:
        return _broken(f"FAILED ({ill}: no end within {_SMOKE_S:g} s)", f"Smoke check: {program} {words[0]}")
    except process.NotStarted as error:
        return Health(UNKNOWN, f"SKIP ({error.message})")
    return Health(HEALTHY, f"OK ({well})") if code == 0 else _broken(f"FAILED ({ill})", f"Smoke check: {program}")
