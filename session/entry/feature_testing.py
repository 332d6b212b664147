"""Test a feature: run its own tests, or else the project's, and record the result as evidence."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from session.entry import documents, evidence, feature_list, feature_status, metrics, run_command, states
from session.entry.config import PATH, Config
from session.entry.documents import FEATURES, STATE, Document
from session.entry.feature_list import BLOCKED, COMPLETED, DONE, TESTED, Feature
from session.entry.progress import Progress, changing
from session.entry.run_command import CommandResult
from session.errors import Conflict, SessionError
from session.host import project_config
from session.store.files import FileStore

# a result is recorded only if these fields did not change while the tests ran
_TESTED_FIELDS = ("description", "status", "tests", "dependencies", "attempts", "evidence")


class Outcome(NamedTuple):
    """The result of testing a feature: a line for the user, and the feature and the state after it.

    `tail` is the end of the tests' output.
    """

    passed: bool
    message: str
    feature: Feature
    tail: str
    state: Document


def own_commands(feature: Feature, path: str) -> dict[str, str]:
    """Return the feature's own test commands by label, such as `tests of F-2`. The user trusts a command by its label.

    Raise SessionError, which names the file at `path`, if `tests` is neither a command nor a list of commands.
    """
    tests = feature.get("tests")
    name = feature_list.id_of(feature)
    if tests is None or tests == [] or (isinstance(tests, str) and not tests.strip()):
        return {}
    entries = [tests] if isinstance(tests, str) else tests
    if not isinstance(entries, list):
        raise SessionError(f"{path}: tests of {name} are neither a command nor a list of commands", "mend it")
    commands = {}
    for at, command in enumerate(entries, 1):
        label = f"tests of {name}" + (f" ({at})" if at > 1 else "")
        if not command or (
            isinstance(command, str) and not command.strip()
        ):  # a shell reports success for an empty command
            raise SessionError(f"{path}: {label} are empty", "mend it")
        commands[label] = project_config.command_text(command, label, path)
    return commands


def all_commands(store: FileStore) -> dict[str, str]:
    """Return the own test commands of all features, by label; raise SessionError if the list is unusable."""
    path = store.shown_path(FEATURES)
    features = feature_list.all_of(documents.read(store, FEATURES) or {}, path)
    return {label: command for each in features for label, command in own_commands(each, path).items()}


def smoke(store: FileStore, *, yes: bool, tell: Callable[[str], None]) -> CommandResult | None:
    """Run the configured smoke test, and return its result, or None if none is configured."""
    config = _config(store.root, tell)
    command = config.commands.get("smoke_test")
    if command is None:
        return None
    run_command.require_trust(store.root, "smoke_test", command, yes=yes)
    return run_command.run(store.root, "smoke_test", command, config.timeouts_s["smoke_test"], tell)


def run_tests(store: FileStore, name: str, *, yes: bool, timeout_s: float, tell: Callable[[str], None]) -> Outcome:
    """Run the feature's tests, record the result, and return it.

    `timeout_s` is for the store's lock, which is free while the tests run. Raise SessionError if there is no test to
    run, or the user does not trust it. Raise Conflict if the feature changed while its tests ran; then nothing is
    recorded.
    """
    path = store.shown_path(FEATURES)
    # raises for an unusable state, before any test runs: the result could not be recorded
    documents.read(store, STATE)
    feature = feature_list.find(feature_list.all_of(documents.read(store, FEATURES) or {}, path), name, path)
    if feature_list.status_of(feature) == BLOCKED:
        raise SessionError(f"{name} is blocked: {feature_status.reason_of(feature)}", f"session feature unblock {name}")
    config = _config(store.root, tell)
    commands = own_commands(feature, path)
    if not commands and "test_command" in config.commands:
        commands = {"test_command": config.commands["test_command"]}
    if not commands:
        hint = f"name a test_command in {PATH}, or the feature's own tests in {path}"
        raise SessionError(f"nothing to test {name} with: without evidence nothing counts as tested", hint)
    for label, command in commands.items():
        run_command.require_trust(store.root, label, command, yes=yes)
    files = evidence.read_working_tree(store.root)
    for reason in files.reasons:
        tell(f"git: {reason}")
    limit_s = config.timeouts_s["full_test"]
    results = _run(store.root, commands, limit_s, tell)
    last = results[-1]
    if files.tree is not None and evidence.read_working_tree(store.root).tree not in (files.tree, None):
        tell("files changed while the tests ran: the evidence describes them as they were before")
    with changing(store, timeout_s) as progress:
        now = feature_list.find(feature_list.all_of(progress.features, path), name, path)
        if any(now.get(field) != feature.get(field) for field in _TESTED_FIELDS):
            result = "passed" if last.passed else "failed"
            raise Conflict(
                f"{name} was changed while its tests ran: their result ({result}) is not recorded", "test it again"
            )
        message = _record(progress, now, last, evidence.record(results, files, progress.now), limit_s)
        after = feature_list.find(feature_list.all_of(progress.features, path), name, path)
        state = progress.state
    return Outcome(last.passed, message, after, last.tail, state)


def _run(root: str, commands: Mapping[str, str], limit_s: float, tell: Callable[[str], None]) -> list[CommandResult]:
    """Run the commands in order, and stop at the first failure. `limit_s` is the time for all of them together."""
    results: list[CommandResult] = []
    deadline = time.monotonic() + limit_s
    for label, command in commands.items():
        left_s = deadline - time.monotonic()
        if left_s > 0:
            results.append(run_command.run(root, label, command, left_s, tell))
        else:
            results.append(CommandResult(command, None, 0.0, ""))
        if not results[-1].passed:
            break
    return results


def _record(progress: Progress, feature: Feature, last: CommandResult, proof: Document, limit_s: float) -> str:
    """Record the evidence `proof` and the feature's new status; return a line for the user."""
    name = feature_list.id_of(feature)
    if progress.metrics is not None:
        progress.measure(metrics.count_test_run(progress.metrics, passed=last.passed))
    if last.passed:
        if feature_list.status_of(feature) not in DONE:
            progress.count("features_completed")
        status = COMPLETED if feature_list.status_of(feature) == COMPLETED else TESTED
        progress.features = feature_list.set_fields(
            progress.features, name, progress.features_path, status=status, tested=True, evidence=proof
        )
        if progress.state.get("feature_id") == name:
            progress.state = {**progress.state, "attempts": 0}
        return feature_status.note(progress, f"{name} {status}: {proof['command']} passed")
    progress.count("retries")
    if last.code is None:
        message = feature_status.give_up(progress, name, f"its tests did not end within {limit_s:g} s", evidence=proof)
    else:
        reason = f"exit code {last.code} from {last.command}"
        message = feature_status.fail(progress, name, reason, evidence=proof)
    if states.current(progress.state) == states.TEST:
        progress.enter(states.IMPLEMENT, message)
    return feature_status.note(progress, message)


def _config(root: str, tell: Callable[[str], None]) -> Config:
    """Return the project's settings, and print their problems; raise SessionError if they are unusable."""
    config = Config(root)
    if config.broken:
        raise SessionError(f"{config.problems[0]}: nothing can be run")
    for problem in config.problems:
        tell(problem)
    return config
