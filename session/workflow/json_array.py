"""Write all workflow sessions as entries of one JSON array, reading one file at a time."""

from session.errors import SessionError
from session.store import codec
from session.store.files import FileStore
from session.workflow.state import COLLECTION, parse, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def entries(store: FileStore) -> "Iterator[tuple[bytes | None, SessionError | None]]":
    """Yield the text of each session's array entry, or the error if its file is unusable, in order of workflow."""
    for workflow, body, error in store.scan(COLLECTION):
        text = None
        if body is not None:
            try:
                text = entry(store, workflow, body)
            except SessionError as unusable:
                error = unusable
        if text is not None or error is not None:
            yield text, error


def entry(store: FileStore, workflow: str, body: bytes) -> bytes | None:
    """Return `{"workflow": workflow, ...state}` indented by two spaces, for use in an array; None for a `null` state.

    A file in the usual layout is parsed to check it, but its own text is returned. Encoding very many sessions again
    would take longer than all other work.
    """
    try:
        value = codec.decode_bytes(body, exact=True)
    except codec.NotJSON:
        value = None
    usual = body.startswith(b'{\n  "') and body.endswith(b"\n}") and b"\r" not in body
    if usual and isinstance(value, dict) and "workflow" not in value:
        name = codec.quote(workflow).encode()
        return b'{\n    "workflow": ' + name + b"," + body[1:].replace(b"\n", b"\n  ")
    path = store.shown_path((COLLECTION, workflow))
    state = parse(body, path, exact=False)
    if state is None:
        return None
    state.pop("workflow", None)  # commands find a session by its file's name, so that is the workflow
    return text({"workflow": workflow, **state}, path).replace(b"\n", b"\n  ")
