"""The store of conversations' documents: the project's, or the folder that $WORKFLOW_SESSION_CONVERSATIONS names."""

import os

from session.errors import SessionError
from session.store.files import FileStore, open_store

COLLECTION = "conversations"
BACKUPS = "conversation_backups"


class ConversationFolder(FileStore):
    """A store that holds conversations only: each conversation's folder is directly in the store's folder."""

    def parts(self, collection: str) -> tuple[str, ...]:
        """Return the store's own folder for every collection."""
        return self.state


def conversation_store() -> FileStore:
    """Return the store that holds the documents; raise SessionError if the folder in the environment is a file."""
    named_folder = os.environ.get("WORKFLOW_SESSION_CONVERSATIONS")
    if not named_folder or os.environ.get("WORKFLOW_SESSION_STORE"):
        return open_store()
    path = os.path.abspath(named_folder)
    missing: list[str] = []  # the missing folders of the path, to be made with the first document
    while not os.path.lexists(path) and path != os.path.dirname(path):
        path, name = os.path.split(path)
        missing.insert(0, name)
    if not os.path.isdir(path):
        message = f"WORKFLOW_SESSION_CONVERSATIONS is not a folder: {named_folder}"
        raise SessionError(message, "name another one, or unset it")
    return ConversationFolder(path, is_bare=True, below=tuple(missing))
