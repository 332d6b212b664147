"""Testing a feature: its own tests, or the project's, are run here, and what came of it is the evidence (seed: 001)."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from session.entry import documents, evidence, feature_status, metrics, run_command, states
from session.entry import feature_list as lists
from session.entry.config import PATH, Config
from session.entry.documents import FEATURES, STATE, Document
from session.entry.feature_list import BLOCKED, COMPLETED, DONE, TESTED, Feature
from session.entry.progress import Progress, changing
from session.entry.run_command import Ran
from session.errors import Conflict, SessionError
from session.host import project_config
from session.store.files import FileStore

# what a test is about: as long as these are the same, it counts for the feature
_SAME = ("description", "status", "tests", "dependencies", "attempts", "evidence")


class Outcome(NamedTuple):
    """What came of it: whether the tests passed, a line about it, the feature as it is now, the end of what the tests
    said, and the project's state."""

    passed: bool
    said: str
    feature: Feature
    tail: str
    state: Document


def own_commands(feature: Feature, path: str) -> dict[str, str]:
    """The feature's own tests, by the name that trust knows each by. SessionError where they are no commands."""
    known = feature.get("tests")
    name = lists.id_of(feature)
    each = [known] if isinstance(known, str) else known
    if known is None or known == [] or (isinstance(known, str) and not known.strip()):
        return {}
    if not isinstance(each, list):
        raise SessionError(f"{path}: tests of {name} are neither a command nor a list of commands", "mend it")
    found = {}
    for at, command in enumerate(each, 1):
        label = f"tests of {name}" + (f" ({at})" if at > 1 else "")
        if not command or (isinstance(command, str) and not command.strip()):  # which a shell would let pass
            raise SessionError(f"{path}: {label} is empty", "mend it")
        found[label] = project_config.command_text(command, label, path)
    return found


def all_commands(store: FileStore) -> dict[str, str]:
    """Every feature's own tests, by those names. SessionError where the list can't be used."""
    path = store.shown_path(FEATURES)
    features = lists.all_of(documents.read(store, FEATURES) or {}, path)
    return {name: command for each in features for name, command in own_commands(each, path).items()}


def smoke(store: FileStore, *, yes: bool, tell: Callable[[str], None]) -> Ran | None:
    """Run the configured smoke test, None where there is none."""
    config = _config(store.root, tell)
    command = config.commands.get("smoke_test")
    if command is None:
        return None
    run_command.require_trust(store.root, "smoke_test", command, yes=yes)
    return run_command.run(store.root, "smoke_test", command, config.timeouts_s["smoke_test"], tell)


def tested(store: FileStore, name: str, *, yes: bool, timeout_s: float, tell: Callable[[str], None]) -> Outcome:
    """Run the feature's tests, and record what came of it.

    `timeout_s` is for the store's lock, which nobody holds while they run. SessionError where there is nothing to run,
    or it may not be; Conflict where the feature was changed meanwhile: then nothing is recorded.
    """
    path = store.shown_path(FEATURES)
    documents.read(store, STATE)  # so that nothing is run where nothing could be recorded
    feature = lists.find(lists.all_of(documents.read(store, FEATURES) or {}, path), name, path)
    if lists.status_of(feature) == BLOCKED:
        raise SessionError(f"{name} is blocked: {feature_status.reason_of(feature)}", f"session feature unblock {name}")
    config = _config(store.root, tell)
    found = own_commands(feature, path)
    if not found and "test_command" in config.commands:
        found = {"test_command": config.commands["test_command"]}
    if not found:
        hint = f"name a test_command in {PATH}, or the feature's own tests in {path}"
        raise SessionError(f"nothing to test {name} with: without evidence nothing counts as tested", hint)
    for label, command in found.items():
        run_command.require_trust(store.root, label, command, yes=yes)
    where = evidence.place(store.root)
    for reason in where.reasons:
        tell(f"git: {reason}")
    limit_s = config.timeouts_s["full_test"]
    runs = _run(store.root, found, limit_s, tell)
    if where.tree is not None and evidence.place(store.root).tree not in (where.tree, None):
        tell("files changed while the tests ran: the evidence is of what they were before")
    with changing(store, timeout_s) as progress:
        now = lists.find(lists.all_of(progress.features, path), name, path)
        if any(now.get(field) != feature.get(field) for field in _SAME):
            ended = "passed" if runs[-1].passed else "failed"
            raise Conflict(
                f"{name} was changed while its tests ran: that they {ended} is not recorded", "test it again"
            )
        said = _record(progress, now, runs, evidence.record(runs, where, progress.now), limit_s)
        after = lists.find(lists.all_of(progress.features, path), name, path)
        state = progress.state
    return Outcome(runs[-1].passed, said, after, runs[-1].tail, state)


def _run(root: str, found: Mapping[str, str], limit_s: float, tell: Callable[[str], None]) -> list[Ran]:
    """Run the commands, in order, up to the first one that fails; `limit_s` is for all of them."""
    runs: list[Ran] = []
    deadline = time.monotonic() + limit_s
    for label, command in found.items():
        left_s = deadline - time.monotonic()
        runs.append(run_command.run(root, label, command, left_s, tell) if left_s > 0 else Ran(command, None, 0.0, ""))
        if not runs[-1].passed:
            break
    return runs


def _record(progress: Progress, feature: Feature, runs: list[Ran], proof: Document, limit_s: float) -> str:
    name, last = lists.id_of(feature), runs[-1]
    if progress.metrics is not None:
        progress.measure(metrics.tested(progress.metrics, passed=last.passed))
    if last.passed:
        if lists.status_of(feature) not in DONE:
            progress.count("features_completed")
        status = COMPLETED if lists.status_of(feature) == COMPLETED else TESTED
        progress.features = lists.changed(
            progress.features, name, progress.features_path, status=status, tested=True, evidence=proof
        )
        if progress.state.get("feature_id") == name:
            progress.state = {**progress.state, "attempts": 0}
        return feature_status.noted(progress, f"{name} {status}: {proof['command']} passed")
    progress.count("retries")
    if last.code is None:
        said = feature_status.give_up(progress, name, f"its tests did not end within {limit_s:g} s", evidence=proof)
    else:
        reason = f"exit code {last.code} from {last.command}"
        said = feature_status.fail(progress, name, reason, evidence=proof)
    if states.current(progress.state) == states.TEST:
        progress.enter(states.IMPLEMENT, said)
    return feature_status.noted(progress, said)


def _config(root: str, tell: Callable[[str], None]) -> Config:
    config = Config(root)
    if config.broken:
        raise SessionError(f"{config.problems[0]}: nothing can be run")
    for problem in config.problems:
        tell(problem)
    return config
