"""The place of the project's state: in `ia/state`, or directly in the folder that $PRISM_ROOT names."""

import os

from session.errors import SessionError
from session.host.project_store import check_named, open_store, store_at
from session.root import STATE
from session.store.files import FileStore

KEY = ("project", "CURRENT_STATE")
CONTEXT = ("contexts", "SESSION_CONTEXT")
EVENTS = ("events", "events")


def project_store() -> FileStore:
    """Return the store that holds the project's state. SessionError if $PRISM_ROOT is not a folder."""
    named = os.environ.get("PRISM_ROOT")
    if not named or os.environ.get("WORKFLOW_SESSION_STORE"):  # open_store raises the error for WORKFLOW_SESSION_STORE
        return open_store()
    root = os.path.abspath(named)
    if not os.path.isdir(root):
        raise SessionError(f"PRISM_ROOT is not a folder: {named}", "create it, or unset PRISM_ROOT")
    check_named(root, "PRISM_ROOT")
    return store_at(root, place=STATE)
