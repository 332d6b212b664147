"""States that nobody has touched for a day: what they say is about work that is over, or lost."""

from session._posix import join, posix, stat
from session.chain import location
from session.chain.state import CHAINS, store
from session.errors import SessionError
from session.host import clock
from session.store.paths import check_name, document_name

KEPT_MS = 24 * 60 * 60 * 1000


def sweep(timeout_s: float) -> list[str]:
    """Remove what is older than that; the conversations whose states these were. SessionError."""
    folder = location.folder()
    stale = _stale(folder)
    if not stale:
        return []
    with store().transaction(timeout_s, create=False) as tx:
        stale = _stale(folder)  # one may have been written while the lock was another's
        for conversation in stale:
            tx.delete((CHAINS, conversation))
    return stale


def _stale(folder: str) -> list[str]:
    try:
        entries = posix.listdir(folder)
    except OSError:
        return []
    before_s = (clock.now_ms() - KEPT_MS) / 1000
    return [name for entry in sorted(entries) if (name := _name(entry)) and _is_older(join(folder, entry), before_s)]


def _name(entry: str) -> str:
    name = document_name(CHAINS, entry) or ""
    try:
        check_name(name)
    except SessionError:
        return ""  # nothing that we wrote
    return name


def _is_older(path: str, before_s: float) -> bool:
    try:
        found = posix.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_mtime < before_s
