"""Archive a workflow session as markdown, and delete it, in one commit.

The archive is rendered before the lock is taken: a large session takes seconds, and other commands wait for the lock.
"""

from typing import NamedTuple

from session.errors import SessionError
from session.host import clock
from session.store import prepared
from session.store.disk import MAX_BYTES
from session.store.files import FileStore
from session.store.free_name import free_key
from session.store.transaction import Transaction
from session.workflow import archive_render
from session.workflow.state import COLLECTION, parse

ARCHIVES = "archives"
_DAY = len("2026-01-29")


class Draft(NamedTuple):
    """An archive that is not written yet: its text, its file's name, and the places that look like secrets.

    `body` is the session that it was made from. The time of the end is still open, and the day in `stem` is wrong: the
    session ends at the commit, and `checkpoint restore` compares that time with the time of a checkpoint.
    """

    body: bytes
    rendering: archive_render.Rendering
    stem: str
    secrets: list[str]


class SaveResult(NamedTuple):
    """The archive that `save` wrote: its path in messages, its text, and the places that look like secrets."""

    path: str
    markdown: str
    secrets: list[str]


def draft(store: FileStore, workflow: str, body: bytes | None, status: str, notes: str) -> Draft | None:
    """Return the archive of the session in `body`, or None if there is no session. SessionError if it is unusable."""
    path = store.shown_path((COLLECTION, workflow))
    state = None if body is None else parse(body, path, exact=True)
    if body is None or state is None:
        return None
    try:
        rendering = archive_render.Rendering(workflow, state, status, notes)
        stem = archive_render.stem(workflow, state, 0)
        return Draft(body, rendering, stem, archive_render.secrets(state, notes))
    except SessionError as error:
        raise SessionError(f"{path} {error.message}; nothing changed", error.hint) from None


def first_draft(store: FileStore, workflow: str, status: str, notes: str) -> Draft | None:
    """Return the archive of the session as it is now, or None if `save` would find none or refuse it. Takes no lock."""
    try:
        return draft(store, workflow, store.read((COLLECTION, workflow)), status, notes)
    except SessionError:
        return None


def save(
    store: FileStore, workflow: str, status: str, notes: str, *, first: Draft | None, timeout_s: float
) -> SaveResult | None:
    """Archive the session and delete it, in one commit; return the archive, or None if there is no session.

    `first` is what `first_draft` returned: if the session did not change since, it is not rendered again.
    """
    key = (COLLECTION, workflow)

    def prepare(body: bytes | None) -> Draft | None:
        if first is not None and first.body == body:
            return first
        return draft(store, workflow, body, status, notes)

    def commit(tx: Transaction, ready: Draft | None) -> SaveResult | None:
        if ready is None:
            return None
        ended_ms = clock.now_ms()
        day = clock.iso(ended_ms)[:_DAY]
        markdown = ready.rendering.markdown(ended_ms)
        archive_key = free_key(tx, ARCHIVES, day + ready.stem[_DAY:])
        tx.put(archive_key, markdown.encode())
        tx.delete(key)
        return SaveResult(store.shown_path(archive_key), markdown, ready.secrets)

    return prepared.change(store, key, prepare, commit, timeout_s=timeout_s, most_locked_bytes=MAX_BYTES)
