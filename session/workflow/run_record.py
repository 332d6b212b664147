"""Record a run of `session run`: one commit before its command starts, one after it ends, no lock in between."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from session.errors import Conflict, SessionError
from session.host import clock
from session.text.untrusted import one_line
from session.workflow import run_history
from session.workflow import state as states
from session.workflow.state import COLLECTION, parse

if TYPE_CHECKING:
    from session.store.files import FileStore


class RunStart:
    """The result of `begin`.

    `began_at` identifies the run, `warnings` are for the user, and `unknown` is the latest earlier run of this step
    that has no recorded result, or None.
    """

    def __init__(self, began_at: str, warnings: list[str], unknown: run_history.Run | None) -> None:
        self.began_at = began_at
        self.warnings = warnings
        self.unknown = unknown


def begin(
    store: "FileStore",
    workflow: str,
    step: str,
    context: dict[str, Any] | None,
    words: Sequence[str],
    *,
    timeout_s: float,
    owner: str = "",
    once: bool = False,
) -> RunStart:
    """Enter `step` and record that the command `words` begins, in one commit; return the start of the run.

    With `once`, raise Conflict if a run of this step in this session already ended with exit code 0.
    """
    key = (COLLECTION, workflow)
    path = store.shown_path(key)
    command = run_history.command_text(words)  # before the lock is taken: this can take long
    with store.transaction(timeout_s) as tx:
        body = tx.read(key)
        old = None if body is None else parse(body, path, exact=True)
        earlier = [run for run in run_history.runs(old or {}) if run.step == step]
        now_ms = clock.now_ms()
        if once:
            _require_no_success(earlier, now_ms)
        try:
            state, warnings = states.advance(old, step, context, clock.iso(now_ms), owner)
            state, began_at = run_history.begin(state, command, now_ms)
        except SessionError as error:
            raise SessionError(f"{path} {error.message}; nothing changed", error.hint) from None
        tx.put(key, states.text(state, path))
    return RunStart(began_at, warnings, next((run for run in reversed(earlier) if run.unknown), None))


def finish(
    store: "FileStore",
    workflow: str,
    step: str,
    began_at: str,
    code: int,
    output: str,
    *,
    timeout_s: float,
    owner: str = "",
) -> None:
    """Record the result of the run of `step` that began at `began_at`.

    SessionError if the session is gone or no longer has this run.
    """
    key = (COLLECTION, workflow)
    path = store.shown_path(key)
    with store.transaction(timeout_s, create=False) as tx:
        body = tx.read(key)
        old = None if body is None else parse(body, path, exact=True)
        if old is None:
            raise SessionError(f"{workflow} has no session any more")
        now = clock.iso(clock.now_ms())
        state = run_history.finish(old, step, began_at, done_at=now, code=code, output=output)
        if state is None:
            raise SessionError(f"{path} is of another session by now")
        state["updated_at"] = now
        # write the owner only if it is still this conversation: another one may have taken the session over
        writer = state.get("owner")
        if owner and isinstance(writer, dict) and writer.get("id") == owner:
            state["owner"] = {field: value for field, value in writer.items() if field != "ended_at"}
        tx.put(key, states.text(state, path))


def _require_no_success(earlier: Sequence[run_history.Run], now_ms: int) -> None:
    success = next((run for run in reversed(earlier) if run.exit == 0), None)
    if success is not None:
        when = f" {run_history.ago(success.done_at, now_ms)}" if success.done_at else ""
        message = f"{one_line(success.step)} already ended with exit 0{when}; nothing was run"
        raise Conflict(message, run_history.last_line(success.output))
