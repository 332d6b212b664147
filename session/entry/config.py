"""The settings in `.claude/config/project.json`, checked.

    {"project_type": str,
     "init_script": command, "health_check": command, "test_command": command, "smoke_test": command,
     "dev_server_port": int, "required_env": [name, ...], "protected_paths": [path, ...],
     "timeout_seconds": {"health_check": 30, "smoke_test": 60, "full_test": 300, "init": 60}}

Every setting is optional. The user has to trust the commands before they run: see run_command.py.
"""

import os

from session.entry.documents import Document
from session.errors import SessionError
from session.host import project_config

PATH = "/".join(project_config.CONFIG)
TIMEOUTS_S = {"health_check": 30.0, "smoke_test": 60.0, "full_test": 300.0, "init": 60.0}
_LONGEST_S = 86_400.0


class Config:
    """The project's settings; `exists` is true if there is a settings file, `problems` has a line for each bad value.

    A bad value is ignored, as if it were not set. `broken` is true if the file or a command in it is
    unusable: then it is unknown how to check the project.
    """

    def __init__(self, root: str) -> None:
        self.problems: list[str] = []
        self.broken = False
        self.exists = False
        self.commands: dict[str, str] = {}
        settings: Document = {}
        try:
            configuration = project_config.configuration(root)
            self.exists = configuration is not None
            settings = configuration or {}
            self.commands = project_config.commands(settings, os.path.join(root, *project_config.CONFIG))
        except SessionError as error:
            self.exists = self.broken = True
            self.problems.append(str(error))
        self.project_type = self._text(settings, "project_type")
        self.required_env = self._names(settings, "required_env")
        self.port = self._port(settings)
        self.timeouts_s = self._timeouts(settings)

    def missing_env(self) -> list[str]:
        """Return the required environment variables that are unset or empty."""
        return [name for name in self.required_env if not os.environ.get(name)]

    def _text(self, settings: Document, key: str) -> str:
        value = settings.get(key)
        if value is None or isinstance(value, str):
            return value or ""
        self._report(key, "a text")
        return ""

    def _names(self, settings: Document, key: str) -> list[str]:
        value = settings.get(key)
        if value is None:
            return []
        if isinstance(value, list) and all(isinstance(each, str) and each and "\0" not in each for each in value):
            return value
        self._report(key, "a list of names")
        return []

    def _port(self, settings: Document) -> int | None:
        value = settings.get("dev_server_port")
        if value is None or (type(value) is int and 0 < value < 65_536):
            return value
        self._report("dev_server_port", "a port")
        return None

    def _timeouts(self, settings: Document) -> dict[str, float]:
        configured = settings.get("timeout_seconds")
        if configured is not None and not isinstance(configured, dict):
            self._report("timeout_seconds", "an object")
            configured = None
        timeouts_s = dict(TIMEOUTS_S)
        for name in TIMEOUTS_S:
            value = (configured or {}).get(name)
            if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= _LONGEST_S:
                timeouts_s[name] = float(value)
            elif value is not None:
                self._report(f"timeout_seconds.{name}", "a number of seconds")
        return timeouts_s

    def _report(self, key: str, expected: str) -> None:
        self.problems.append(f"{PATH}: {key} is not {expected}: ignored")
