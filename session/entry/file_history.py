"""Which files were worked on last: `[{"path", "timestamp", "operation"}]`, the newest last, at most twenty (seed: 001).

Some write it as `{"files": [...], "last_updated": time}`: then it stays that.
"""

import os

from session.entry.documents import FILES, MEND, Corrupt, data
from session.host import clock
from session.store import codec
from session.store.files import FileStore

MOST = 20


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


def _parse(body: bytes | None, shown: str) -> object:
    try:
        return [] if body is None else codec.decode_bytes(body, exact=True)
    except codec.NotJSON as error:
        raise Corrupt(f"{shown} is not valid JSON: {error}", MEND) from None
