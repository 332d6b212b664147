"""Save the entry protocol's auto-checkpoint at the events PreCompact and Stop.

At Stop, a checkpoint younger than five minutes is enough. Each PreCompact counts as a compression in the metrics of the
entry session. Some constants are copies, so that hooks import less: tests/hooks/test_auto_checkpoint.py holds them
equal to the originals.
"""

from session._posix import join, posix
from session.hooks.glance import TIMEOUT_S

_CHECKPOINT = (".claude", "progress", "checkpoint.json")
_INTERVAL_MS = 300_000


def save(root: str, event: str, owner: str) -> None:
    """Save an auto-checkpoint, if one is due and the entry session belongs to the conversation `owner`."""
    is_compaction = event == "PreCompact"
    if not (is_compaction or _is_due(root)):
        return
    from session.entry import auto_checkpoint, documents  # cost: only once in five minutes
    from session.host.project_store import open_store

    store = open_store()
    state = documents.read(store, documents.STATE) or {}
    if state.get("dirty") is True and state.get("owner", owner) == owner:
        auto_checkpoint.save(store, timeout_s=TIMEOUT_S, count="compressions" if is_compaction else "")


def _is_due(root: str) -> bool:
    """Return True if the checkpoint's file is missing or older than five minutes, without reading it."""
    from session.host import clock  # cost: only where the entry protocol is in use

    try:
        written_ms = posix.stat(join(root, *_CHECKPOINT)).st_mtime_ns // 1_000_000
    except OSError:
        return True
    return not 0 <= clock.now_ms() - written_ms < _INTERVAL_MS
