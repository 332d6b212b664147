"""A step with a command: its beginning recorded before, its result after, with no lock held meanwhile."""

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


class Begun:
    """A run that is noted as begun, warnings, and the latest run of this step before it that has no result."""

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
) -> Begun:
    """Enter `step`, and note that the command `words` begins, in one commit.

    `once` requires that no run of this step, in this session, ended with exit code 0: else Conflict.
    """
    key = (COLLECTION, workflow)
    path = store.shown_path(key)
    command = run_history.command_text(words)  # which may be long, so not under the lock
    with store.transaction(timeout_s) as tx:
        body = tx.read(key)
        old = None if body is None else parse(body, path, exact=True)
        before = [run for run in run_history.runs(old or {}) if run.step == step]
        now_ms = clock.now_ms()
        if once:
            _require_not_done(before, now_ms)
        try:
            state, warnings = states.advance(old, step, context, clock.iso(now_ms), owner)
            state, began_at = run_history.begin(state, command, now_ms)
        except SessionError as error:
            raise SessionError(f"{path} {error.message}; nothing changed", error.hint) from None
        tx.put(key, states.text(state, path))
    return Begun(began_at, warnings, next((run for run in reversed(before) if run.unknown), None))


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
    """Record the result of the run of `step` that began at `began_at`. SessionError where the session no longer has
    it."""
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
        # a conversation that has taken the session over meanwhile keeps it
        known = state.get("owner")
        if owner and isinstance(known, dict) and known.get("id") == owner:
            state["owner"] = {field: value for field, value in known.items() if field != "ended_at"}
        tx.put(key, states.text(state, path))


def _require_not_done(before: Sequence[run_history.Run], now_ms: int) -> None:
    done = next((run for run in reversed(before) if run.exit == 0), None)
    if done is not None:
        when = f" {run_history.ago(done.done_at, now_ms)}" if done.done_at else ""
        wrong = f"{one_line(done.step)} already ended with exit 0{when}; nothing was run"
        raise Conflict(wrong, run_history.last_line(done.output))
