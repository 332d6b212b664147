"""Session entry: the three phases, from looking at the project to knowing what comes next (seed: 001)."""

import os
from collections.abc import Callable
from typing import NamedTuple

from session.entry import documents, feature_list, metrics, states
from session.entry import health as checks
from session.entry.config import Config
from session.entry.documents import FEATURES, STATE, Corrupt, Document
from session.entry.health import Health
from session.entry.progress import Progress
from session.entry.recent_files import Recent, recent_files
from session.entry.states import Counts, Decision, decide
from session.entry.summary import latest_summary
from session.errors import SessionError
from session.host import clock
from session.host.git.repository import Head, Repository
from session.host.project_config import CONFIG
from session.store.files import FileStore, Folder
from session.store.transaction import Transaction

_MARKS = ("package.json", "pyproject.toml", "Cargo.toml")
_COMMITS = 5

CREATED, EXISTS, RECOVERED, UNUSABLE = "CREATED", "EXISTS", "RECOVERED", "UNUSABLE"


class Died(NamedTuple):
    """A session that did not hand off: since when it had been under way, and where it was."""

    began_at: str
    state: str
    feature_id: str
    last: str


class Planned(NamedTuple):
    """The list of features: its `counts`, None where there is none, or where it is `corrupt`; the id of the next one;
    which are blocked; whose evidence is of another tree than the present one; and what is odd about the list, a line
    each."""

    counts: Counts | None
    corrupt: bool = False
    next_id: str = ""
    blocked: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


class Kept(NamedTuple):
    """What became of state.json: what was done, the state that is in it now, the session that did not hand off, the
    one that is under way now, the name of what a broken file is kept as; and the exit code of what failed, if
    anything did."""

    done: str
    state: str
    died: Died | None = None
    session_id: str = ""
    kept_as: str = ""
    code: int = 0


class Report(NamedTuple):
    """All that entry found. `problems` are files that can't be used, a line each; `git_says` is what the repository
    could not tell, and why."""

    directory: str
    marked: bool
    is_repository: bool
    commits: list[tuple[str, str]]
    git_says: list[str]
    config: Config
    health: Health
    kept: Kept
    planned: Planned
    decision: Decision
    summary: str
    recent: Recent
    problems: list[str]


def enter(
    store: FileStore, *, force: bool, yes: bool, owner: str, timeout_s: float, tell: Callable[[str], None]
) -> Report:
    """Go through the phases. `force` looks at no health, `yes` trusts the configured check this once, `owner` is the
    conversation. What can't be used is among the problems; the rest goes on."""
    root = store.root
    marked = any(os.path.isfile(os.path.join(root, *mark.split("/"))) for mark in (store.path_of(STATE), *_MARKS))
    repository = Repository(root, timeout_s=10.0)
    commits = repository.recent_commits(_COMMITS)
    config = Config(root)
    problems = list(config.problems)
    health = checks.skipped() if force else checks.measure(root, config, yes=yes, tell=tell)
    head = repository.head()

    planned = _planned(store, problems)
    decision = decide(health.status, planned.counts)
    if planned.corrupt and health.status != states.BROKEN:
        decision = decision._replace(why="the feature list can't be used")
    kept = _record(store, health, planned, decision, head, owner, problems, timeout_s)

    summary = latest_summary(store)
    try:
        recent = recent_files(store, repository)
    except SessionError as error:
        problems.append(str(error))
        recent = Recent("CORRUPT", 0, [])
    return Report(
        directory=root,
        marked=marked,
        is_repository=repository.top is not None,
        commits=commits or [],
        git_says=repository.reasons,
        config=config,
        health=health,
        kept=kept,
        planned=planned,
        decision=decision,
        summary=summary,
        recent=recent,
        problems=list(dict.fromkeys(problems)),  # a folder that can't be used is none for several files
    )


def _planned(store: FileStore, problems: list[str]) -> Planned:
    path = store.shown_path(FEATURES)
    try:
        document = documents.read(store, FEATURES)
        if document is None:
            return Planned(None)
        listed = feature_list.all_of(document, path)
    except SessionError as error:
        problems.append(str(error))
        return Planned(None, corrupt=True)
    from session.entry import evidence  # cost: only where there are features

    next_one = feature_list.next_feature(listed)
    return Planned(
        feature_list.counts(listed),
        next_id="" if next_one is None else feature_list.id_of(next_one),
        blocked=tuple(feature_list.ids(listed, feature_list.BLOCKED)),
        stale=tuple(evidence.stale(listed, store.root)),
        doubts=tuple(feature_list.doubts(listed, path)),
    )


