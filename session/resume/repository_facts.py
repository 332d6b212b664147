"""What the repository of a project says now, asked once for all its sessions."""

import os

from session.host.git.repository import MOST_COMMITS, Head, Repository
from session.store import paths
from session.workflow.state import COLLECTION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypedDict

    from session.store.files import FileStore

    class Facts(TypedDict, total=False):
        """What is known of the repository; what is not is missing, and `unknown` says why."""

        branch: str | None  # None: HEAD is detached
        head: str | None  # the commit in full; None: there is none yet
        dirty: int  # files that differ from HEAD or are untracked
        dirty_files: list[str]  # the first of them
        commits_since: int  # since the session was last written
        at_least: list[str]  # which of these numbers may be larger
        operation: str  # under way: a merge, a rebase
        unknown: str


_FILES = 5


class Present:
    """The project's repository and the folder it is about. `updated_ms`: when its sessions were last written."""

    def __init__(self, store: "FileStore", updated_ms: list[int]) -> None:
        self.root = store.root
        self.git = git = Repository(store.root)
        # first of all, as time may run out: who a session belongs to is a matter of trust
        self._tracked = git.tracked(os.path.join(store.root, *paths.folder_of(COLLECTION)), ".json")
        self.head: Head | None = git.head()
        self.operation = git.operation()
        self._commits: dict[int, int] = {}
        if self.head is not None:
            commit = self.head.commit
            counts = git.commits_since(commit, updated_ms) if commit else [0] * len(updated_ms)
            self._commits = dict(zip(updated_ms, counts or (), strict=bool(counts)))
        self._dirty = git.dirty(_FILES)

    @property
    def exists(self) -> bool:
        """Whether there is a repository, or what looks like one."""
        return self.git.top is not None

    def tracks(self, workflow: str) -> bool | None:
        """Whether git tracks the session's file, None where that is not known."""
        return None if self._tracked is None else paths.file_of(COLLECTION, workflow)[1] in self._tracked

    def facts(self, updated_ms: int | None) -> "Facts | None":
        """What there is to say to a session that was last written then; None without a repository."""
        if not self.exists:
            return None
        facts: Facts = {}
        at_least = []
        if self.head is not None:
            facts["branch"] = self.head.branch or None
            facts["head"] = self.head.commit or None
        if self._dirty is not None:
            facts["dirty"] = self._dirty.count
            facts["dirty_files"] = self._dirty.files
            if self._dirty.more:
                at_least.append("dirty")
        commits = None if updated_ms is None else self._commits.get(updated_ms)
        if commits is not None:
            facts["commits_since"] = commits
            if commits == MOST_COMMITS:
                at_least.append("commits_since")
        if at_least:
            facts["at_least"] = at_least
        if self.operation:
            facts["operation"] = self.operation
        if self.git.reasons:
            facts["unknown"] = "; ".join(self.git.reasons)
        return facts
