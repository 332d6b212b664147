"""The record of the commands that the user trusts.

It is `trust.json` in the user's own configuration folder, and holds hashes of root, name and command: a changed
command, or a copy of the repository elsewhere, is not trusted. project_config.py reads what a repository configures.

    {"trusted": {root: {name: {"sha256": hex, "at": ISO 8601 UTC}}}}
"""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from session.errors import SessionError
from session.host import clock, user_folders
from session.host.project_config import command_text
from session.store import codec, user_file
from session.store.json_document import parse_object

VERIFICATION = "shell_verification"

TRUSTED = "trusted"
NEW = "new"
CHANGED = "changed"

_FILE = "trust.json"


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


def _hash(root: str, name: str, command: str) -> str:
    # a JSON array, so that no two triples read the same
    return sha256(codec.compact([os.path.realpath(root), name, command]).encode()).hexdigest()


def _read() -> dict[str, Any]:
    """What `trust.json` holds. SessionError names it where it is not what we write."""
    place = user_folders.config()
    return _checked(user_file.read(place, _FILE), os.path.join(place, _FILE))


def _checked(body: bytes | None, path: str) -> dict[str, Any]:
    document = {} if body is None else parse_object(body, path)
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
    with user_file.locked(user_folders.config(), _FILE) as folder:
        document = _checked(folder.read(_FILE), folder.path + _FILE)
        yield document[TRUSTED]
        folder.replace(_FILE, codec.encode(document))
