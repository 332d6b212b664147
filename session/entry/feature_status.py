"""Work on features: what begins, is done, fails or is blocked, as changes within one commit (seed: 001).

Each function changes the `Progress` that it is given, and returns a line that says what happened. SessionError says why
something may not be; then nothing is written.
"""

from typing import Any

from session.entry import feature_list as lists
from session.entry import states
from session.entry.documents import Document
from session.entry.feature_list import BLOCKED, DONE, IMPLEMENTED, IN_PROGRESS, PENDING, Feature
from session.entry.progress import Progress
from session.errors import SessionError

MOST_ATTEMPTS = 3  # failed tests, after which a feature is blocked

# what became of the smoke test before a feature was begun
PASSED, SKIPPED, NONE, NOT_RUN = "passed", "skipped (--no-smoke)", "none configured", "not run (taken by itself)"


def add(progress: Progress, feature: Feature) -> str:
    """The list ends with one feature more."""
    progress.features = lists.added(progress.features, feature, progress.features_path)
    return f"{lists.id_of(feature)} added"


def startable(state: Document, features: list[Feature], name: str, path: str) -> Feature:
    """The feature, the next one where `name` is empty; SessionError where it may not be begun."""
    if state.get("health_status") == states.BROKEN:
        raise SessionError("the project is BROKEN: nothing new is begun", "mend it, then session enter")
    if name:
        feature = lists.find(features, name, path)
    else:
        found = lists.next_feature(features)
        if found is None:
            raise SessionError(f"nothing to begin: {none_ready(features)}")
        if not lists.id_of(found):
            raise SessionError(f"{path}: the next feature has no id", "mend it")
        feature = lists.find(features, lists.id_of(found), path)
    name, status = lists.id_of(feature), lists.status_of(feature)
    if status in DONE:
        raise SessionError(f"{name} is {status}", f"session feature tested {name} runs its tests once more")
    if status == BLOCKED:
        raise SessionError(f"{name} is blocked: {reason_of(feature)}", f"session feature unblock {name}")
    waits = lists.waits_for(features, feature)
    if waits:
        raise SessionError(f"{name} waits for {', '.join(waits)}", "finish what it depends on first")
    return feature


def start(progress: Progress, name: str, smoke: str) -> str:
    """The feature is what is worked on from now on; `smoke` is what became of the smoke test."""
    features = lists.all_of(progress.features, progress.features_path)
    feature = startable(progress.state, features, name, progress.features_path)
    _take(progress, feature, smoke)
    return noted(progress, f"{lists.id_of(feature)} started")


def implemented(progress: Progress, name: str) -> str:
    """It is written, and to be tested."""
    feature = _feature(progress, name)
    status = lists.status_of(feature)
    if status == IMPLEMENTED:
        return f"{name} is implemented already"
    if status not in (PENDING, IN_PROGRESS):
        hint = f"session feature unblock {name}" if status == BLOCKED else ""
        raise SessionError(f"{name} is {status}, not in progress", hint)
    _set(progress, name, status=IMPLEMENTED, tested=False)
    return noted(progress, f"{name} implemented")


def block(progress: Progress, name: str, reason: str) -> str:
    """Nobody can go on with it; the reason is kept."""
    status = lists.status_of(_feature(progress, name))
    if status in DONE:
        raise SessionError(f"{name} is {status}: there is nothing left to block")
    _set(progress, name, status=BLOCKED, blocked_reason=reason)
    return noted(progress, f"{name} blocked: {reason}")


def unblock(progress: Progress, name: str) -> str:
    """It is to be worked on again, as if nobody had tried."""
    if lists.status_of(_feature(progress, name)) != BLOCKED:
        return f"{name} is not blocked"
    _set(progress, name, status=PENDING, blocked_reason=None, attempts=0)
    if progress.state.get("feature_id") == name:
        progress.state = {**progress.state, "attempts": 0}
    return noted(progress, f"{name} unblocked")


def failed(progress: Progress, reason: str) -> str:
    """A test of what is worked on failed: one attempt more. After MOST_ATTEMPTS the feature is blocked, and the next
    one taken. What is tested, or blocked already, did not fail. The line is empty where no feature is concerned."""
    feature = _worked_on(progress)
    if feature is None:
        attempts = _number(progress.state.get("attempts")) + 1
        progress.state = {**progress.state, "attempts": attempts}
        return ""
    if lists.status_of(feature) in (*DONE, BLOCKED):
        return ""
    return fail(progress, lists.id_of(feature), reason)


