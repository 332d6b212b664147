"""Run the three phases of `session enter`: check the project, update its state, load what the next session needs."""

import os
from collections.abc import Callable
from typing import NamedTuple

from session.entry import documents, feature_list, metrics, states
from session.entry.config import Config
from session.entry.documents import CHECKPOINT, FEATURES, STATE, Corrupt
from session.entry.health import Health, measure, skip_check
from session.entry.progress import Progress
from session.entry.recent_files import Recent, recent_files
from session.entry.states import Counts, Decision, decide
from session.entry.summary import latest_summary
from session.errors import SessionError
from session.host import clock
from session.host.git.repository import Head, Repository
from session.host.project_config import CONFIG
from session.store.files import FileStore, Folder
from session.store.paths import PROGRESS
from session.store.transaction import Transaction
from session.text.typed import text_at

_MARKERS = ("package.json", "pyproject.toml", "Cargo.toml")
_COMMITS = 5

CREATED, EXISTS, RECOVERED, UNUSABLE = "CREATED", "EXISTS", "RECOVERED", "UNUSABLE"


class CrashedSession(NamedTuple):
    """An entry session that ended without a handoff: its start time, state, feature and last action.

    `has_checkpoint` is true if there is an auto-checkpoint to go back to.
    """

    began_at: str
    state: str
    feature_id: str
    last: str
    has_checkpoint: bool


class FeaturePlan(NamedTuple):
    """A summary of the feature list. `counts` is None if there is no list, or if it is `corrupt`.

    `next_id` is the feature to work on, `blocked` the ids of blocked features, `stale` the ids of features that were
    tested on other files than the present ones. `doubts` has a line for each oddity in the list.
    """

    counts: Counts | None
    corrupt: bool = False
    next_id: str = ""
    blocked: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


class StateUpdate(NamedTuple):
    """The result of writing state.json. `outcome` is CREATED, EXISTS, RECOVERED or UNUSABLE.

    `state` is the state now, `crashed` the previous entry session if it did not hand off, `session_id` the present
    one. `kept_as` is the file that holds the bytes of a corrupt state.json. `code` is the exit code of a failed write,
    else 0.
    """

    outcome: str
    state: str
    crashed: CrashedSession | None = None
    session_id: str = ""
    kept_as: str = ""
    code: int = 0


class Report(NamedTuple):
    """Everything that `session enter` reports.

    `marked` is true if the directory looks like a project. `problems` has a line for each unusable file,
    `git_problems` a line for each fact that git could not tell.
    """

    directory: str
    marked: bool
    is_repository: bool
    commits: list[tuple[str, str]]
    git_problems: list[str]
    config: Config
    health: Health
    state_update: StateUpdate
    plan: FeaturePlan
    decision: Decision
    summary: str
    recent: Recent
    problems: list[str]


def enter(
    store: FileStore, *, force: bool, yes: bool, owner: str, timeout_s: float, tell: Callable[[str], None]
) -> Report:
    """Run the three phases of the entry protocol (safety, state, context), and return the report.

    `force` skips the health check, `yes` trusts the configured check this once, `owner` names the conversation. An
    unusable file becomes one of the report's problems; the other phases still run.
    """
    root = store.root
    marked = any(os.path.isfile(os.path.join(root, *file.split("/"))) for file in (store.path_of(STATE), *_MARKERS))
    repository = Repository(root, timeout_s=10.0)
    commits = repository.recent_commits(_COMMITS)
    config = Config(root)
    problems = list(config.problems)
    health = skip_check() if force else measure(root, config, yes=yes, tell=tell)
    head = repository.head()

    plan = _read_plan(store, problems)
    decision = decide(health.status, plan.counts)
    if plan.corrupt and health.status != states.BROKEN:
        decision = decision._replace(why="the feature list can't be used")
    state_update = _update_state(store, health, plan, decision, head, owner, problems, timeout_s)

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
        git_problems=repository.reasons,
        config=config,
        health=health,
        state_update=state_update,
        plan=plan,
        decision=decision,
        summary=summary,
        recent=recent,
        problems=list(dict.fromkeys(problems)),  # an unusable folder causes one problem for each of its files
    )


def _read_plan(store: FileStore, problems: list[str]) -> FeaturePlan:
    path = store.shown_path(FEATURES)
    try:
        document = documents.read(store, FEATURES)
        if document is None:
            return FeaturePlan(None)
        features = feature_list.all_of(document, path)
    except SessionError as error:
        problems.append(str(error))
        return FeaturePlan(None, corrupt=True)
    from session.entry import evidence  # cost: only if there is a feature list

    next_feature = feature_list.next_feature(features)
    return FeaturePlan(
        feature_list.counts(features),
        next_id="" if next_feature is None else feature_list.id_of(next_feature),
        blocked=tuple(feature_list.ids(features, feature_list.BLOCKED)),
        stale=tuple(evidence.stale(features, store.root)),
        doubts=tuple(feature_list.doubts(features, path)),
    )


