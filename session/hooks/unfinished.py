"""PreCompact, and Stop first of all: leave nothing half done behind.

Every step of a workflow was durable when it was acknowledged, so there is nothing to save of it. What may be left is a
commit that a killed process did not carry out in full; readers see through it, but other tools read the files
themselves. The entry protocol's session has its checkpoint: autosave.py.
"""

from session.hooks.glance import TIMEOUT_S, has_entry_state, is_unfinished
from session.root import find_root


def finish(event: str = "", owner: str = "") -> None:
    """Carry out the commit, if there is one; then save what the entry protocol's recovery goes back to."""
    root, _ = find_root()
    if is_unfinished(root):
        from session.store.files import open_store  # cost: hardly ever needed

        with open_store().transaction(TIMEOUT_S, create=False):
            pass
    if owner and has_entry_state(root):
        from session.hooks import auto_checkpoint  # cost: only where that protocol is followed

        auto_checkpoint.save(root, event, owner)
