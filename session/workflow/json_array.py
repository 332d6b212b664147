"""All sessions as the entries of one JSON array, one file at a time."""

from session.errors import SessionError
from session.store import codec
from session.store.files import FileStore
from session.workflow.state import COLLECTION, parse, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def entries(store: FileStore) -> "Iterator[tuple[bytes | None, SessionError | None]]":
    """For each session, by workflow, its entry's text; or the reason why there is none to show."""
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
    """`{"workflow": workflow, ...state}` as it stands in an array, indented by two; None for a `null` state.

    A state in the usual layout is read to be sure of it, but shown in its own text: writing very many sessions
    anew would cost more than everything else.
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
    state.pop("workflow", None)  # the file's name is what the session can be asked for by
    return text({"workflow": workflow, **state}, path).replace(b"\n", b"\n  ")
