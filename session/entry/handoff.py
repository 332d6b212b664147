"""Hand off an entry session in one commit: a clean state, a summary, its metrics, a trace and an auto-checkpoint."""

from collections.abc import Sequence
from typing import NamedTuple

from session.entry import auto_checkpoint, documents, feature_list, metrics, states, summary, traces
from session.entry.documents import METRICS, STATE, SUMMARIES, Document
from session.entry.progress import Progress, changing
from session.entry.summary import Summary
from session.errors import Conflict, SessionError
from session.host import clock
from session.store.files import FileStore
from session.store.free_name import free_key
from session.store.paths import check_name
from session.text.typed import count_at, object_at, text_at


class HandoffNotes(NamedTuple):
    """Notes that the user passes to a handoff. `action` is the last thing done, `tokens` None if unknown."""

    decisions: Sequence[str] = ()
    blockers: Sequence[str] = ()
    notes: Sequence[str] = ()
    action: str = ""
    tokens: int | None = None

    @property
    def is_empty(self) -> bool:
        """Return True if the user passed nothing."""
        return not (self.decisions or self.blockers or self.notes or self.action) and self.tokens is None


class EntrySession(NamedTuple):
    """The entry session to hand off: its id ("" if it has none), its start time in ms if known, and if it is open."""

    session_id: str
    since_ms: int | None
    under_way: bool


class GitFacts(NamedTuple):
    """Facts about the time of an entry session, from git and from the archive of workflows.

    `commits` are pairs of hash and subject, oldest first; `files` pairs of path and change. Each is None if git can't
    tell; `reasons` says why. `workflows` has a line for each workflow that ended. `repository` is what an
    auto-checkpoint records of the repository.
    """

    commits: Sequence[tuple[str, str]] | None
    files: Sequence[tuple[str, str]] | None
    workflows: Sequence[str]
    reasons: Sequence[str] = ()
    repository: Document = {}  # noqa: RUF012  nobody changes it


class HandoffResult(NamedTuple):
    """The result of a handoff: the summary's path, the session in one line, and a line for each unusable document."""

    path: str
    headline: str
    problems: list[str]


def current_session(store: FileStore) -> EntrySession:
    """Return the entry session that a handoff would end; raise Corrupt if state.json is unusable.

    If no session is open, its start time is that of the last handoff.
    """
    state = documents.read(store, STATE) or {}
    session_id = text_at(state, "session_id")
    under_way = state.get("dirty") is True
    times = [state.get("entered_at")]
    if under_way:
        try:
            check_name(session_id)
            times.insert(0, (documents.read(store, (METRICS, session_id)) or {}).get("started_at"))
        except SessionError:
            pass  # unusable metrics must not prevent a handoff
    else:
        times.insert(0, state.get("timestamp"))
    since_ms = next((at_ms for each in times if (at_ms := clock.parse_ms(each)) is not None), None)
    return EntrySession(session_id, since_ms, under_way)


def hand_off(
    store: FileStore, session: EntrySession, notes: HandoffNotes, facts: GitFacts, *, timeout_s: float
) -> HandoffResult:
    """Write all documents of the handoff in one commit, and return the result.

    An unusable feature list becomes one of the problems, and is left as it is. Raise Conflict if another entry session
    has begun since `session` was read.
    """
    problems: list[str] = []
    with changing(store, timeout_s) as progress:
        if (progress.state.get("session_id") or "") != session.session_id:
            raise Conflict("another session has begun meanwhile; nothing changed", "try again")
        features: list[feature_list.Feature] | None = None
        try:
            features = progress.listed()
        except SessionError as error:
            if error.is_fault:
                raise
            problems.append(str(error))
        touched = traces.touched(progress.state, progress.metrics, features or [])
        action = notes.action or _last_action(progress.state, touched, session.since_ms)
        progress.state = {**progress.state, "dirty": False, "last_action": action, "timestamp": progress.now}
        if not action:
            del progress.state["last_action"]
        _measure(progress, session, notes)
        if session.under_way:
            traces.add(progress, metrics.HANDED_OFF)
        if features is not None:  # a later crash must not roll back beyond this handoff
            auto_checkpoint.put(progress, facts.repository, ())
        content = _summary(progress, features, touched, notes, facts)
        key = free_key(progress.tx, SUMMARIES, f"session_{clock.stamp(progress.now)}", "_")
        progress.tx.put(key, summary.render(content).encode("utf-8", "backslashreplace"))
        headline = summary.headline(progress.state, content.completed, content.remaining, action)
    return HandoffResult(store.shown_path(key), headline, problems)


def _measure(progress: Progress, session: EntrySession, notes: HandoffNotes) -> None:
    """Close the session's metrics, and record the tokens in them."""
    document = progress.metrics
    if document is None:
        return
    if session.under_way:
        document = metrics.end(document, progress.now, metrics.HANDED_OFF)
    if notes.tokens is not None:
        document = {**document, "tokens_used": notes.tokens}
    progress.measure(document)


def _last_action(state: Document, features: list[feature_list.Feature], since_ms: int | None) -> str:
    """Return the session's last transition and the status of its feature, or else the recorded last action."""
    parts = []
    step = states.last_step(state)
    if step is not None:
        at_ms = clock.parse_ms(step.get("at"))
        if since_ms is None or (at_ms is not None and at_ms >= since_ms):
            parts.append(states.step_text(step))
    feature = feature_list.current_feature(features, state) or (features[-1] if features else None)
    if feature is not None:
        parts.append(f"{feature_list.id_of(feature)} {feature_list.status_of(feature).replace('_', ' ')}")
    return "; ".join(parts) or text_at(state, "last_action")


def _summary(
    progress: Progress,
    features: list[feature_list.Feature] | None,
    touched: list[feature_list.Feature],
    notes: HandoffNotes,
    facts: GitFacts,
) -> Summary:
    state = progress.state
    counts = None if features is None else feature_list.counts(features)
    blocked = [each for each in features or () if feature_list.status_of(each) == feature_list.BLOCKED]
    work = [summary.escape(summary.work_line(each)) for each in touched]
    work += [summary.escape(each) for each in (*facts.workflows, *notes.notes)]
    runs = _test_runs(progress.metrics or {})
    return Summary(
        at=progress.now,
        state=states.current(state),
        health=states.health_of(state),
        completed=None if counts is None else counts.done,
        remaining=None if counts is None else counts.total - counts.done,
        work=[*work, runs] if runs else work,
        commits=facts.commits,
        decisions=notes.decisions,
        blockers=[*notes.blockers, *map(summary.blocker_line, blocked)],
        next_feature=_next_feature(state, features or []),
        files=facts.files,
        reasons=facts.reasons,
    )


def _next_feature(state: Document, features: list[feature_list.Feature]) -> str:
    """Return the title of the feature to continue with: the current one, the next one, or one to test; or ""."""
    feature = feature_list.current_feature(features, state)
    if feature is None or feature_list.status_of(feature) in (*feature_list.DONE, feature_list.BLOCKED):
        feature = feature_list.next_feature(features)
    if feature is None:
        untested = (each for each in features if feature_list.status_of(each) == feature_list.IMPLEMENTED)
        feature = next(untested, None)
    return "" if feature is None else summary.title(feature)


def _test_runs(document: Document) -> str:
    """Return the session's test runs in one line, or "" if there were none."""
    runs = object_at(document, "test_runs")
    passed, failed = (max(count_at(runs, name), 0) for name in ("passed", "failed"))
    return f"Test runs: {passed} passed, {failed} failed" if passed or failed else ""
