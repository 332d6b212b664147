"""What is lying around for a session that begins: the newest summary, the files worked on last (seed: 001)."""

import os
import stat
import sys
from collections.abc import Iterator
from typing import NamedTuple

from session.entry.documents import FILES, MEND, SUMMARIES, Corrupt
from session.host import temp_folders
from session.host.git.repository import Repository
from session.store import codec
from session.store.files import FileStore
from session.store.paths import OWN_FOLDERS

SHOWN_FILES = 5
_MOST_FILES = 1000  # of which those are shown that are work


class Recent(NamedTuple):
    """Files worked on last; `source` is TRACKED (by file_history.json), GIT or NONE. Of `total`, some are named."""

    source: str
    total: int
    files: list[str]


def latest_summary(store: FileStore) -> str:
    """The absolute path of the newest summary, empty where there is none. In the temporary folder, which anyone may
    write to, only regular files of our own count; what is in them, nobody is told here."""
    found = []
    folder = os.path.join(store.root, *store.parts(SUMMARIES))
    shared = os.path.join(temp_folders.folder(), "summary")
    for path, status in (*_regular(folder, "", ".md"), *_regular(shared, "session_", ".md")):
        if sys.platform == "win32" or os.path.dirname(path) == folder or status.st_uid == os.geteuid():
            found.append((status.st_mtime_ns, path))
    return max(found, default=(0, ""))[1]


def recent_files(store: FileStore, repository: Repository) -> Recent:
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


def _regular(folder: str, start: str, ending: str) -> Iterator[tuple[str, os.stat_result]]:
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        if name.startswith(start) and name.endswith(ending) and name[0] != ".":
            path = os.path.join(folder, name)
            try:
                status = os.lstat(path)
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode):
                yield path, status
