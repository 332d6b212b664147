"""Remove the chain states that have not changed for a day: their work is over or lost."""

from session._posix import join, posix, stat
from session.chain import location
from session.chain.state import CHAINS, store
from session.errors import SessionError
from session.host import clock
from session.store.paths import check_name, document_name

LIFETIME_MS = 24 * 60 * 60 * 1000


def sweep(timeout_s: float) -> list[str]:
    """Remove states older than LIFETIME_MS; return the ids of their conversations.

    SessionError if the store is busy or cannot be written.
    """
    folder = location.folder()
    stale = _stale(folder)
    if not stale:
        return []
    with store().transaction(timeout_s, create=False) as tx:
        stale = _stale(folder)  # another process may have written a state before this one got the lock
        for conversation in stale:
            tx.delete((CHAINS, conversation))
    return stale


def _stale(folder: str) -> list[str]:
    """Return the ids of the conversations whose state files in the folder are too old."""
    try:
        entries = posix.listdir(folder)
    except OSError:
        return []
    limit_s = (clock.now_ms() - LIFETIME_MS) / 1000
    return [name for entry in sorted(entries) if (name := _name(entry)) and _is_older(join(folder, entry), limit_s)]


def _name(entry: str) -> str:
    """Return the conversation id in a file name, or "" if the file cannot be a state of ours."""
    name = document_name(CHAINS, entry) or ""
    try:
        check_name(name)
    except SessionError:
        return ""
    return name


def _is_older(path: str, limit_s: float) -> bool:
    """Return True if `path` is a regular file that was last changed before `limit_s`, in seconds since 1970."""
    try:
        status = posix.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_mtime < limit_s
