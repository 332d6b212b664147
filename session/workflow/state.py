"""The state of a workflow session and its transitions. Described in docs/formats.md.

    {"started_at": ISO 8601 UTC, "steps": [step, …], "step": str, "context"?: {…}, "updated_at": ISO,
     "history"?: [{"step": str, "at": ISO | null, …}, …], "owner"?: {"id": str, "ended_at"?: ISO}}

`history` has one entry for each of `steps`; run_history.py describes the fields that `session run` adds. `owner` names
the conversation that wrote last. Unknown fields are kept. Any field may be missing or have another type, because other
tools and people write these files too.
"""

from session.errors import SessionError
from session.store import codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypedDict

    from session.store.files import FileStore

    class HistoryEntry(TypedDict):
        """A step and the time when it was entered."""

        step: str
        at: str | None  # null: a tool that keeps no history added the step

    class Owner(TypedDict, total=False):
        """The conversation that wrote the session last."""

        id: str
        ended_at: str  # when that conversation ended

    class Session(TypedDict, total=False):
        """A well-formed state."""

        started_at: str
        steps: list[str]
        step: str
        context: dict[str, Any]
        updated_at: str
        history: list[HistoryEntry]
        owner: Owner

    State = dict[str, Any]  # a Session, but any field of a file may be missing or have another type

COLLECTION = "sessions"


def read(store: "FileStore", workflow: str) -> "State | None":
    """Return the workflow's state, or None if there is none. Bytes that are not UTF-8 become U+FFFD."""
    key = (COLLECTION, workflow)
    body = store.read(key)
    return None if body is None else parse(body, store.shown_path(key), exact=False)


def parse(body: bytes, path: str, *, exact: bool) -> "State | None":
    """Return the state in a file's bytes, or None for `null`; raise SessionError, naming `path`, if there is none.

    `exact` refuses bytes that are not UTF-8. Callers that write the file again must set it, lest they lose bytes.
    """
    try:
        value = codec.decode_bytes(body, exact=exact)
    except codec.NotJSON as error:
        raise SessionError(f"{path} is not valid JSON: {error}", "mend it, or remove it with session-reset") from None
    if value is None or isinstance(value, dict):
        return value
    kind = "an array" if isinstance(value, list) else "a bare value"
    raise SessionError(f"{path} is not a session: it holds {kind}", "mend it, or remove it with session-reset")


def text(state: "State | None", path: str) -> bytes:
    """Return the bytes of the state's file; raise SessionError, naming `path`, if it is nested too deeply."""
    try:
        return codec.encode(state)
    except SessionError as error:
        raise SessionError(f"{path} is {error.message}", error.hint) from None


def parse_context(text: str) -> "dict[str, Any] | None":
    """Return the context object in a command-line argument, None if it is empty; raise InvalidContext if invalid."""
    if not text:
        return None
    try:
        value = codec.decode(text, finite=True)
    except codec.NotJSON:
        problem = text
    else:
        if isinstance(value, dict):
            return value
        problem = f"not an object: {text}"
    from session.errors import InvalidContext  # cost: only when something is refused

    raise InvalidContext(f"Invalid JSON context: {problem}") from None


def advance(
    state: "State | None", step: str, context: "dict[str, Any] | None", now: str, owner: str
) -> "tuple[State, list[str]]":
    """Return the state after `step` is entered, and warnings about fields that had to be repaired.

    `step` is appended to `steps` unless it is the last of them. `context` is merged one level deep; None changes
    nothing. `owner` is written unless it is "". The given `state` is not modified.
    """
    warnings: list[str] = []
    new: State = {"started_at": now, "steps": []} if state is None else dict(state)
    if new.get("started_at") is None:
        new.pop("started_at", None)
        new = {"started_at": _oldest_time(new) or now, **new}
    steps, warning = _steps(new)
    if warning:
        warnings.append(warning)
    times = _times(new, steps)
    if not steps or steps[-1] != step:
        steps = [*steps, step]
        if times is not None:
            times = [*times, {"step": step, "at": now}]
    new["steps"] = steps
    new["step"] = step
    if context is not None:
        old = new.get("context")
        if old is not None and not isinstance(old, dict):
            raise SessionError("has a context that is not an object", "mend it, or drop it with session-reset")
        new["context"] = {**(old or {}), **context}
    new["updated_at"] = now
    if times is not None:
        new["history"] = times
    writer = new.get("owner")
    if owner and (writer is None or (isinstance(writer, dict) and isinstance(writer.get("id"), str))):
        new["owner"] = {**(writer or {}), "id": owner}
        new["owner"].pop("ended_at", None)
    return new, warnings


def _steps(state: "State") -> "tuple[list[Any], str]":
    """Return the state's steps and "". If they are no list, return steps rebuilt from other fields, and a warning."""
    steps = state.get("steps")
    if isinstance(steps, list):
        return steps, ""
    rebuilt = [entry["step"] for entry in _entries(state) or ()]
    last = state.get("step")
    if isinstance(last, str) and last and rebuilt[-1:] != [last]:
        rebuilt.append(last)
    problem = "missing" if "steps" not in state else "not a list: " + codec.compact(steps)[:200]
    source = "history and step" if _entries(state) else "step"
    return rebuilt, f"steps was {problem}; rebuilt from {source} as {codec.compact(rebuilt)}"


def _entries(state: "State") -> "list[HistoryEntry] | None":
    """Return the state's history, [] if there is none, or None if it has an unexpected shape."""
    history = state.get("history", [])
    if not isinstance(history, list):
        return None
    for entry in history:
        if not (isinstance(entry, dict) and isinstance(entry.get("step"), str)):
            return None
        if not (entry.get("at") is None or isinstance(entry["at"], str)):
            return None
    return history


def _times(state: "State", steps: "list[Any]") -> "list[HistoryEntry] | None":
    """Return the history padded to the length of `steps`, or None if it does not match `steps`."""
    history = _entries(state)
    if history is None or [entry["step"] for entry in history] != steps[: len(history)]:
        return None
    missing = steps[len(history) :]
    if not all(isinstance(step, str) for step in missing):
        return None
    padding: list[HistoryEntry] = [{"step": step, "at": None} for step in missing]
    return history + padding


def _oldest_time(state: "State") -> "str | None":
    """Return the earliest time in `updated_at` and the history, or None if there is none."""
    from session.host import clock  # cost: only if `started_at` is missing

    texts = [state.get("updated_at"), *(entry.get("at") for entry in _entries(state) or ())]
    times = [(at_ms, text) for text in texts if (at_ms := clock.parse_ms(text)) is not None]
    return min(times)[1] if times else None
