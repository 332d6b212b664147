"""All sessions as the entries of one JSON array, one file at a time."""

from collections.abc import Iterator

from session.errors import SessionError
from session.store import codec
from session.store.files import FileStore
from session.workflow.state import COLLECTION, parse


def entries(store: FileStore) -> Iterator[tuple[bytes | None, SessionError | None]]:
    """For each session, by workflow, its entry's text; or the reason why there is none to show."""
    for workflow, body, error in store.scan(COLLECTION):
        text = None
        if body is not None:
            try:
                text = entry(workflow, body, store.shown + store.path_of((COLLECTION, workflow)))
            except SessionError as unusable:
                error = unusable
        if text is not None or error is not None:
            yield text, error


def entry(workflow: str, body: bytes, path: str) -> bytes | None:
    """`{"workflow": workflow, ...state}` as it stands in an array, indented by two; None for a `null` state.

    The state is read to be sure of it, but its own text is used where that has the usual layout: writing
    very many sessions anew would cost more than everything else.
    """
    value = parse(body, path, exact=False)
    if value is None:
        return None
    if body.startswith(b'{\n  "') and body.endswith(b"\n}") and b"\r" not in body and "workflow" not in value:
        text = body.decode("utf-8", "replace").encode()
        name = codec.compact(workflow).encode()
        return b'{\n    "workflow": ' + name + b"," + text[1:].replace(b"\n", b"\n  ")
    value.pop("workflow", None)  # the file's name is what the session can be asked for by
    return codec.encode({"workflow": workflow, **value}).replace(b"\n", b"\n  ")
