"""Read the current facts of a project's repository, once for all sessions."""

from session.host.git.repository import MOST_COMMITS, Head, Repository
from session.resume import origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypedDict

    from session.store.files import FileStore

    class Facts(TypedDict, total=False):
        """The known facts of the repository. An unknown fact is missing, and `unknown` gives the reason."""

        branch: str | None  # None: HEAD is detached
        head: str | None  # the full commit id; None: there is no commit yet
        dirty: int  # files that differ from HEAD or are untracked
        dirty_files: list[str]  # the first few of these files
        commits_since: int  # commits after the session's last update
        at_least: list[str]  # the names of the counts above that may really be larger
        operation: str  # in progress: merge, rebase, …
        unknown: str


_FILES = 5


class CurrentRepository:
    """The repository of a store's root, read when this is created.

    `updated_ms` has the last update of each session by workflow, or None if it is not known.
    """

    def __init__(self, store: "FileStore", updated_ms: "Mapping[str, int | None]") -> None:
        self.root = store.root
        self.git = git = Repository(store.root)
        # before the other questions, as git's time is limited: a tracked session must not be taken for ours
        self._tracked = origin.tracked(store, git, updated_ms)
        self.head: Head | None = git.head()
        self.operation = git.operation()
        self._commits: dict[int, int] = {}
        if self.head is not None:
            commit = self.head.commit
            times_ms = [at_ms for at_ms in updated_ms.values() if at_ms is not None]
            counts = git.commits_since(commit, times_ms) if commit else [0] * len(times_ms)
            self._commits = dict(zip(times_ms, counts or (), strict=bool(counts)))
        self._dirty = git.dirty(_FILES)

    @property
    def exists(self) -> bool:
        """Return True if there is a repository, even if git cannot read it."""
        return self.git.top is not None

    def tracks(self, workflow: str) -> bool | None:
        """Return True if git tracks the session's file, False if not, None if git did not tell."""
        return self._tracked[workflow]

    def facts(self, updated_ms: int | None) -> "Facts | None":
        """Return the facts for a session that was last updated at `updated_ms`; None if there is no repository."""
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
