"""Commands that a repository configures, or a tool wants to be run, and which of them the user trusts.

The repository names them in `.claude/config/project.json`. What is trusted is kept in the user's own configuration
folder, in `trust.json`, as hashes of root, name and command: a changed command, or a copy of the repository
elsewhere, is not trusted.

    {"trusted": {root: {name: {"sha256": hex, "at": ISO 8601 UTC}}}}
"""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from session.errors import SessionError
from session.host import clock, user_folders
from session.store import codec, lock
from session.store.files import Folder
from session.store.making import made
from session.store.problem import explain

NAMES = ("health_check", "test_command", "init_script", "smoke_test")
CONFIG = (".claude", "config", "project.json")
VERIFICATION = "shell_verification"

TRUSTED = "trusted"
NEW = "new"
CHANGED = "changed"

_FILE = "trust.json"
_LONGEST = 4000  # what nobody reads before trusting it belongs into a script
_NOTHING = "; nothing changed"


def configured(root: str) -> dict[str, str]:
    """The commands that the repository at `root` configures, by name; empty where it configures none.

    SessionError where the file can't be read, or holds something else than texts there.
    """
    return commands(configuration(root) or {}, os.path.join(root, *CONFIG))


def commands(config: Mapping[str, Any], path: str) -> dict[str, str]:
    """The same, of a configuration that is read already, from the file at `path`.

    A blank text configures none: a shell takes it for a command that succeeds.
    """
    return {name: command_text(config[name], name, path) for name in NAMES if not _is_blank(config.get(name))}


def configuration(root: str) -> dict[str, Any] | None:
    """All that the repository at `root` configures, None where there is no such file. SessionError where it can't be
    read, or is not a JSON object."""
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
        return None  # a file where a folder belongs configures nothing
    except OSError as error:
        raise explain("read", "/".join(CONFIG), root, os.path.join(root, ""), error, "") from error
    finally:
        for folder in folders:
            folder.close()
    return None if body is None else _object(body, path)


def verification(command: str) -> dict[str, str]:
    """A command by which a tool of the agent wants its work verified, by the name that it is trusted under.

    Each such command has a name of its own. SessionError for what can't be a command.
    """
    checked = command_text(command, VERIFICATION, "the agent's tool")
    return {f"{VERIFICATION}:{sha256(checked.encode()).hexdigest()[:16]}": checked}


def status(root: str, commands: Mapping[str, str]) -> dict[str, str]:
    """TRUSTED, NEW or CHANGED for each of the `commands` (by name) of the repository at `root`."""
    known = _of(_read(), root)
    return {
        name: TRUSTED if known.get(name) == _hash(root, name, command) else CHANGED if name in known else NEW
        for name, command in commands.items()
    }


def require(root: str, name: str, command: str) -> None:
    """SessionError unless the user trusts that command."""
    found = status(root, {name: command})[name]
    if found != TRUSTED:
        what = "has changed since it was trusted" if found == CHANGED else "is not trusted"
        raise SessionError(f"{name} of {root} {what}: not run", "session trust shows it, and asks")


def trust(root: str, commands: Mapping[str, str]) -> None:
    """From now on trust these commands, by name, as they are. Of a name the last one counts."""
    with _changing() as trusted:
        at = clock.iso(clock.now_ms())
        known = trusted.setdefault(os.path.realpath(root), {})
        for name, command in commands.items():
            known[name] = {"sha256": _hash(root, name, command), "at": at}


def revoke(root: str, names: Collection[str] | None = None) -> int:
    """Trust none of the repository's commands any more, or none of those names; how many were trusted."""
    known = _of(_read(), root)
    if not known.keys() & set(known if names is None else names):
        return 0
    with _changing() as trusted:
        known = trusted.pop(os.path.realpath(root), {})
        left = {} if names is None else {name: record for name, record in known.items() if name not in names}
        if left:
            trusted[os.path.realpath(root)] = left
        return len(known) - len(left)


def command_text(value: object, name: str, path: str) -> str:
    """The value as a command; SessionError names the file at `path` where it can be none."""
    if type(value) is not str:
        raise SessionError(f"{path}: {name} is not a text", "mend it")
    if len(value) > _LONGEST:
        raise SessionError(f"{path}: {name} is longer than {_LONGEST} characters", "put it into a script")
    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value):
        raise SessionError(f"{path}: {name} holds what no command can", "mend it")
    return value


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _hash(root: str, name: str, command: str) -> str:
    # a JSON array, so that no two triples read the same
    return sha256(codec.compact([os.path.realpath(root), name, command]).encode()).hexdigest()


def _object(body: bytes, path: str) -> dict[str, Any]:
    try:
        value = codec.decode_bytes(body, exact=True)
    except codec.NotJSON as error:
        raise SessionError(f"{path} is not valid JSON: {error}", "mend it") from None
    if not isinstance(value, dict):
        raise SessionError(f"{path} is not a JSON object", "mend it")
    return value


def _read() -> dict[str, Any]:
    """What `trust.json` holds. SessionError names it where it is not what we write."""
    place = user_folders.config()
    shown = os.path.join(place, "")
    try:
        folder = Folder.at(place, shown)
        try:
            return _checked(folder.read(_FILE), shown + _FILE)
        finally:
            folder.close()
    except FileNotFoundError:
        return {TRUSTED: {}}
    except OSError as error:
        raise explain("read", _FILE, place, shown, error, "") from error


def _checked(body: bytes | None, path: str) -> dict[str, Any]:
    document = {} if body is None else _object(body, path)
    trusted = document.setdefault(TRUSTED, {})
    if isinstance(trusted, dict) and all(isinstance(known, dict) for known in trusted.values()):
        records = [record for known in trusted.values() for record in known.values()]
        if all(isinstance(record, dict) and isinstance(record.get("sha256"), str) for record in records):
            return document
    raise SessionError(f"{path} is not a list of what is trusted", "mend it, or remove it and trust anew")


def _of(document: dict[str, Any], root: str) -> dict[str, str]:
    """The hash of each command of the repository that is trusted, by the command's name."""
    return {name: record["sha256"] for name, record in document[TRUSTED].get(os.path.realpath(root), {}).items()}


@contextmanager
def _changing() -> Iterator[dict[str, Any]]:
    """What is trusted, by root, to be changed: read and written by one process at a time, durably."""
    place = user_folders.config()
    timeout_s = lock.timeout_s()
    try:
        folder = made(place)
        try:
            held = lock.Lock(folder, timeout_s)
            clean = False
            try:
                if not held.clean:  # its last holder died, or nobody ever held it
                    folder.sync()
                    folder.discard_temporary()
                document = _checked(folder.read(_FILE), folder.path + _FILE)
                yield document[TRUSTED]
                folder.replace(_FILE, codec.encode(document))
                clean = True
            finally:
                held.release(clean=clean)
        finally:
            folder.close()
    except OSError as error:
        raise explain("write", _FILE, place, os.path.join(place, ""), error, _NOTHING) from error
