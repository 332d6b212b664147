"""Changing the sessions under way: enter a step, drop, archive."""

from session.errors import Conflict, SessionError
from session.store import codec
from session.workflow import state as states
from session.workflow.state import COLLECTION, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from session.store.files import FileStore
    from session.workflow.state import State


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
    """Enter `step`, durably. The document as it was stored, and warnings.

    `if_step` requires that the session is at that step, `new` that there is none: else Conflict.
    """
    from session.host import clock  # cost: readers need no time

    key = (COLLECTION, workflow)
    with store.transaction(timeout_s, create=if_step is None) as tx:
        body = tx.read(key)
        old = None if body is None else parse(body, store.shown + store.path_of(key), exact=True)
        if new and old is not None:
            raise Conflict(
                f"{workflow} is already under way, {_place(old)}; nothing changed", "resume, save or reset it"
            )
        if if_step is not None and (old is None or old.get("step") != if_step):
            where = "has no session" if old is None else f"is {_place(old)}"
            raise Conflict(f"{workflow} {where}, not at {if_step}; nothing changed")
        state, warnings = states.advance(old, step, context, clock.iso(clock.now_ms()), owner)
        data = codec.encode(state)
        tx.put(key, data)
    return data, warnings


def _place(state: "State") -> str:
    step = state.get("step")
    return f"at {step}" if isinstance(step, str) else "at an unknown step"


def reset(store: "FileStore", workflow: str, *, timeout_s: float) -> bool:
    """Drop the session, whatever its file holds; whether there was one."""
    with store.transaction(timeout_s, create=False) as tx:
        return tx.delete((COLLECTION, workflow))


def save(store: "FileStore", workflow: str, status: str, notes: str, *, timeout_s: float) -> "Archived | None":
    """Archive the session as markdown and drop it, in one commit; None where there is none."""
    from session.host import clock  # cost: as above
    from session.workflow import archive  # cost: slugify; only save needs it

    key = (COLLECTION, workflow)
    with store.transaction(timeout_s, create=False) as tx:
        body = tx.read(key)
        path = store.shown + store.path_of(key)
        state = None if body is None else parse(body, path, exact=True)
        if state is None:
            return None
        try:
            ended_ms = clock.now_ms()
            markdown = archive.render(workflow, state, status, notes, ended_ms)
            stem = archive.stem(workflow, state, ended_ms)
            secrets = archive.secrets(state, notes)
        except SessionError as error:
            raise SessionError(f"{path} {error.message}; nothing changed", error.hint) from None
        number = 1
        while tx.taken(("archives", name := stem if number == 1 else f"{stem}-{number}")):
            number += 1
        tx.put(("archives", name), markdown.encode())
        tx.delete(key)
    return Archived(store.shown + store.path_of(("archives", name)), markdown, secrets)


class Archived:
    """What `save` did: the archive's path as shown, its text, and where it seems to hold secrets."""

    def __init__(self, path: str, markdown: str, secrets: list[str]) -> None:
        self.path = path
        self.markdown = markdown
        self.secrets = secrets