def fail(progress: Progress, name: str, reason: str, **fields: object) -> str:
    """The same, of that feature, which may have been done before. `fields` of it are set, too."""
    feature, state = _feature(progress, name), progress.state
    attempts = 0
    if lists.status_of(feature) not in DONE:
        known = feature.get("attempts")
        attempts = _number(state.get("attempts") if known is None and state.get("feature_id") == name else known)
    attempts += 1
    if attempts >= MOST_ATTEMPTS:
        why = f"{attempts} attempts failed" + (f": {reason}" if reason else "")
        return give_up(progress, name, why, attempts=attempts, **fields)
    _set(progress, name, status=IN_PROGRESS, tested=False, attempts=attempts, **fields)
    progress.state = {**progress.state, "feature_id": name, "attempts": attempts}
    return f"{name}: attempt {attempts} of {MOST_ATTEMPTS} failed; back in progress"


def give_up(progress: Progress, name: str, reason: str, **fields: object) -> str:
    """The feature is blocked, and the next one taken. `fields` of it are set, too."""
    _set(progress, name, status=BLOCKED, tested=False, blocked_reason=reason, **fields)
    features = lists.all_of(progress.features, progress.features_path)
    following = lists.next_feature(features)
    if following is None or not lists.id_of(following):
        progress.state = {key: value for key, value in progress.state.items() if key not in ("feature_id", "attempts")}
        return f"{name} is blocked ({reason}); no other is ready: {none_ready(features)}"
    _take(progress, following, NOT_RUN)
    return f"{name} is blocked ({reason}); next is {lists.id_of(following)}"


def none_ready(features: list[Feature]) -> str:
    """Why there is no feature to work on."""
    if not features:
        return "no features are planned (session feature add ID DESCRIPTION)"
    counts = lists.counts(features)
    if counts.done == counts.total:
        return f"all {counts.total} done"
    found = []
    untested = lists.ids(features, IMPLEMENTED)
    if untested:
        found.append(f"to be tested: {', '.join(untested)}")
    blocked = lists.ids(features, BLOCKED)
    if blocked:
        found.append(f"blocked: {', '.join(blocked)}")
    waiting = [each for each in features if lists.status_of(each) in (PENDING, IN_PROGRESS)]
    found += [f"{lists.id_of(each)} waits for {', '.join(lists.waits_for(features, each))}" for each in waiting]
    return "; ".join(found)


def reason_of(feature: Feature) -> str:
    """Why it is blocked, as far as that is known."""
    reason = feature.get("blocked_reason")
    return reason if isinstance(reason, str) and reason else "nobody noted why"


def noted(progress: Progress, line: str) -> str:
    """Have the line as what was done last."""
    progress.state = {**progress.state, "last_action": line}
    return line


def _take(progress: Progress, feature: Feature, smoke: str) -> None:
    # who goes on with what had been begun does not have its failures forgotten
    attempts = _number(feature.get("attempts")) if lists.status_of(feature) == IN_PROGRESS else 0
    name = lists.id_of(feature)
    started = {"at": progress.now, "smoke_test": smoke}
    _set(progress, name, status=IN_PROGRESS, tested=False, attempts=attempts, started=started)
    progress.state = {**progress.state, "feature_id": name, "attempts": attempts}


def _worked_on(progress: Progress) -> Feature | None:
    features = progress.listed()
    known = progress.state.get("feature_id")
    if known is not None:
        return next((each for each in features if lists.id_of(each) == str(known)), None)
    begun = [each for each in features if lists.status_of(each) in (IN_PROGRESS, IMPLEMENTED)]
    return begun[0] if len(begun) == 1 and lists.id_of(begun[0]) else None


def _feature(progress: Progress, name: str) -> Feature:
    return lists.find(lists.all_of(progress.features, progress.features_path), name, progress.features_path)


def _set(progress: Progress, name: str, **fields: object) -> None:
    progress.features = lists.changed(progress.features, name, progress.features_path, **fields)


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
