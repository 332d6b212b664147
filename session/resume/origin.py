"""Tell which workflow sessions came with the repository, because git tracks their files."""

import os

from session.store import paths
from session.workflow import ownership
from session.workflow.state import COLLECTION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from session.host.git.repository import Repository
    from session.store.files import FileStore
    from session.workflow.state import State


def tracked(store: "FileStore", repository: "Repository", workflows: "Iterable[str]") -> "dict[str, bool | None]":
    """Return for each workflow whether git tracks its session's file; None for all of them if git fails."""
    files = {workflow: paths.file_of(COLLECTION, workflow)[1] for workflow in workflows}
    names = repository.tracked(os.path.join(store.root, *paths.folder_of(COLLECTION)), files.values())
    return {workflow: None if names is None else file in names for workflow, file in files.items()}


def whose(state: "State", owner: str, now_ms: int, *, is_tracked: bool | None) -> str:
    """Return whose a session is: a constant of `ownership`. It is UNKNOWN if `is_tracked` is None.

    What the session itself says about its owner does not count then: it may come from somebody else.
    """
    return ownership.UNKNOWN if is_tracked is None else ownership.whose(state, owner, now_ms)
