"""A workflow session's state and its transitions, without files (seed: 002).

    {"started_at": ISO 8601 UTC, "steps": [step, …], "step": str, "context"?: {…}, "updated_at": ISO,
     "history"?: [{"step": str, "at": ISO | null, …}, …], "owner"?: {"id": str, "ended_at"?: ISO}}

`history` runs alongside `steps`, and what `run` adds to its entries is in runs.py; `owner` names the conversation
that wrote last. Unknown fields are kept, and any field may be missing or of another type: files come from other
tools and from hands.
"""

from session.errors import SessionError
from session.store import codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypedDict

    from session.store.files import FileStore

    class HistoryEntry(TypedDict):
        step: str
        at: str | None  # null: the step was added by a tool that keeps no history

    class Owner(TypedDict, total=False):
        id: str
        ended_at: str  # the conversation has ended since

    class Session(TypedDict, total=False):
        """What a well-formed state holds."""

        started_at: str
        steps: list[str]
        step: str
        context: dict[str, Any]
        updated_at: str
        history: list[HistoryEntry]
        owner: Owner

    State = dict[str, Any]  # a Session as far as one can trust a file

COLLECTION = "sessions"


def read(store: "FileStore", workflow: str) -> "State | None":
    """The workflow's state, None where there is none. Bytes that are not UTF-8 read as U+FFFD."""
    key = (COLLECTION, workflow)
    body = store.read(key)
    return None if body is None else parse(body, store.shown_path(key), exact=False)


def parse(body: bytes, path: str, *, exact: bool) -> "State | None":
    """The state in a file's bytes, None for `null`. SessionError names `path` if there is no state in it.

    `exact` refuses invalid UTF-8, as what is about to be rewritten must not lose bytes.
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
    """The state as its file holds it. SessionError names `path` where it is nested too deeply for that."""
    try:
        return codec.encode(state)
    except SessionError as error:
        raise SessionError(f"{path} is {error.message}", error.hint) from None


def parse_context(text: str) -> "dict[str, Any] | None":
    """The context object of a command line, None for an empty text. SessionError for anything else."""
    if not text:
        return None
    try:
        value = codec.decode(text, finite=True)
    except codec.NotJSON:
        wrong = text
    else:
        if isinstance(value, dict):
            return value
        wrong = f"not an object: {text}"
    from session.errors import InvalidContext  # cost: when something is refused

    raise InvalidContext(f"Invalid JSON context: {wrong}") from None


def advance(
    state: "State | None", step: str, context: "dict[str, Any] | None", now: str, owner: str
) -> "tuple[State, list[str]]":
    """The state after entering `step`, and warnings about what had to be mended.

    `step` is appended to `steps` unless it is the last one; `context` is merged one level deep, None leaves
    it as it is; `owner` is written unless empty. `state` itself is left alone.
    """
    warnings: list[str] = []
    new: State = {"started_at": now, "steps": []} if state is None else dict(state)
    if new.get("started_at") is None:
        new.pop("started_at", None)
        new = {"started_at": _oldest_time(new) or now, **new}
    steps, mended = _steps(new)
    if mended:
        warnings.append(mended)
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
    known = new.get("owner")
    if owner and (known is None or (isinstance(known, dict) and isinstance(known.get("id"), str))):
        new["owner"] = {**(known or {}), "id": owner}
        new["owner"].pop("ended_at", None)
    return new, warnings


def _steps(state: "State") -> "tuple[list[Any], str]":
    """The state's steps, rebuilt with a warning where they are missing or no list."""
    steps = state.get("steps")
    if isinstance(steps, list):
        return steps, ""
    rebuilt = [entry["step"] for entry in _entries(state) or ()]
    last = state.get("step")
    if isinstance(last, str) and last and rebuilt[-1:] != [last]:
        rebuilt.append(last)
    was = "missing" if "steps" not in state else "not a list: " + codec.compact(steps)[:200]
    source = "history and step" if _entries(state) else "step"
    return rebuilt, f"steps was {was}; rebuilt from {source} as {codec.compact(rebuilt)}"


def _entries(state: "State") -> "list[HistoryEntry] | None":
    """The state's history, None where it has another shape; empty where there is none."""
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
    """The history padded to the length of `steps`; None where it has another shape and must be left alone."""
    history = _entries(state)
    if history is None or [entry["step"] for entry in history] != steps[: len(history)]:
        return None
    missing = steps[len(history) :]
    if not all(isinstance(step, str) for step in missing):
        return None
    padding: list[HistoryEntry] = [{"step": step, "at": None} for step in missing]
    return history + padding


def _oldest_time(state: "State") -> "str | None":
    from session.host import clock  # cost: for a damaged state only

    texts = [state.get("updated_at"), *(entry.get("at") for entry in _entries(state) or ())]
    known = [(at_ms, text) for text in texts if (at_ms := clock.parse_ms(text)) is not None]
    return min(known)[1] if known else None
