"""Change the status of features: start, implemented, failed, blocked. Each change is part of one commit.

Each function changes the `Progress` that it gets, and returns a line for the user. It raises SessionError if the change
is not allowed; then nothing is written.
"""

from session.entry import feature_list, states
from session.entry.documents import Document
from session.entry.feature_list import BLOCKED, DONE, IMPLEMENTED, IN_PROGRESS, PENDING, Feature
from session.entry.progress import Progress
from session.errors import SessionError
from session.text.typed import count_at, text_at

MOST_ATTEMPTS = 3  # a feature is blocked after this many failed tests

# the result of the smoke test, as the feature records it when it is started
PASSED, SKIPPED, NONE, NOT_RUN = "passed", "skipped (--no-smoke)", "none configured", "not run (taken by itself)"


def add(progress: Progress, feature: Feature) -> str:
    """Add the feature to the end of the list."""
    progress.features = feature_list.add_feature(progress.features, feature, progress.features_path)
    return f"{feature_list.id_of(feature)} added"


def find_startable(state: Document, features: list[Feature], name: str, path: str) -> Feature:
    """Return the feature with the id `name`, or the next one if `name` is empty; raise SessionError if it can't start.

    No feature can start while the project is BROKEN. A feature can't start if it is done or blocked, or waits for
    another one.
    """
    if state.get("health_status") == states.BROKEN:
        raise SessionError("the project is BROKEN: nothing new is begun", "mend it, then session enter")
    if name:
        feature = feature_list.find(features, name, path)
    else:
        next_feature = feature_list.next_feature(features)
        if next_feature is None:
            raise SessionError(f"no feature to start: {why_none_ready(features)}")
        if not feature_list.id_of(next_feature):
            raise SessionError(f"{path}: the next feature has no id", "mend it")
        feature = feature_list.find(features, feature_list.id_of(next_feature), path)
    name, status = feature_list.id_of(feature), feature_list.status_of(feature)
    if status in DONE:
        raise SessionError(f"{name} is {status}", f"session feature tested {name} runs its tests once more")
    if status == BLOCKED:
        raise SessionError(f"{name} is blocked: {reason_of(feature)}", f"session feature unblock {name}")
    waits = feature_list.waits_for(features, feature)
    if waits:
        raise SessionError(f"{name} waits for {', '.join(waits)}", "finish what it depends on first")
    return feature


def start(progress: Progress, name: str, smoke: str) -> str:
    """Start the feature, or the next one if `name` is empty, and make it the current one.

    `smoke` is the result of the smoke test, which the feature records.
    """
    feature = find_startable(progress.state, _all(progress), name, progress.features_path)
    _take(progress, feature, smoke)
    return note(progress, f"{feature_list.id_of(feature)} started")


def mark_implemented(progress: Progress, name: str) -> str:
    """Mark the feature as implemented: its tests are the next step."""
    feature = _find(progress, name)
    status = feature_list.status_of(feature)
    if status == IMPLEMENTED:
        return f"{name} is implemented already"
    if status not in (PENDING, IN_PROGRESS):
        hint = f"session feature unblock {name}" if status == BLOCKED else ""
        raise SessionError(f"{name} is {status}, not in progress", hint)
    _set(progress, name, status=IMPLEMENTED, tested=False)
    return note(progress, f"{name} implemented")


def block(progress: Progress, name: str, reason: str) -> str:
    """Block the feature, and record the reason."""
    status = feature_list.status_of(_find(progress, name))
    if status in DONE:
        raise SessionError(f"{name} is {status}: there is nothing left to block")
    _set(progress, name, status=BLOCKED, blocked_reason=reason)
    return note(progress, f"{name} blocked: {reason}")


def unblock(progress: Progress, name: str) -> str:
    """Make a blocked feature pending again, without any failed attempts."""
    if feature_list.status_of(_find(progress, name)) != BLOCKED:
        return f"{name} is not blocked"
    _set(progress, name, status=PENDING, blocked_reason=None, attempts=0)
    if progress.state.get("feature_id") == name:
        progress.state = {**progress.state, "attempts": 0}
    return note(progress, f"{name} unblocked")


def fail_current(progress: Progress, reason: str) -> str:
    """Count a failed test of the current feature; return a line, or "" if no feature is affected.

    After MOST_ATTEMPTS the feature is blocked, and the next one becomes current. A feature that is done or blocked is
    not affected. Without a current feature only the state counts the attempt.
    """
    feature = _current(progress)
    if feature is None:
        attempts = _attempts(progress.state) + 1
        progress.state = {**progress.state, "attempts": attempts}
        return ""
    if feature_list.status_of(feature) in (*DONE, BLOCKED):
        return ""
    return fail(progress, feature_list.id_of(feature), reason)


