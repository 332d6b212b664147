"""What can be resumed: each session under way, next to what the repository says now."""

from session.errors import SessionError
from session.host import clock
from session.resume.mismatches import mismatches
from session.resume.repository_facts import Present
from session.resume.wording import BUDGET, LEAST_TOKENS, TRACKED, lines, render, run_line, trimmed
from session.workflow import ownership, run_history
from session.workflow.state import COLLECTION, parse, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from session.resume.wording import Report, RunFacts
    from session.store.files import FileStore
    from session.workflow.state import State

# what the callers of `reports` do with one
__all__ = ["BUDGET", "LEAST_TOKENS", "TRACKED", "lines", "render", "reports", "trimmed"]

_MOST_RUNS = 5  # with a result
_MOST_UNKNOWN = 20
_ORDER = (ownership.MINE, ownership.INTERRUPTED, ownership.ELSEWHERE)


def reports(
    store: "FileStore", *, owner: str, now_ms: int, workflow: str = ""
) -> "tuple[list[Report], list[SessionError]]":
    """A report for each session, or for that of `workflow` if there is one, and why others can't be read.

    First those of the conversation `owner`, then the interrupted ones, then those that may be at work elsewhere, each
    the newest first; those that git tracks come last.
    """
    states, errors = _states(store, workflow)
    if not states:
        return [], errors
    written_ms = {name: clock.parse_ms(state.get("updated_at")) for name, state in states.items()}
    present = Present(store, [at_ms for at_ms in written_ms.values() if at_ms is not None])
    found = [_report(name, state, present, owner, now_ms) for name, state in states.items()]
    found.sort(key=lambda each: -(written_ms[each["workflow"]] or 0))
    found.sort(key=lambda each: (each["tracked"], _ORDER.index(each["whose"])))
    return found, errors


def _states(store: "FileStore", workflow: str) -> "tuple[dict[str, State], list[SessionError]]":
    if workflow:
        one = read(store, workflow)
        return ({} if one is None else {workflow: one}), []
    states: dict[str, State] = {}
    errors = []
    for name, body, error in store.scan(COLLECTION):
        state = None
        if body is not None:
            try:
                state = parse(body, store.shown_path((COLLECTION, name)), exact=False)
            except SessionError as unusable:
                error = unusable
        if state is not None:
            states[name] = state
        elif error is not None:
            errors.append(error)
    return states, errors


def _report(workflow: str, state: "State", present: Present, owner: str, now_ms: int) -> "Report":
    step, context = state.get("step"), state.get("context")
    updated_ms = clock.parse_ms(state.get("updated_at"))
    told, more = _runs(state)
    unknown = [run_line(run, now_ms) for run in told if "exit" not in run]
    if more:
        unknown.append(f"{more} more commands without a recorded result")
    return {
        "workflow": workflow,
        "step": step if isinstance(step, str) else None,
        "since": _time(_entered(state)),
        "started_at": _time(state.get("started_at")),
        "updated_at": _time(state.get("updated_at")),
        "age_s": None if updated_ms is None else max(0, now_ms - updated_ms) // 1000,
        "whose": ownership.whose(state, owner, now_ms),
        "tracked": present.tracks(workflow) is True,
        "context": context if isinstance(context, dict) else {},
        "runs": told,
        "repository": present.facts(updated_ms),
        "mismatches": [*unknown, *mismatches(state, present, workflow, now_ms)],
    }


def _entered(state: "State") -> object:
    """When the session entered the step that it is at, as far as it is recorded."""
    history = state.get("history")
    last = history[-1] if isinstance(history, list) and history else None
    if isinstance(last, dict) and isinstance(last.get("at"), str) and last.get("step") == state.get("step"):
        return last["at"]
    return state.get("updated_at")


def _time(text: object) -> str | None:
    at_ms = clock.parse_ms(text)
    return None if at_ms is None or at_ms < 0 else clock.iso(at_ms)


def _runs(state: "State") -> "tuple[list[RunFacts], int]":
    """The latest run of each step, in order; and how many without a result are left out, as there are too many."""
    latest: dict[str, run_history.Run] = {}
    for run in run_history.runs(state):
        latest.pop(run.step, None)
        latest[run.step] = run
    known = [run.step for run in latest.values() if run.exit is not None]
    unknown = [run.step for run in latest.values() if run.exit is None]
    dropped = {*known[:-_MOST_RUNS], *unknown[:-_MOST_UNKNOWN]}
    left_out = max(0, len(unknown) - _MOST_UNKNOWN)
    return [_facts(run) for run in latest.values() if run.step not in dropped], left_out


def _facts(run: run_history.Run) -> "RunFacts":
    told: dict[str, Any] = {"step": run.step, "command": run.command, "began_at": run.began_at, "done_at": run.done_at}
    told |= {"exit": run.exit, "output": run_history.last_line(run.output) or None}
    facts: RunFacts = {key: value for key, value in told.items() if value is not None}  # type: ignore[assignment]
    return facts
