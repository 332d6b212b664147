"""Check the project's state for `session_manager verify`."""

from session.checkpoints import document, ids
from session.errors import SessionError
from session.project import state as states
from session.project import state_checks
from session.project.location import KEY
from session.project.state_checks import Check
from session.project.work_session_store import LOGS
from session.store import codec
from session.store.files import FileStore
from session.text.typed import as_object, list_at, text_at
from session.text.untrusted import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.project.state import State

CHECKPOINTS = "checkpoints"
_UNREAD = "the state can't be read"


def checks(store: FileStore) -> list[Check]:
    """Run all checks on the current documents; return them with the reasons of failures."""
    path = store.shown_path(KEY)
    absent, unusable, state = [f"{path} is not there"], [_UNREAD], None
    try:
        body = store.read(KEY)
        if body is not None:
            absent, unusable = [], []
            state = states.parse(body, path)
    except SessionError as error:
        absent, unusable = [], [error.message]
    return [
        Check("STATE_FILE_EXISTS", absent),
        Check("STATE_IS_JSON", unusable),
        Check("STATE_SHAPE", [_UNREAD] if state is None else state_checks.wrong_types(state)),
        Check("DATES", [_UNREAD] if state is None else state_checks.wrong_times(state)),
        Check("SESSION_LOGS", [_UNREAD] if state is None else _wrong_logs(store, state)),
        Check("NEWEST_CHECKPOINT", _wrong_checkpoint(store)),
    ]


def _wrong_logs(store: FileStore, state: "State") -> list[str]:
    reasons = []
    for entry in list_at(state, "history"):
        path = text_at(as_object(entry), "logFile")
        reason = _wrong_log(store, path) if path else ""
        if reason:
            reasons.append(f"{one_line(path, 80)} {reason}")
    return reasons


def _wrong_log(store: FileStore, path: str) -> str:
    """Return the reason why the log at `path` is unusable, or "" if it is usable.

    Only the file name in `path` counts: the history may name a folder where the state was before.
    """
    name = path.replace("\\", "/").rpartition("/")[2].removesuffix(".json")
    try:
        body = store.read((LOGS, name))
    except SessionError as error:
        return f"can't be read: {one_line(error.message)}"
    if body is None:
        return "is not there"
    try:
        value = codec.decode_bytes(body, exact=True)
    except codec.NotJSON as error:
        return f"is not valid JSON: {error}"
    return "" if isinstance(value, dict) else "holds no log"


def _wrong_checkpoint(store: FileStore) -> list[str]:
    """Return the problems of the newest checkpoint, or []. Checkpoints that restores made do not count."""
    newest: tuple[tuple[str, int, str], str, list[str]] | None = None
    try:
        for name, body, error in store.scan(CHECKPOINTS):
            created, reasons = "", [error.message if error else "can't be read"]
            if body is not None:
                try:
                    checkpoint = document.parse(body)
                except SessionError as unusable:
                    reasons = [unusable.message]
                else:
                    created, reasons = checkpoint.created, checkpoint.problems
                    # a restore made it from the documents that it replaced: they may be broken
                    if checkpoint.before_restore_of:
                        continue
            place = ids.order(name, created)
            if newest is None or place > newest[0]:
                newest = (place, name, reasons)
    except SessionError as error:
        return [error.message]
    return [f"{one_line(newest[1], 80)}: {reason}" for reason in newest[2]] if newest else []
