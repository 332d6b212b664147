"""Answer SessionEnd: record in the conversation's workflow sessions that it has ended, so that they are interrupted."""

from session.hooks.glance import TIMEOUT_S, has_sessions
from session.output import tell
from session.root import find_root


def note(owner: str) -> None:
    """Record the conversation's end in every workflow session that `owner` wrote last."""
    if has_sessions(find_root()[0]):
        from session.host.project_store import open_store  # cost: only where there are sessions
        from session.workflow.conversation_end import end

        end(open_store(), owner, timeout_s=TIMEOUT_S)


def take_back(owner: str) -> None:
    """Remove the record of the conversation's end, because it goes on; print an error to stderr if that fails."""
    from session.errors import SessionError  # cost: only where there are sessions
    from session.host.project_store import open_store
    from session.workflow.conversation_end import go_on

    try:
        go_on(open_store(), owner, timeout_s=TIMEOUT_S)
    except SessionError as error:
        tell(str(error))
