"""Read the commands and settings that a repository configures in `.claude/config/project.json`. Nothing runs here."""

import os
from collections.abc import Mapping
from typing import Any

from session.errors import SessionError
from session.store.files import Folder
from session.store.json_document import parse_object
from session.store.problem import explain

NAMES = ("health_check", "test_command", "init_script", "smoke_test")
CONFIG = (".claude", "config", "project.json")

_LONGEST_COMMAND = 4000  # nobody reads a longer command before trusting it: it belongs in a script


def configured(root: str) -> dict[str, str]:
    """Return the commands that the repository at `root` configures, by name. Without a file there are none.

    SessionError if the file cannot be read, or if a command in it is not a string.
    """
    return commands(configuration(root) or {}, os.path.join(root, *CONFIG))


def commands(config: Mapping[str, Any], path: str) -> dict[str, str]:
    """Return the commands in a parsed configuration, by name. Errors name `path`, the file that it comes from.

    A blank text is not a command, because a shell would run it successfully.
    """
    return {name: command_text(config[name], name, path) for name in NAMES if not _is_blank(config.get(name))}


def configuration(root: str) -> dict[str, Any] | None:
    """Return everything that the repository at `root` configures, or None if there is no such file.

    SessionError if the file cannot be read or is not a JSON object.
    """
    path = os.path.join(root, *CONFIG)
    folders = [Folder.at(root, os.path.join(root, ""))]
    try:
        for part in CONFIG[:-1]:
            folder = folders[-1].child(part, link=len(folders) == 1)
            if folder is None:
                return None
            folders.append(folder)
        body = folders[-1].read(CONFIG[-1])
    except NotADirectoryError:
        return None  # a file in the folder's place configures nothing
    except OSError as error:
        raise explain("read", "/".join(CONFIG), root, os.path.join(root, ""), error, "") from error
    finally:
        for folder in folders:
            folder.close()
    return None if body is None else parse_object(body, path)


def command_text(value: object, name: str, path: str) -> str:
    """Return the value if it is a text that a shell can run; else raise SessionError naming `name` and `path`."""
    if type(value) is not str:
        raise SessionError(f"{path}: {name} must be a string", "mend it")
    if len(value) > _LONGEST_COMMAND:
        raise SessionError(f"{path}: {name} is longer than {_LONGEST_COMMAND} characters", "put it into a script")
    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value):
        raise SessionError(f"{path}: {name} contains a character that no command can contain", "mend it")
    return value


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
