"""Render a workflow session as the markdown of its archive, and name the archive's file. No I/O, no clock."""

from typing import Any

from session.errors import SessionError
from session.host import clock
from session.store import codec
from session.text import untrusted
from session.text.secrets import find
from session.workflow import run_history

STATUSES = ("completed", "failed", "abandoned")
_STEM_BYTES = 190  # leaves room for "-1234" and ".md" below 200 bytes

State = dict[str, Any]


def render(workflow: str, state: State, status: str, notes: str, ended_ms: int) -> str:
    """Return the archive's markdown for a session that ended at `ended_ms`.

    SessionError if the steps are not a list or the context is not an object; its message continues the file's path.
    """
    return Rendering(workflow, state, status, notes).markdown(ended_ms)


class Rendering:
    """The parts of an archive's markdown that do not depend on the time of its end. Making it is the slow part.

    SessionError if the steps are not a list or the context is not an object; its message continues the file's path.
    """

    def __init__(self, workflow: str, state: State, status: str, notes: str) -> None:
        steps = state.get("steps")
        context = state.get("context")
        if not isinstance(steps, list | None):
            raise SessionError("has steps that are not a list", "mend it, or drop it with session-reset")
        if not isinstance(context, dict | None):
            raise SessionError("has a context that is not an object", "mend it, or drop it with session-reset")
        self._workflow = workflow
        self._status = status
        self._started_ms = clock.parse_ms(state.get("started_at"))
        last = len(steps or ()) - 1
        lines = [
            "## Context",
            *([f"- {untrusted.inline(key)}: {_text(value)}" for key, value in (context or {}).items()] or ["- (none)"]),
            "",
            "## Steps",
            *(
                [f"{n + 1}. {_text(step)} {'(final)' if n == last else '✓'}" for n, step in enumerate(steps or ())]
                or ["- (none)"]
            ),
            "",
            "## Final State",
            f"- Step: {_text_or_unknown(state.get('step'))}",
            f"- Started: {_text_or_unknown(state.get('started_at'))}",
        ]
        self._above_end = "\n".join(lines)
        notes = untrusted.visible(notes.replace("\r\n", "\n"), keep="\n\t")
        self._below_end = "\n".join(["", "## Notes", notes, ""] if notes else ["", ""])
        self._timeline, self._last_entered_ms = _timeline(state)
        self._runs = "\n".join(_runs(state))

    def markdown(self, ended_ms: int) -> str:
        """Return the archive's markdown for a session that ended at `ended_ms`."""
        ended = clock.iso(ended_ms)
        lines = [
            f"# {self._workflow} - {ended[:10]}",
            "",
            f"**Status:** {self._status}",
            f"**Duration:** {_minutes(self._started_ms, ended_ms)}",
            "",
            self._above_end,
            f"- Ended: {ended}",
            self._below_end,
        ]
        if self._timeline:
            lines += [f"{self._timeline}{_spent(self._last_entered_ms, ended_ms)} |", ""]
        if self._runs:
            lines.append(self._runs)
        return "\n".join(lines)


def stem(workflow: str, state: State, ended_ms: int) -> str:
    """Return the archive's file name without `.md`, such as `2026-01-29-workflow-pr-feat-x`, under 200 bytes."""
    name = f"{clock.iso(ended_ms)[:10]}-{workflow.replace(':', '-')}"
    branch = _branch(state)
    if not branch:
        return name
    from session.text.slug import slug  # cost: only if the session has a branch

    try:
        part = slug(branch, _STEM_BYTES - len(name.encode()) - 1)
    except ImportError:
        message = "needs python-slugify for the branch in the archive's name"
        raise SessionError(message, "pip install python-slugify") from None
    return f"{name}-{part}" if part else name


def secrets(state: State, notes: str) -> list[str]:
    """Return the places in the archive that look like a key or token: `context.token`, `steps[2]`, `notes`."""
    return [*find(state.get("context"), "context"), *find(state.get("steps"), "steps"), *find(notes, "notes")]


def _branch(state: State) -> str:
    context = state.get("context")
    branch = context.get("branch") if isinstance(context, dict) else None
    if isinstance(branch, dict | list | None) or branch is False or branch == 0:
        return ""
    return _text(branch)


def _text(value: object) -> str:
    """Return a value on one line: a string without quotes, any other value as compact JSON."""
    return untrusted.inline(value if isinstance(value, str) else codec.compact(value))


def _text_or_unknown(value: object) -> str:
    return untrusted.inline(value) if isinstance(value, str) and value else "unknown"


def _minutes(started_ms: int | None, ended_ms: int) -> str:
    if started_ms is None:
        return "unknown"
    return f"{(max(0, ended_ms - started_ms) + 30_000) // 60_000}min"


def _timeline(state: State) -> tuple[str, int | None]:
    """Return a table of when each step was entered and how long it took, and when the last one was entered.

    The table breaks off before the time in the last step. It is "" if the history has no times.
    """
    history = state.get("history")
    if not isinstance(history, list):
        return "", None
    entries = [entry for entry in history if isinstance(entry, dict) and isinstance(entry.get("step"), str)]
    times = [clock.parse_ms(entry.get("at")) for entry in entries]
    if not any(at_ms is not None for at_ms in times):
        return "", None
    lines = ["## Timeline", "", "| Step | Entered | Time in step |", "| --- | --- | --- |"]
    for entry, entered_ms, left_ms in zip(entries, times, [*times[1:], None], strict=True):
        entered = "unknown" if entered_ms is None else clock.iso(entered_ms)
        step = untrusted.inline(entry["step"]).replace("|", chr(92) + "|")
        lines.append(f"| {step} | {entered} | {_spent(entered_ms, left_ms)} |")
    return "\n".join(lines).removesuffix("unknown |"), times[-1]


def _spent(entered_ms: int | None, left_ms: int | None) -> str:
    return "unknown" if entered_ms is None or left_ms is None else _span(left_ms - entered_ms)


def _runs(state: State) -> list[str]:
    """Return a section with each recorded run and its result; no lines if nothing was run."""
    lines = [f"- {untrusted.inline(run.step)}{_result(run)}" for run in run_history.runs(state)]
    return ["## Runs", *lines, ""] if lines else []


def _result(run: run_history.Run) -> str:
    began_ms, done_ms = clock.parse_ms(run.began_at), clock.parse_ms(run.done_at)
    if run.unknown:
        return f": began {'at an unknown time' if began_ms is None else clock.iso(began_ms)}, no result recorded"
    code = "not recorded" if run.exit is None else run.exit
    spent = "" if began_ms is None or done_ms is None else f" after {_span(done_ms - began_ms)}"
    last = run_history.last_line(run.output)
    return f": exit {code}{spent}" + (f": {last}" if last else "")


def _span(ms: int) -> str:
    seconds = max(0, ms + 500) // 1000
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours:
        return f"{hours}h {minutes}min"
    return f"{minutes}min {seconds % 60}s" if minutes else f"{seconds}s"
