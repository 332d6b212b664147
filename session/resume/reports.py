"""Report each workflow session next to the current facts of its repository."""

from session.host import clock
from session.resume import origin
from session.resume.mismatches import mismatches
from session.resume.repository_facts import CurrentRepository
from session.resume.wording import BUDGET, LEAST_TOKENS, TRACKED, lines, render, run_line, trimmed
from session.text.typed import list_at, object_at
from session.workflow import ownership, run_history
from session.workflow.session_scan import scan_sessions
from session.workflow.state import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from session.errors import SessionError
    from session.resume.report_types import Report, RunFacts
    from session.store.files import FileStore
    from session.workflow.state import State

# `wording` is re-exported: callers of `reports` need both
__all__ = ["BUDGET", "LEAST_TOKENS", "TRACKED", "lines", "render", "reports", "trimmed"]

_MOST_RUNS = 5  # the most runs with a result in a report
_MOST_UNKNOWN = 20  # the most runs without a result in a report
_ORDER = (ownership.MINE, ownership.INTERRUPTED, ownership.ELSEWHERE, ownership.UNKNOWN)


def reports(
    store: "FileStore", *, owner: str, now_ms: int, workflow: str = ""
) -> "tuple[list[Report], list[SessionError]]":
    """Return a report for each session, and an error for each that cannot be read.

    With `workflow`, report only this workflow's session, if it exists. Sessions of the conversation `owner` come
    first, then interrupted ones, then ones possibly active elsewhere, then ones of unknown origin; each group is
    sorted newest first. Sessions that git tracks come last.
    """
    states, errors = _states(store, workflow)
    if not states:
        return [], errors
    written_ms = {name: clock.parse_ms(state.get("updated_at")) for name, state in states.items()}
    repository = CurrentRepository(store, written_ms)
    result = [_report(name, state, repository, owner, now_ms) for name, state in states.items()]
    result.sort(key=lambda report: -(written_ms[report["workflow"]] or 0))
    result.sort(key=lambda report: (report["tracked"] is True, _ORDER.index(report["whose"])))
    return result, errors


def _states(store: "FileStore", workflow: str) -> "tuple[dict[str, State], list[SessionError]]":
    if workflow:
        state = read(store, workflow)
        return ({} if state is None else {workflow: state}), []
    states: dict[str, State] = {}
    errors = []
    for session in scan_sessions(store):
        if session.state is not None:
            states[session.workflow] = session.state
        elif session.error is not None:
            errors.append(session.error)
    return states, errors


def _report(workflow: str, state: "State", repository: CurrentRepository, owner: str, now_ms: int) -> "Report":
    step = state.get("step")
    is_tracked = repository.tracks(workflow)
    updated_ms = clock.parse_ms(state.get("updated_at"))
    runs, more = _runs(state)
    unknown = [run_line(run, now_ms) for run in runs if "exit" not in run]
    if more:
        unknown.append(f"{more} more commands without a recorded result")
    return {
        "workflow": workflow,
        "step": step if isinstance(step, str) else None,
        "since": _time(_entered(state)),
        "started_at": _time(state.get("started_at")),
        "updated_at": _time(state.get("updated_at")),
        "age_s": None if updated_ms is None else max(0, now_ms - updated_ms) // 1000,
        "whose": origin.whose(state, owner, now_ms, is_tracked=is_tracked),
        "tracked": is_tracked,
        "context": object_at(state, "context"),
        "runs": runs,
        "repository": repository.facts(updated_ms),
        "mismatches": [*unknown, *mismatches(state, repository, workflow, now_ms)],
    }


def _entered(state: "State") -> object:
    """Return the time when the session entered its current step, else the time of its last update."""
    history = list_at(state, "history")
    last = history[-1] if history else None
    if isinstance(last, dict) and isinstance(last.get("at"), str) and last.get("step") == state.get("step"):
        return last["at"]
    return state.get("updated_at")


def _time(text: object) -> str | None:
    at_ms = clock.parse_ms(text)
    return None if at_ms is None or at_ms < 0 else clock.iso(at_ms)


def _runs(state: "State") -> "tuple[list[RunFacts], int]":
    """Return the latest run of each step, in order, and how many runs without a result are left out as too many."""
    latest: dict[str, run_history.Run] = {}
    for run in run_history.runs(state):
        latest.pop(run.step, None)
        latest[run.step] = run
    finished = [run.step for run in latest.values() if run.exit is not None]
    unknown = [run.step for run in latest.values() if run.exit is None]
    dropped = {*finished[:-_MOST_RUNS], *unknown[:-_MOST_UNKNOWN]}
    left_out = max(0, len(unknown) - _MOST_UNKNOWN)
    return [_facts(run) for run in latest.values() if run.step not in dropped], left_out


def _facts(run: run_history.Run) -> "RunFacts":
    values: dict[str, Any] = {
        "step": run.step,
        "command": run.command,
        "began_at": run.began_at,
        "done_at": run.done_at,
    }
    values |= {"exit": run.exit, "output": run_history.last_line(run.output) or None}
    facts: RunFacts = {key: value for key, value in values.items() if value is not None}  # type: ignore[assignment]
    return facts
