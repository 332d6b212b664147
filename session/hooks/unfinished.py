"""Answer PreCompact, and begin Stop: finish the commit of a killed process, and save the auto-checkpoint.

Workflow sessions need no saving here: every step was durable before its command ended. But a killed process can leave
a journal whose commit is not carried out. Our readers use the journal; other tools read the files and need the commit.
"""

from session.errors import SessionError
from session.hooks.glance import TIMEOUT_S, has_entry_state, is_unfinished
from session.root import find_root
from session.store.paths import PLACES


def finish(event: str = "", owner: str = "") -> None:
    """Carry out a commit that a killed process left; then save the entry protocol's auto-checkpoint, if one is due."""
    root, _ = find_root()
    first_error = None
    for place in PLACES:
        if is_unfinished(root, place):
            from session.host.project_store import open_store  # cost: only after a process was killed

            try:
                with open_store().transaction(TIMEOUT_S, create=False, place=place):
                    pass
            except SessionError as error:  # the other places must not wait for this one
                first_error = first_error or error
    if owner and has_entry_state(root):
        from session.hooks import auto_checkpoint  # cost: only where the entry protocol is in use

        auto_checkpoint.save(root, event, owner)
    if first_error is not None:
        raise first_error
