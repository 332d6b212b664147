"""Which files were worked on last: `[{"path", "timestamp", "operation"}]`, the newest last, at most twenty (seed: 001).

Some write it as `{"files": [...], "last_updated": time}`: then it stays that.
"""

import os
from typing import NamedTuple

from session.entry.documents import FILES, MEND, Corrupt, data
from session.host import clock
from session.store import codec
from session.store.files import FileStore
from session.store.paths import OWN_FOLDERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.host.git.repository import Repository

MOST = 20
SHOWN_FILES = 5
_MOST_FILES = 1000  # of which those are shown that are work


class Recent(NamedTuple):
    """Files worked on last; `source` is TRACKED (by file_history.json), GIT or NONE. Of `total`, some are named."""

    source: str
    total: int
    files: list[str]


def note(store: FileStore, path: str, operation: str, *, timeout_s: float) -> None:
    """The file was worked on now. A path below the root is kept relative to it; a file stands there once.

    Corrupt, and nothing is changed, where the history can't be used.
    """
    shown = store.shown_path(FILES)
    below = os.path.join(store.root, "")
    name = path[len(below) :] if path.startswith(below) else path
    with store.transaction(timeout_s) as tx:
        now = clock.iso(clock.now_ms())
        old = _parse(tx.read(FILES), shown)
        files = old.get("files") if isinstance(old, dict) else old
        if not isinstance(files, list):
            if files is not None:
                raise Corrupt(f"{shown} is not a list of files", MEND)
            files = []
        others = [each for each in files if not (isinstance(each, dict) and each.get("path") == name) and each != name]
        files = [*others, {"path": name, "timestamp": now, "operation": operation}][-MOST:]
        new = {**old, "files": files, "last_updated": now} if isinstance(old, dict) else files
        tx.put(FILES, data(new, shown))


def recent_files(store: FileStore, repository: "Repository") -> Recent:
    """From file_history.json, else from git. Corrupt where that file is no history."""
    body = store.read(FILES)
    if body is not None:
        files = _tracked(body, store.shown_path(FILES))
        return Recent("TRACKED", len(files), files[-SHOWN_FILES:])
    changed = repository.recent_files(_MOST_FILES) or []
    found = [file for file in changed if not any(f"/{folder}/" in f"/{file}" for folder in OWN_FOLDERS)][:SHOWN_FILES]
    return Recent("GIT", len(found), found) if found else Recent("NONE", 0, [])


def _tracked(body: bytes, path: str) -> list[str]:
    try:
        value = codec.decode_bytes(body, exact=False)
    except codec.NotJSON as error:
        raise Corrupt(f"{path} is not valid JSON: {error}", MEND) from None
    if isinstance(value, dict):
        value = value.get("files", [])
    if not isinstance(value, list):
        raise Corrupt(f"{path} is not a list of files", MEND)
    names = (each.get("path") if isinstance(each, dict) else each for each in value)
    return [name if isinstance(name, str) else codec.compact(name) for name in names]


def _parse(body: bytes | None, shown: str) -> object:
    try:
        return [] if body is None else codec.decode_bytes(body, exact=True)
    except codec.NotJSON as error:
        raise Corrupt(f"{shown} is not valid JSON: {error}", MEND) from None
