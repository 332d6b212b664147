"""The record of the commands that the user trusts. Described in docs/formats.md.

The record is `trust.json` in the user's configuration folder. It holds a hash of root, name and command, so a changed
command is not trusted, nor is a command of a copy of the repository. `project_config.py` reads what a repository
configures.

    {"trusted": {root: {name: {"sha256": hex, "at": ISO 8601 UTC}}}}
"""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from session.errors import SessionError
from session.host import clock, ownership, user_folders
from session.host.project_config import command_text
from session.store import codec, user_file
from session.store.files import Folder
from session.store.json_document import parse_object

VERIFICATION = "shell_verification"

TRUSTED = "trusted"
NEW = "new"
CHANGED = "changed"

_FILE = "trust.json"


def verification(command: str) -> dict[str, str]:
    """Return `{name: command}` for a shell verification, with the name that the record of trust uses.

    A tool of the agent asks for such a command. The name contains a hash, so each command has its own name.
    SessionError if the text cannot be a command.
    """
    checked = command_text(command, VERIFICATION, "the agent's tool")
    return {f"{VERIFICATION}:{sha256(checked.encode()).hexdigest()[:16]}": checked}


def status(root: str, commands: Mapping[str, str]) -> dict[str, str]:
    """Return TRUSTED, NEW or CHANGED for each of the `commands` (by name) of the repository at `root`."""
    hashes = _hashes(_read(), root)
    return {
        name: TRUSTED if hashes.get(name) == _hash(root, name, command) else CHANGED if name in hashes else NEW
        for name, command in commands.items()
    }


def require(root: str, name: str, command: str) -> None:
    """Raise SessionError unless the user trusts this command of the repository at `root`."""
    answer = status(root, {name: command})[name]
    if answer != TRUSTED:
        is_, has, it_was = ("are", "have", "they were") if name.startswith("tests of ") else ("is", "has", "it was")
        reason = f"{has} changed since {it_was} trusted" if answer == CHANGED else f"{is_} not trusted"
        raise SessionError(f"{name} of {root} {reason}: not run", "session trust shows it, and asks")


def trust(root: str, commands: Mapping[str, str]) -> None:
    """Record that the user trusts these commands (by name). A command trusted earlier under the name is replaced."""
    with _edit_record() as trusted:
        at = clock.iso(clock.now_ms())
        records = trusted.setdefault(os.path.realpath(root), {})
        for name, command in commands.items():
            records[name] = {"sha256": _hash(root, name, command), "at": at}


def revoke(root: str, names: Collection[str] | None = None) -> int:
    """Remove the trust in the repository's commands, only in `names` if given; return how many were trusted."""
    hashes = _hashes(_read(), root)
    if not hashes.keys() & set(hashes if names is None else names):
        return 0
    with _edit_record() as trusted:
        records = trusted.pop(os.path.realpath(root), {})
        rest = {} if names is None else {name: record for name, record in records.items() if name not in names}
        if rest:
            trusted[os.path.realpath(root)] = rest
        return len(records) - len(rest)


def _hash(root: str, name: str, command: str) -> str:
    # Hash a JSON array: joined texts could be equal for two different triples.
    return sha256(codec.compact([os.path.realpath(root), name, command]).encode()).hexdigest()


def _read() -> dict[str, Any]:
    """Return the content of `trust.json`.

    SessionError with its path if it is malformed, or if another user could have written it.
    """
    path = user_folders.config()
    with user_file.reading(path, _FILE) as folder:
        return _read_in(folder, path)


def _read_in(folder: Folder | None, path: str) -> dict[str, Any]:
    if folder is None:
        return _parse(None, "")
    ownership.require_private(folder, path, _FILE)
    return _parse(folder.read(_FILE), os.path.join(path, _FILE))


def _parse(body: bytes | None, path: str) -> dict[str, Any]:
    document = {} if body is None else parse_object(body, path)
    trusted = document.setdefault(TRUSTED, {})
    if isinstance(trusted, dict) and all(isinstance(commands, dict) for commands in trusted.values()):
        records = [record for commands in trusted.values() for record in commands.values()]
        if all(isinstance(record, dict) and isinstance(record.get("sha256"), str) for record in records):
            return document
    raise SessionError(f"{path} is not a list of what is trusted", "mend it, or remove it and trust anew")


def _hashes(document: dict[str, Any], root: str) -> dict[str, str]:
    """Return the hash of each trusted command of the repository, by the command's name."""
    return {name: record["sha256"] for name, record in document[TRUSTED].get(os.path.realpath(root), {}).items()}


@contextmanager
def _edit_record() -> Iterator[dict[str, Any]]:
    """Yield the trusted commands by root, for changes; write them durably afterwards, under a lock."""
    path = user_folders.config()
    if os.path.isdir(path):
        _read()  # a folder that is not believed gets no lock file
    with user_file.locked(path, _FILE) as folder:
        document = _read_in(folder, path)
        yield document[TRUSTED]
        user_file.replace(folder, _FILE, codec.encode(document))
