"""The files that were created or modified during a work session, according to git."""

import os

from session.project.location import CONTEXT, EVENTS, KEY
from session.root import STATE
from session.store import paths
from session.store.files import FileStore

MOST_FILES = 1000  # the most files in each list of a log
_TIMEOUT_S = 10.0


class ChangedFiles:
    """The `created` and the `modified` files, as paths from the top of the working tree.

    Each list is cut to MOST_FILES; `left_out` counts the files that were cut.
    """

    def __init__(self, created: list[str], modified: list[str]) -> None:
        self.created = created[:MOST_FILES]
        self.modified = modified[:MOST_FILES]
        self.left_out = len(created) + len(modified) - len(self.created) - len(self.modified)


def find_changed(store: FileStore, since_ms: int | None) -> ChangedFiles:
    """Return the files that have changed since `since_ms`, in commits or in the working tree.

    The lists are empty if there is no repository, git is not installed, or `since_ms` is None. The files of the state
    itself are left out.
    """
    if since_ms is None:
        return ChangedFiles([], [])
    from session.host.git.repository import Repository  # cost: only when a work session ends

    repository = Repository(store.root, _TIMEOUT_S)
    changed = repository.changed_since(since_ms)
    if changed is None or repository.top is None:
        return ChangedFiles([], [])
    state_paths = tuple(_state_paths(store, repository.top))
    created, modified = (
        [file for file in files if not file.startswith(state_paths)] for files in (changed.created, changed.modified)
    )
    return ChangedFiles(created, modified)


def _state_paths(store: FileStore, top: str) -> list[str]:
    """Return the prefixes that the paths of the state's own files have, from the top of the working tree."""
    above = os.path.relpath(os.path.realpath(store.root), os.path.realpath(top)).replace(os.sep, "/")
    root = "" if above == "." else above + "/"
    if store.own_place is None:
        return [root + "/".join(STATE) + "/"]
    files = [paths.LOCK, paths.JOURNAL, paths.TEMPORARY, store.path_of(KEY), store.path_of(CONTEXT)]
    folders = ["/".join(store.parts(collection)) + "/" for collection in (EVENTS[0], "checkpoints")]
    return [root + path for path in (*files, *folders)]