def _record(
    store: FileStore,
    health: Health,
    planned: Planned,
    decision: Decision,
    head: Head | None,
    owner: str,
    problems: list[str],
    timeout_s: float,
) -> Kept:
    """Write down what was measured and decided, and that a session is under way."""
    try:
        with store.transaction(timeout_s) as tx:
            kept_as = _set_aside(store, tx, problems)
            done = RECOVERED if kept_as else CREATED if tx.read(STATE) is None else EXISTS
            progress = Progress(store, tx)
            died = _begin_session(progress, owner)
            state = {**progress.state, "health_status": health.status, "next_state": decision.next_state}
            if planned.corrupt:  # what is said comes next is a guess then, which nobody should be held to
                del state["next_state"]
            state["health_checked_at"] = progress.now
            if health.forced:
                state["health_forced_at"] = progress.now
            if health.status == states.HEALTHY and head is not None and head.commit:
                state["last_passing_commit"] = head.commit
            progress.state = state
            if progress.metrics is not None:
                progress.measure(metrics.checked(progress.metrics, health.status))
            progress.put()
            session_id = progress.state["session_id"]
        _make_folder(store, CONFIG[:-1], problems)  # where skills put project.json
        return Kept(done, states.current(state), died, session_id, kept_as)
    except SessionError as error:
        problems.append(str(error))
        return Kept(UNUSABLE, _known(store), code=error.code)


def _make_folder(store: FileStore, parts: tuple[str, ...], problems: list[str]) -> None:
    """Make the folder where it is missing."""
    try:
        folder = Folder.at(store.root, store.shown)
        for depth, part in enumerate(parts):
            above = folder
            try:
                folder = above.child(part, link=not depth) or above.make_child(part)
            finally:
                above.close()
        folder.close()
    except OSError as error:
        problems.append(str(store.problem("make", "/".join(parts), error)))
    except SessionError as error:
        problems.append(str(error))


def _set_aside(store: FileStore, tx: Transaction, problems: list[str]) -> str:
    """Where state.json holds no state, have its bytes under another name, and none in its place; that name, empty
    where all is well."""
    try:
        documents.read(store, STATE, tx)
    except Corrupt as error:
        kept_as = documents.keep_aside(store, tx, STATE, tx.read(STATE) or b"", clock.iso(clock.now_ms()))
        tx.delete(STATE)
        problems.append(f"{error.message}: kept as {kept_as}")
        return kept_as
    return ""


def _begin_session(progress: Progress, owner: str) -> Died | None:
    """Have a session under way. One of the same conversation goes on; one that did not hand off is told of."""
    old = progress.state
    died = None
    if old.get("dirty") is True:
        if owner and old.get("owner") == owner and progress.metrics is not None:
            return None
        died = _died(progress)
        if progress.metrics is not None:
            from session.entry import traces  # cost: only where a session died

            traces.add(progress, metrics.NOT_HANDED_OFF)
            progress.close_session(metrics.ended(progress.metrics, None, metrics.NOT_HANDED_OFF))
    progress.begin_session(owner)
    return died


def _died(progress: Progress) -> Died:
    state, known = progress.state, progress.metrics or {}
    began = known.get("started_at")
    history = state.get("history")
    last = state.get("last_action")
    step = history[-1] if isinstance(history, list) and history else None
    if isinstance(step, dict):
        began_ms, at_ms = clock.parse_ms(began), clock.parse_ms(step.get("at"))
        is_its_own = began_ms is not None and at_ms is not None and at_ms >= began_ms
        # the last action may be what another session handed off with
        if not isinstance(last, str) or (is_its_own and not known.get("features_touched")):
            last = f"{step.get('from')} → {step.get('to')}" + (f" ({step['reason']})" if step.get("reason") else "")
    feature = state.get("feature_id")
    return Died(
        began if isinstance(began, str) else "",
        states.current(state),
        feature if isinstance(feature, str) else "",
        last if isinstance(last, str) else "",
    )


def _known(store: FileStore) -> str:
    """The state as it can be read, START where it can't."""
    known: Document | None
    try:
        known = documents.read(store, STATE)
    except SessionError:
        known = None
    return states.current(known or {})
