"""Change workflow sessions: enter a step, or drop the session. archive_save.py archives one."""

from session._posix import variable
from session.errors import SessionError
from session.store import files
from session.workflow import state as states
from session.workflow.state import COLLECTION, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from session.store.files import FileStore
    from session.workflow.state import State


def open_store() -> "FileStore":
    """Return the store of the root, as host/project_store.py does: that module would cost `set` 0.5 % of its start."""
    return files.open_store(_journal_origin)


def _journal_origin(folder: str, name: str) -> str:
    from session.host.git.journal_origin import journal_origin  # cost: only for an unfinished commit

    return journal_origin(folder, name)


def advance(
    store: "FileStore",
    workflow: str,
    step: str,
    context: "dict[str, Any] | None",
    *,
    timeout_s: float,
    owner: str = "",
    if_step: str | None = None,
    new: bool = False,
) -> tuple[bytes, list[str]]:
    """Enter `step` and commit; return the stored document and warnings.

    Raise Conflict if `if_step` is set and the session is at another step, or if `new` is set and a session exists.
    """
    from session.host import clock  # cost: only for writers

    key = (COLLECTION, workflow)
    path = store.shown_path(key)
    with store.transaction(timeout_s, create=if_step is None) as tx:
        body = tx.read(key)
        old = None if body is None else parse(body, path, exact=True)
        _require(workflow, old, if_step, new)
        try:
            state, warnings = states.advance(old, step, context, clock.iso(clock.now_ms()), owner)
        except SessionError as error:
            raise SessionError(f"{path} {error.message}; nothing changed", error.hint) from None
        data = states.text(state, path)
        tx.put(key, data)
    return data, warnings


def owner(notices: list[str]) -> str:
    """Return the id of the writing conversation from $WORKFLOW_SESSION_OWNER, or "" if it is not set.

    Ignore an invalid id, and add a warning about it to `notices`.
    """
    identity = variable("WORKFLOW_SESSION_OWNER")
    if len(identity) > 512 or not (identity.isascii() and identity.isprintable()):
        notices.append("warning: WORKFLOW_SESSION_OWNER is not printable ASCII of at most 512 characters: ignored")
        return ""
    return identity


def _require(workflow: str, old: "State | None", if_step: str | None, new: bool) -> None:
    if new and old is not None:
        message, hint = f"{workflow} is already under way, {_place(old)}; nothing changed", "resume, save or reset it"
    elif if_step is None or (old is not None and old.get("step") == if_step):
        return
    else:
        from session.text.untrusted import one_line  # cost: only when something is refused

        where = "has no session, so it is not" if old is None else f"is {_place(old)}, not"
        message, hint = f"{workflow} {where} at {one_line(if_step)}; nothing changed", ""
    from session.errors import Conflict  # cost: only when something is refused

    raise Conflict(message, hint)


def _place(state: "State") -> str:
    from session.text.untrusted import one_line  # cost: only when something is refused

    step = state.get("step")
    return f"at {one_line(step)}" if isinstance(step, str) else "at an unknown step"


def reset(store: "FileStore", workflow: str, *, timeout_s: float) -> bool:
    """Delete the session, even if its file is malformed; return True if there was one."""
    with store.transaction(timeout_s, create=False) as tx:
        return tx.delete((COLLECTION, workflow))
