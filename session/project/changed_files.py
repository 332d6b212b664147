"""Which files a session worked on, as far as git knows."""

import os

from session.project.location import CONTEXT, EVENTS, KEY
from session.store import paths
from session.store.files import FileStore

MOST_FILES = 1000  # of each list in a log
_TIMEOUT_S = 10.0


class Work:
    """Files that were `created` and `modified`, by path from the top of the working tree, and `left_out` more."""

    def __init__(self, created: list[str], modified: list[str]) -> None:
        self.created = created[:MOST_FILES]
        self.modified = modified[:MOST_FILES]
        self.left_out = len(created) + len(modified) - len(self.created) - len(self.modified)


def since(store: FileStore, at_ms: int | None) -> Work:
    """What commits since then, and the working tree, hold new or changed. Nothing where there is no repository, no
    git or no time; the state's own files are no work."""
    if at_ms is None:
        return Work([], [])
    from session.host.git.repository import Repository  # cost: only where a session ends

    repository = Repository(store.root, _TIMEOUT_S)
    changed = repository.changed_since(at_ms)
    if changed is None or repository.top is None:
        return Work([], [])
    own = tuple(_own(store, repository.top))
    return Work(
        *([file for file in files if not file.startswith(own)] for files in (changed.created, changed.modified))
    )


def _own(store: FileStore, top: str) -> list[str]:
    """What the paths of the state's own files begin with."""
    above = os.path.relpath(os.path.realpath(store.root), os.path.realpath(top)).replace(os.sep, "/")
    root = "" if above == "." else above + "/"
    if store.state:
        return [root + "/".join(store.state) + "/"]
    files = [paths.LOCK, paths.JOURNAL, paths.TEMPORARY, store.path_of(KEY), store.path_of(CONTEXT)]
    folders = ["/".join(store.parts(collection)) + "/" for collection in (EVENTS[0], "checkpoints")]
    return [root + own for own in (*files, *folders)]
