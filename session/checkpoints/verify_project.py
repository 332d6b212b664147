"""Whether the project's state can be relied on, check by check (seed: 000, session_manager verify)."""

from session.checkpoints import document, ids
from session.errors import SessionError
from session.project import state as states
from session.project import state_checks
from session.project.location import KEY
from session.project.state_checks import Check
from session.project.work_session_store import LOGS
from session.store import codec
from session.store.files import FileStore
from session.text.untrusted import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.project.state import State

CHECKPOINTS = "checkpoints"
_UNREAD = "the state can't be read"


def checks(store: FileStore) -> list[Check]:
    """Every check, made on what is there now."""
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
    found = []
    history = state.get("history")
    for entry in history if isinstance(history, list) else ():
        named = entry.get("logFile") if isinstance(entry, dict) else None
        if isinstance(named, str) and named:
            reason = _wrong_log(store, named)
            if reason:
                found.append(f"{one_line(named, 80)} {reason}")
    return found


def _wrong_log(store: FileStore, named: str) -> str:
    """Why the log that `history` names can't be used, empty if it can. Whatever folder it names, which may be where
    the state was before: logs are in one place."""
    name = named.replace("\\", "/").rpartition("/")[2].removesuffix(".json")
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
    """What is wrong with the newest checkpoint that a restore would look at; nothing where there is none."""
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
                    if checkpoint.before_restore_of:  # what a restore replaced, broken as it may have been
                        continue
            place = ids.order(name, created)
            if newest is None or place > newest[0]:
                newest = (place, name, reasons)
    except SessionError as error:
        return [error.message]
    return [f"{one_line(newest[1], 80)}: {reason}" for reason in newest[2]] if newest else []
