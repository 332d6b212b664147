"""Read a JSON object from a file's bytes. Every document that is an object is read here, with one exception.

`workflow/state.py` has its own reader, because it is on the hot path and a session may also be `null`.
"""

from session.errors import SessionError
from session.store import codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def parse_object(
    body: bytes,
    path: str,
    *,
    hint: str = "mend it",
    error: type[SessionError] = SessionError,
    expected: str = "a JSON object",
    exact: bool = True,
) -> "dict[str, Any]":
    """Return the JSON object in `body`. If there is none, raise `error`, which names `path` and gives `hint`.

    `expected` names what the file should hold. `exact` refuses bytes that are not UTF-8.
    """
    try:
        value = codec.decode_bytes(body, exact=exact)
    except codec.NotJSON as reason:
        raise error(f"{path} is not valid JSON: {reason}", hint) from None
    if isinstance(value, dict):
        return value
    raise error(f"{path} is not {expected}: it holds {kind_of(value)}", hint)


def object_or_none(body: bytes | None, *, exact: bool = True) -> "dict[str, Any] | None":
    """Return the JSON object in `body`, or None if there is none."""
    if body is None:
        return None
    try:
        value = codec.decode_bytes(body, exact=exact)
    except codec.NotJSON:
        return None
    return value if isinstance(value, dict) else None


def kind_of(value: object) -> str:
    """Return the kind of a JSON value in words: `null`, `an array`, `an object`, `a bare value`."""
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "an object"
    return "an array" if isinstance(value, list) else "a bare value"