def _update_state(
    store: FileStore,
    health: Health,
    plan: FeaturePlan,
    decision: Decision,
    head: Head | None,
    owner: str,
    problems: list[str],
    timeout_s: float,
) -> StateUpdate:
    """Write the health, the next state and the present entry session to state.json; return the update."""
    try:
        with store.transaction(timeout_s, place=PROGRESS) as tx:
            kept_as = _set_aside(store, tx, problems)
            outcome = RECOVERED if kept_as else CREATED if tx.read(STATE) is None else EXISTS
            progress = Progress(store, tx)
            crashed = _begin_session(progress, owner)
            state = {**progress.state, "health_status": health.status, "next_state": decision.next_state}
            if plan.corrupt:  # without the features the next state is a guess, which must not allow a transition
                del state["next_state"]
            state["health_checked_at"] = progress.now
            if health.forced:
                state["health_forced_at"] = progress.now
            if health.status == states.HEALTHY and head is not None and head.commit:
                state["last_passing_commit"] = head.commit
            progress.state = state
            if progress.metrics is not None:
                progress.measure(metrics.count_health_check(progress.metrics, health.status))
            progress.put()
            session_id = progress.state["session_id"]
        _make_folder(store, CONFIG[:-1], problems)  # skills of an agent write project.json into this folder
        return StateUpdate(outcome, states.current(state), crashed, session_id, kept_as)
    except SessionError as error:
        problems.append(str(error))
        return StateUpdate(UNUSABLE, _state_or_start(store), code=error.code)


def _make_folder(store: FileStore, parts: tuple[str, ...], problems: list[str]) -> None:
    """Make the folder if it is missing; add a line to `problems` if that fails."""
    try:
        folder = Folder.at(store.root, store.shown)
        for depth, part in enumerate(parts):
            parent = folder
            try:
                folder = parent.child(part, link=not depth) or parent.make_child(part)
            finally:
                parent.close()
        folder.close()
    except OSError as error:
        problems.append(str(store.problem("make", "/".join(parts), error)))
    except SessionError as error:
        problems.append(str(error))


def _set_aside(store: FileStore, tx: Transaction, problems: list[str]) -> str:
    """Move a corrupt state.json to another name in this transaction.

    Return the path of that file, or "" if state.json is missing or valid.
    """
    try:
        documents.read(store, STATE, tx)
    except Corrupt as error:
        kept_as = documents.keep_aside(store, tx, STATE, tx.read(STATE) or b"", clock.iso(clock.now_ms()))
        tx.delete(STATE)
        problems.append(f"{error.message}: kept as {kept_as}")
        return kept_as
    return ""


def _begin_session(progress: Progress, owner: str) -> CrashedSession | None:
    """Begin an entry session, unless the same conversation already has one.

    Return the previous session if it ended without a handoff, else None.
    """
    old = progress.state
    crashed = None
    if old.get("dirty") is True:
        if owner and old.get("owner") == owner and progress.metrics is not None:
            return None
        crashed = _crashed_session(progress)
        if progress.metrics is not None:
            from session.entry import traces  # cost: only if a session crashed

            traces.add(progress, metrics.NOT_HANDED_OFF)
            progress.close_session(metrics.end(progress.metrics, None, metrics.NOT_HANDED_OFF))
    progress.begin_session(owner)
    return crashed


def _crashed_session(progress: Progress) -> CrashedSession:
    state, numbers = progress.state, progress.metrics or {}
    began_at = text_at(numbers, "started_at")
    last = state.get("last_action")
    step = states.last_step(state)
    if step is not None:
        began_ms, at_ms = clock.parse_ms(began_at), clock.parse_ms(step.get("at"))
        is_its_own = began_ms is not None and at_ms is not None and at_ms >= began_ms
        # the last action may come from the handoff of an earlier session
        if not isinstance(last, str) or (is_its_own and not numbers.get("features_touched")):
            last = states.step_text(step)
    return CrashedSession(
        began_at,
        states.current(state),
        text_at(state, "feature_id"),
        last if isinstance(last, str) else "",
        progress.tx.read(CHECKPOINT) is not None,
    )


def _state_or_start(store: FileStore) -> str:
    """Return the state in state.json, or START if the file is missing or unusable."""
    try:
        return states.current(documents.read(store, STATE) or {})
    except SessionError:
        return states.START
