"""Which sessions of the past must not come back: those that were archived, or begun anew, since then (seed: 000)."""

from session.host import clock
from session.store.files import FileStore
from session.workflow.archive_read import archives

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.workflow.state import State


class Past:
    """What became of the project's sessions since `since_ms`; nothing is known where that is None."""

    def __init__(self, store: FileStore, since_ms: int | None) -> None:
        self._store = store
        self._since_ms = since_ms
        self._archived: set[str] | None = None

    def reason(self, workflow: str, now: "State | None") -> str:
        """Why the workflow's session of then is to stay in the past, empty if it is not; `now` is its session."""
        if self._since_ms is None:
            return ""
        started_ms = None if now is None else clock.parse_ms(now.get("started_at"))
        if started_ms is not None and started_ms >= self._since_ms:
            return "begun since, so it stays"
        if self._archived is None:
            self._archived = self._find(self._since_ms)
        return "archived since, so it is not revived" if workflow in self._archived else ""

    def _find(self, since_ms: int) -> set[str]:
        day = clock.iso(since_ms)[:10]
        found, errors = archives(self._store)
        for error in errors:
            if error.is_fault:
                raise error
        return {
            archive.workflow
            for archive in found
            if archive.workflow is not None
            # of one that does not tell when it ended, the day is known at best
            and ((archive.date or "") >= day if archive.ended_ms is None else archive.ended_ms >= since_ms)
        }