def fail(progress: Progress, name: str, reason: str, **fields: object) -> str:
    """Count a failed test of the given feature, and put it back in progress, even if it was done before.

    After MOST_ATTEMPTS the feature is blocked, and the next one becomes current. `fields` are more fields of the
    feature to set.
    """
    feature, state = _find(progress, name), progress.state
    attempts = 0
    if feature_list.status_of(feature) not in DONE:
        in_state = feature.get("attempts") is None and state.get("feature_id") == name
        attempts = _attempts(state if in_state else feature)
    attempts += 1
    if attempts >= MOST_ATTEMPTS:
        why = f"{attempts} attempts failed" + (f": {reason}" if reason else "")
        return give_up(progress, name, why, attempts=attempts, **fields)
    _set(progress, name, status=IN_PROGRESS, tested=False, attempts=attempts, **fields)
    progress.state = {**progress.state, "feature_id": name, "attempts": attempts}
    return f"{name}: attempt {attempts} of {MOST_ATTEMPTS} failed; back in progress"


def give_up(progress: Progress, name: str, reason: str, **fields: object) -> str:
    """Block the feature, and make the next one current. `fields` are more fields of the feature to set."""
    _set(progress, name, status=BLOCKED, tested=False, blocked_reason=reason, **fields)
    features = _all(progress)
    following = feature_list.next_feature(features)
    if following is None or not feature_list.id_of(following):
        progress.state = {key: value for key, value in progress.state.items() if key not in ("feature_id", "attempts")}
        return f"{name} is blocked ({reason}); no other feature is ready: {why_none_ready(features)}"
    _take(progress, following, NOT_RUN)
    return f"{name} is blocked ({reason}); next is {feature_list.id_of(following)}"


def why_none_ready(features: list[Feature]) -> str:
    """Return the reason why no feature is ready to work on."""
    if not features:
        return "no features are planned (session feature add ID DESCRIPTION)"
    counts = feature_list.counts(features)
    if counts.done == counts.total:
        return f"all {counts.total} done"
    reasons = []
    untested = feature_list.ids(features, IMPLEMENTED)
    if untested:
        reasons.append(f"to be tested: {', '.join(untested)}")
    blocked = feature_list.ids(features, BLOCKED)
    if blocked:
        reasons.append(f"blocked: {', '.join(blocked)}")
    done = feature_list.done_ids(features)
    for feature in features:
        if feature_list.status_of(feature) in (PENDING, IN_PROGRESS):
            waits = feature_list.unfinished(feature, done)
            reasons.append(f"{feature_list.id_of(feature)} waits for {', '.join(waits)}")
    return "; ".join(reasons)


def reason_of(feature: Feature) -> str:
    """Return the recorded reason why the feature is blocked, or a text that says there is none."""
    return text_at(feature, "blocked_reason") or "no reason was recorded"


def note(progress: Progress, line: str) -> str:
    """Record the line as the state's last action, and return it."""
    progress.state = {**progress.state, "last_action": line}
    return line


def _take(progress: Progress, feature: Feature, smoke: str) -> None:
    """Make the feature the current one, in progress. A feature that was in progress keeps its failed attempts."""
    attempts = _attempts(feature) if feature_list.status_of(feature) == IN_PROGRESS else 0
    name = feature_list.id_of(feature)
    started = {"at": progress.now, "smoke_test": smoke}
    _set(progress, name, status=IN_PROGRESS, tested=False, attempts=attempts, started=started)
    progress.state = {**progress.state, "feature_id": name, "attempts": attempts}


def _current(progress: Progress) -> Feature | None:
    """Return the feature that the state names, or the only one that is started and not yet tested."""
    features = progress.listed()
    if progress.state.get("feature_id") is not None:
        return feature_list.current_feature(features, progress.state)
    started = [each for each in features if feature_list.status_of(each) in (IN_PROGRESS, IMPLEMENTED)]
    return started[0] if len(started) == 1 and feature_list.id_of(started[0]) else None


def _all(progress: Progress) -> list[Feature]:
    return feature_list.all_of(progress.features, progress.features_path)


def _find(progress: Progress, name: str) -> Feature:
    return feature_list.find(_all(progress), name, progress.features_path)


def _set(progress: Progress, name: str, **fields: object) -> None:
    progress.features = feature_list.set_fields(progress.features, name, progress.features_path, **fields)


def _attempts(document: Document) -> int:
    """Return the number of failed attempts that a feature or the state records."""
    return max(count_at(document, "attempts"), 0)
