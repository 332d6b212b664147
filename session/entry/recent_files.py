"""The files that were edited last: `[{"path", "timestamp", "operation"}]`, newest last, at most 20.

Some tools write `{"files": [...], "last_updated": time}`; a file in that form keeps it.
"""

import os
from typing import NamedTuple

from session.entry.documents import FILES, MEND, Corrupt, encode
from session.host import clock
from session.store import codec
from session.store.files import FileStore
from session.store.paths import OWN_FOLDERS, PROGRESS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.host.git.repository import Repository

MOST = 20
SHOWN_FILES = 5
_MOST_FILES = 1000  # how many files to ask git for: more than are shown, because our own files are among them


class Recent(NamedTuple):
    """The files that were edited last. `source` is TRACKED (file_history.json), GIT, NONE or CORRUPT.

    `total` is their number; `files` names some of them.
    """

    source: str
    total: int
    files: list[str]


def note(store: FileStore, path: str, operation: str, *, timeout_s: float) -> None:
    """Record that the file was edited now. Each file is listed once; a path below the root is stored relative to it.

    Raise Corrupt, and change nothing, if the history is unusable.
    """
    shown = store.shown_path(FILES)
    prefix = os.path.join(store.root, "")
    name = path[len(prefix) :] if path.startswith(prefix) else path
    with store.transaction(timeout_s, place=PROGRESS) as tx:
        now = clock.iso(clock.now_ms())
        body = tx.read(FILES)
        old = [] if body is None else _decode(body, shown, exact=True)
        files = old.get("files") if isinstance(old, dict) else old
        if not isinstance(files, list):
            if files is not None:
                raise Corrupt(f"{shown} is not a list of files", MEND)
            files = []
        others = [each for each in files if not (isinstance(each, dict) and each.get("path") == name) and each != name]
        files = [*others, {"path": name, "timestamp": now, "operation": operation}][-MOST:]
        new = {**old, "files": files, "last_updated": now} if isinstance(old, dict) else files
        tx.put(FILES, encode(new, shown))


def recent_files(store: FileStore, repository: "Repository") -> Recent:
    """Return the files from file_history.json, or else from git; raise Corrupt if that file is no history."""
    body = store.read(FILES)
    if body is not None:
        files = _tracked(body, store.shown_path(FILES))
        return Recent("TRACKED", len(files), files[-SHOWN_FILES:])
    changed = repository.recent_files(_MOST_FILES) or []
    files = [file for file in changed if not any(f"/{folder}/" in f"/{file}" for folder in OWN_FOLDERS)][:SHOWN_FILES]
    return Recent("GIT", len(files), files) if files else Recent("NONE", 0, [])


def _tracked(body: bytes, path: str) -> list[str]:
    value = _decode(body, path, exact=False)
    if isinstance(value, dict):
        value = value.get("files", [])
    if not isinstance(value, list):
        raise Corrupt(f"{path} is not a list of files", MEND)
    names = (each.get("path") if isinstance(each, dict) else each for each in value)
    return [name if isinstance(name, str) else codec.compact(name) for name in names]


def _decode(body: bytes, path: str, *, exact: bool) -> object:
    try:
        return codec.decode_bytes(body, exact=exact)
    except codec.NotJSON as error:
        raise Corrupt(f"{path} is not valid JSON: {error}", MEND) from None
