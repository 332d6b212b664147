"""Measure the project's health: by its configured check, or else by starting its language's interpreter."""

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
    """The project's health: `status`, the check's `result` in a few words, and `advice` for people, a line each.

    `forced` is true if the user skipped the check. `output` is the end of a failed check's output, without secrets.
    """

    status: str
    result: str
    advice: tuple[str, ...] = ()
    forced: bool = False
    output: str = ""


def measure(root: str, config: Config, *, yes: bool, tell: Callable[[str], None]) -> Health:
    """Check the project, and return its health.

    `yes` trusts the configured command this once. `tell` gets each command before it runs.
    """
    if config.broken:
        return Health(UNKNOWN, "SKIP (the configuration can't be used)")
    missing = config.missing_env()
    if missing:
        return _broken(f"FAILED (not in the environment: {', '.join(missing)})", f"Set: {', '.join(missing)}")
    command = config.commands.get("health_check")
    if command is not None:
        return _run_check(root, command, config.timeouts_s["health_check"], yes=yes, tell=tell)
    language = _language(root, config.project_type)
    if language == "Python":
        return _smoke(root, ("python", "python3"), ("-I", "-c", "import sys"), "Python imports work", "Python broken")
    if language == "Node":
        return _smoke(root, ("node",), ("-e", "process.exit(0)"), "Node works", "Node broken")
    return Health(UNKNOWN, "SKIP (no health check configured)")


def skip_check() -> Health:
    """Return the health of a project whose check the user skipped."""
    return Health(UNKNOWN, "SKIP (--force)", forced=True)


def _run_check(root: str, command: str, timeout_s: float, *, yes: bool, tell: Callable[[str], None]) -> Health:
    try:
        run_command.require_trust(root, "health_check", command, yes=yes)
        result = run_command.run(root, "health_check", command, timeout_s, tell)
    except SessionError as error:
        tell(str(error))
        return Health(UNKNOWN, f"SKIP (health_check was not run: {error.hint or error.message})")
    if result.passed:
        return Health(HEALTHY, "OK (configured check passed)")
    if result.code == run_command.NOT_FOUND:
        missing_tool = "SKIP (the check needs a tool that is not installed)"
        return Health(UNKNOWN, missing_tool, (f"Health command: {command}",), output=result.tail)
    failure = "FAILED" if result.code is not None else f"FAILED (no end within {timeout_s:g} s: killed)"
    return _broken(failure, f"Health command: {command}", result.tail)


def _broken(result: str, advice: str, output: str = "") -> Health:
    return Health(BROKEN, result, ("⚠️  APP IS BROKEN - Fix before starting new work", advice), output=output)


def _language(root: str, project_type: str) -> str:
    """Return `Python`, `Node` or "", from the configured project type, or else from the files in the root."""
    name = project_type.lower().replace(".", "").replace("-", "").replace(" ", "")
    if name in _PYTHON:
        return "Python"
    if name in _NODE:
        return "Node"
    if any(os.path.isfile(os.path.join(root, file)) for file in ("pytest.ini", "pyproject.toml")):
        return "Python"
    return "Node" if os.path.isfile(os.path.join(root, "package.json")) else ""


def _smoke(root: str, programs: tuple[str, ...], words: tuple[str, ...], success: str, failure: str) -> Health:
    """Run the first of `programs` that is installed outside the project; return HEALTHY if it succeeds.

    Return UNKNOWN if none is installed or it cannot start, else BROKEN.
    """
    program = next(filter(None, (process.find(name, outside=(root,)) for name in programs)), None)
    if program is None:
        return Health(UNKNOWN, f"SKIP ({programs[0]} is not installed)")
    try:
        code = process.capture([program, *words], cwd=root, timeout_s=_SMOKE_S).code
    except process.TimedOut:
        return _broken(f"FAILED ({failure}: no end within {_SMOKE_S:g} s)", f"Smoke check: {program} {words[0]}")
    except process.NotStarted as error:
        return Health(UNKNOWN, f"SKIP ({error.message})")
    if code == 0:
        return Health(HEALTHY, f"OK ({success})")
    return _broken(f"FAILED ({failure})", f"Smoke check: {program}")
