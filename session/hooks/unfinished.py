"""PreCompact and Stop: leave nothing half done behind.

Every step was durable when it was acknowledged, so there is nothing to save. What may be left is a commit that a
killed process did not carry out in full; readers see through it, but other tools read the files themselves.
"""

from session.hooks.project import TIMEOUT_S, is_unfinished
from session.root import find_root


def finish() -> None:
    """Carry out the commit, if there is one."""
    if is_unfinished(find_root()[0]):
        from session.store.files import open_store  # cost: hardly ever needed

        with open_store().transaction(TIMEOUT_S, create=False):
            pass
