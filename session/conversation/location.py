"""Where conversations' documents are: in `ia/state`, or in a folder that $WORKFLOW_SESSION_CONVERSATIONS names."""

import os

from session.errors import SessionError
from session.store.files import FileStore, open_store

COLLECTION = "conversations"
BACKUPS = "conversation_backups"


class ConversationFolder(FileStore):
    """A folder that is nothing but conversations: each has its folder right in it."""

    def parts(self, collection: str) -> tuple[str, ...]:
        """The folder itself, for every collection."""
        return self.state


def conversation_store() -> FileStore:
    """The store that holds the documents. SessionError where there can be none."""
    named = os.environ.get("WORKFLOW_SESSION_CONVERSATIONS")
    if not named or os.environ.get("WORKFLOW_SESSION_STORE"):
        return open_store()
    path = os.path.abspath(named)
    missing: list[str] = []  # below the nearest folder there is: made by the first document, as durably as that
    while not os.path.lexists(path) and path != os.path.dirname(path):
        path, name = os.path.split(path)
        missing.insert(0, name)
    if not os.path.isdir(path):
        raise SessionError(f"WORKFLOW_SESSION_CONVERSATIONS is not a folder: {named}", "name another one, or unset it")
    return ConversationFolder(path, is_bare=True, below=tuple(missing))
