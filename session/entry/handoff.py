"""Handing off: what a session leaves behind, in one commit: a clean state, a summary, metrics, a trace (seed: 001)."""

from collections.abc import Sequence
from typing import NamedTuple

from session.entry import auto_checkpoint, documents, metrics, states, traces
from session.entry import feature_list as lists
from session.entry import summary as summary_text
from session.entry.documents import METRICS, STATE, SUMMARIES, Document
from session.entry.progress import Progress, changing
from session.entry.summary import Summary
from session.errors import Conflict, SessionError
from session.host import clock
from session.store.files import FileStore
from session.store.free_name import free_key
from session.store.paths import check_name


class Given(NamedTuple):
    """What only those who worked know. `action` is the last thing that was done; `tokens` None where nobody told."""

    decisions: Sequence[str] = ()
    blockers: Sequence[str] = ()
    notes: Sequence[str] = ()
    action: str = ""
    tokens: int | None = None

    @property
    def nothing(self) -> bool:
        """Whether nothing was told."""
        return not (self.decisions or self.blockers or self.notes or self.action) and self.tokens is None


class Session(NamedTuple):
    """The session that is to be handed off: its id, empty if it has none; when it began, as far as that is known; and
    whether it is under way."""

    session_id: str
    since_ms: int | None
    under_way: bool


class Found(NamedTuple):
    """What others know of the session's time: commits, oldest first, and files with what became of each, None where
    that is unknown; what is to be told of workflows; `reasons` why something is unknown; and the present repository,
    as a checkpoint tells of it."""

    commits: Sequence[tuple[str, str]] | None
    files: Sequence[tuple[str, str]] | None
    workflows: Sequence[str]
    reasons: Sequence[str] = ()
    present: Document = {}  # noqa: RUF012  nobody changes it


class Done(NamedTuple):
    """The summary's file; the session in one line; what could not be used, a line each."""

    path: str
    headline: str
    problems: list[str]


def session(store: FileStore) -> Session:
    """The session that a handoff would be about. Corrupt where the state can't be read."""
    state = documents.read(store, STATE) or {}
    known = state.get("session_id")
    under_way = state.get("dirty") is True
    times = [state.get("entered_at")]
    if not under_way:
        times.insert(0, state.get("timestamp"))  # when it was handed off: the rest was told then
    elif isinstance(known, str):
        try:
            check_name(known)
            times.insert(0, (documents.read(store, (METRICS, known)) or {}).get("started_at"))
        except SessionError:
            pass  # metrics count, and keep nobody from handing off
    since_ms = next((at_ms for each in times if (at_ms := clock.parse_ms(each)) is not None), None)
    return Session(known if isinstance(known, str) else "", since_ms, under_way)


def hand_off(store: FileStore, about: Session, given: Given, found: Found, *, timeout_s: float) -> Done:
    """Write all of it in one commit, a checkpoint too. A list of features that can't be used is named among the
    problems, and left out.

    Conflict where another session has begun meanwhile.
    """
    problems: list[str] = []
    with changing(store, timeout_s) as progress:
        if (progress.state.get("session_id") or "") != about.session_id:
            raise Conflict("another session has begun meanwhile; nothing changed", "try again")
        features: list[lists.Feature] | None = None
        try:
            features = progress.listed()
        except SessionError as error:
            if error.is_fault:
                raise
            problems.append(str(error))
        touched = traces.touched(progress.state, progress.metrics, features or [])
        action = given.action or _last_action(progress.state, touched, about.since_ms)
        progress.state = {**progress.state, "dirty": False, "last_action": action, "timestamp": progress.now}
        if not action:
            del progress.state["last_action"]
        _measure(progress, about, given)
        if about.under_way:
            traces.add(progress, metrics.HANDED_OFF)
        if features is not None:  # what a crash after this goes back to is not what was before it
            auto_checkpoint.put(progress, found.present, ())
        summary = _summary(progress, features, touched, given, found)
        key = free_key(progress.tx, SUMMARIES, f"session_{clock.stamp(progress.now)}", "_")
        text = summary_text.render(summary)
        progress.tx.put(key, text.encode("utf-8", "backslashreplace"))
        headline = summary_text.headline(progress.state, summary.completed, summary.remaining, action)
    return Done(store.shown_path(key), headline, problems)


def _measure(progress: Progress, about: Session, given: Given) -> None:
    known = progress.metrics
    if known is None:
        return
    if about.under_way:
        known = metrics.ended(known, progress.now, metrics.HANDED_OFF)
    if given.tokens is not None:
        known = {**known, "tokens_used": given.tokens}
    progress.measure(known)


def _last_action(state: Document, touched: list[lists.Feature], since_ms: int | None) -> str:
    """The session's last transition, and where the feature stands that it is at; else what the state says."""
    history = state.get("history")
    last = history[-1] if isinstance(history, list) and history else None
    said = []
    if isinstance(last, dict):
        at_ms = clock.parse_ms(last.get("at"))
        if since_ms is None or (at_ms is not None and at_ms >= since_ms):
            reason = last.get("reason")
            because = f" ({reason})" if isinstance(reason, str) and reason else ""
            said.append(f"{last.get('from')} → {last.get('to')}{because}")
    at = next((each for each in touched if lists.id_of(each) == str(state.get("feature_id"))), None)
    at = at or (touched[-1] if touched else None)
    if at is not None:
        said.append(f"{lists.id_of(at)} {lists.status_of(at).replace('_', ' ')}")
    known = state.get("last_action")
    return "; ".join(said) or (known if isinstance(known, str) else "")


def _summary(
    progress: Progress,
    features: list[lists.Feature] | None,
    touched: list[lists.Feature],
    given: Given,
    found: Found,
) -> Summary:
    state = progress.state
    counts = None if features is None else lists.counts(features)
    health = state.get("health_status")
    blocked = [each for each in features or () if lists.status_of(each) == lists.BLOCKED]
    work = [summary_text.said(summary_text.work_on(each)) for each in touched]
    work += [summary_text.said(each) for each in (*found.workflows, *given.notes)]
    runs = _test_runs(progress.metrics)
    return Summary(
        at=progress.now,
        state=states.current(state),
        health=health if isinstance(health, str) else states.UNKNOWN,
        completed=None if counts is None else counts.done,
        remaining=None if counts is None else counts.total - counts.done,
        work=[*work, runs] if runs else work,
        commits=found.commits,
        decisions=given.decisions,
        blockers=[*given.blockers, *map(summary_text.blocked, blocked)],
        next_feature=_next_feature(state, features or []),
        files=found.files,
        reasons=found.reasons,
    )


def _next_feature(state: Document, features: list[lists.Feature]) -> str:
    at = next(
        (each for each in features if lists.id_of(each) and lists.id_of(each) == str(state.get("feature_id"))), None
    )
    if at is None or lists.status_of(at) in (*lists.DONE, lists.BLOCKED):
        at = lists.next_feature(features)
    if at is None:
        at = next((each for each in features if lists.status_of(each) == lists.IMPLEMENTED), None)
    return "" if at is None else summary_text.named(at)


def _test_runs(known: Document | None) -> str:
    runs = (known or {}).get("test_runs")
    numbers = [runs.get(name) for name in ("passed", "failed")] if isinstance(runs, dict) else []
    if not any(type(number) is int and number > 0 for number in numbers):
        return ""
    return f"Test runs: {numbers[0] or 0} passed, {numbers[1] or 0} failed"
