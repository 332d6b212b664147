"""Where the project's state is: in `ia/state`, or in a folder of its own that $PRISM_ROOT names (seed: 000)."""

import os

from session.errors import SessionError
from session.store.files import FileStore, open_store

KEY = ("project", "CURRENT_STATE")
CONTEXT = ("contexts", "SESSION_CONTEXT")
EVENTS = ("events", "events")


def project_store() -> FileStore:
    """The store that holds the project's state. SessionError where there can be none."""
    named = os.environ.get("PRISM_ROOT")
    if not named:
        return open_store()
    if os.environ.get("WORKFLOW_SESSION_STORE"):
        return open_store()  # which says what is to be said of that
    root = os.path.abspath(named)
    if not os.path.isdir(root):
        raise SessionError(f"PRISM_ROOT is not a folder: {named}", "create it, or unset PRISM_ROOT")
    return FileStore(root, is_bare=True)
