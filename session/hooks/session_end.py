"""SessionEnd: the conversation's workflows are no longer possibly active elsewhere, but interrupted."""

from session.hooks.glance import TIMEOUT_S, has_sessions
from session.output import tell
from session.root import find_root


def note(owner: str) -> None:
    """Say so in every session that `owner` wrote last."""
    if has_sessions(find_root()[0]):
        from session.store.files import open_store  # cost: only where there are sessions
        from session.workflow.conversation_end import end

        end(open_store(), owner, timeout_s=TIMEOUT_S)


def take_back(owner: str) -> None:
    """Take that back, as the conversation goes on; what can't be is told, and stays."""
    from session.errors import SessionError  # cost: as above
    from session.store.files import open_store
    from session.workflow.conversation_end import go_on

    try:
        go_on(open_store(), owner, timeout_s=TIMEOUT_S)
    except SessionError as error:
        tell(str(error))
