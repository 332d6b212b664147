"""The store of conversations' documents: the project's, or the folder that $WORKFLOW_SESSION_CONVERSATIONS names."""

import os

from session.errors import SessionError
from session.host.project_store import check_named, open_store, store_at
from session.store.files import FileStore
from session.store.paths import CONVERSATIONS

COLLECTION = "conversations"
BACKUPS = "conversation_backups"


def conversation_store() -> FileStore:
    """Return the store that holds the documents; raise SessionError if the folder in the environment is a file."""
    named_folder = os.environ.get("WORKFLOW_SESSION_CONVERSATIONS")
    if not named_folder or os.environ.get("WORKFLOW_SESSION_STORE"):
        return open_store()
    path = os.path.abspath(named_folder)
    check_named(path, "WORKFLOW_SESSION_CONVERSATIONS")
    missing: list[str] = []  # the missing folders of the path, to be made with the first document
    while not os.path.lexists(path) and path != os.path.dirname(path):
        path, name = os.path.split(path)
        missing.insert(0, name)
    if not os.path.isdir(path):
        message = f"WORKFLOW_SESSION_CONVERSATIONS is not a folder: {named_folder}"
        raise SessionError(message, "name another one, or unset it")
    return store_at(path, place=CONVERSATIONS, below=tuple(missing))
