"""PreCompact and Stop, where the entry protocol's session is under way: its auto-save checkpoint.

One that is younger than five minutes will do. A compaction is counted in the session's metrics.
"""

from session._posix import join, posix
from session.hooks.glance import TIMEOUT_S

_CHECKPOINT = (".claude", "progress", "checkpoint.json")


def save(root: str, event: str, owner: str) -> None:
    """Save one for the conversation `owner`, if it is due; nothing where another one's session is under way."""
    compacted = event == "PreCompact"
    if not (compacted or _is_due(root)):
        return
    from session.entry import auto_checkpoint, documents  # cost: once in five minutes
    from session.store.files import open_store

    store = open_store()
    state = documents.read(store, documents.STATE) or {}
    if state.get("dirty") is True and state.get("owner", owner) == owner:
        auto_checkpoint.save(store, timeout_s=TIMEOUT_S, count="compressions" if compacted else "")


def _is_due(root: str) -> bool:
    """Whether the checkpoint's file is old enough, at a glance: this is asked whenever the agent stops."""
    from session.host import clock  # cost: as above

    try:
        written_ms = posix.stat(join(root, *_CHECKPOINT)).st_mtime_ns // 1_000_000
    except OSError:
        return True
    return not 0 <= clock.now_ms() - written_ms < 300_000
