"""What the repository configures in `.claude/config/project.json` (seed: 001).

    {"project_type": str,
     "init_script": command, "health_check": command, "test_command": command, "smoke_test": command,
     "dev_server_port": int, "required_env": [name, ...], "protected_paths": [path, ...],
     "timeout_seconds": {"health_check": 30, "smoke_test": 60, "full_test": 300, "init": 60}}

All of it is optional. The commands need the user's trust: see commands.py.
"""

import os

from session.entry.documents import Document
from session.errors import SessionError
from session.host import project_config

PATH = "/".join(project_config.CONFIG)
TIMEOUTS_S = {"health_check": 30.0, "smoke_test": 60.0, "full_test": 300.0, "init": 60.0}
_LONGEST_S = 86_400.0


class Config:
    """What is configured: `known` is whether there is such a file, `problems` what is wrong with it, a line each.

    What is wrong counts as not configured. If the file or a command can't be used, `broken` is true: then nobody can
    say how the project is to be checked.
    """

    def __init__(self, root: str) -> None:
        self.problems: list[str] = []
        self.broken = False
        self.known = False
        self.commands: dict[str, str] = {}
        settings: Document = {}
        try:
            found = project_config.configuration(root)
            self.known = found is not None
            settings = found or {}
            self.commands = project_config.commands(settings, os.path.join(root, *project_config.CONFIG))
        except SessionError as error:
            self.known = self.broken = True
            self.problems.append(str(error))
        self.project_type = self._text(settings, "project_type")
        self.required_env = self._texts(settings, "required_env")
        self.port = self._port(settings)
        self.timeouts_s = self._timeouts(settings)

    def missing_env(self) -> list[str]:
        """The environment variables that are required, and unset or empty."""
        return [name for name in self.required_env if not os.environ.get(name)]

    def _text(self, settings: Document, key: str) -> str:
        value = settings.get(key)
        if value is None or isinstance(value, str):
            return value or ""
        self._odd(key, "a text")
        return ""

    def _texts(self, settings: Document, key: str) -> list[str]:
        value = settings.get(key)
        if value is None:
            return []
        if isinstance(value, list) and all(isinstance(each, str) and each and "\0" not in each for each in value):
            return value
        self._odd(key, "a list of names")
        return []

    def _port(self, settings: Document) -> int | None:
        value = settings.get("dev_server_port")
        if value is None or (type(value) is int and 0 < value < 65_536):
            return value
        self._odd("dev_server_port", "a port")
        return None

    def _timeouts(self, settings: Document) -> dict[str, float]:
        given = settings.get("timeout_seconds")
        if given is not None and not isinstance(given, dict):
            self._odd("timeout_seconds", "an object")
            given = None
        found = dict(TIMEOUTS_S)
        for name in TIMEOUTS_S:
            value = (given or {}).get(name)
            if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= _LONGEST_S:
                found[name] = float(value)
            elif value is not None:
                self._odd(f"timeout_seconds.{name}", "a number of seconds")
        return found

    def _odd(self, key: str, wanted: str) -> None:
        self.problems.append(f"{PATH}: {key} is not {wanted}: ignored")
