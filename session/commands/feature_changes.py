"""The commands of `session feature` that change a feature. Each prints one line, or JSON with --json."""

from argparse import Namespace
from collections.abc import Callable

from session import output
from session.arguments import check_utf8
from session.commands.commit_changes import commit_changes, report_commit
from session.commands.parser import Parser, parser
from session.commands.tables import json_out
from session.entry import documents, feature_list, feature_status, feature_testing
from session.entry.documents import FEATURES, STATE
from session.entry.feature_list import PENDING, PRIORITIES, Feature
from session.entry.progress import Progress, changing
from session.errors import SessionError, UsageError
from session.host import project_config
from session.host.project_store import open_store
from session.notices import printed
from session.store import lock
from session.store.files import FileStore


def feature_parser(command: str, description: str, examples: str = "") -> Parser:
    """Return the parser of a `session feature` command that takes one feature's ID and --json."""
    command_line = parser(f"session feature {command}", description, examples)
    command_line.add_argument("id", metavar="ID", help="the feature's id")
    command_line.add_json("print JSON")
    return command_line


def read_features() -> tuple[FileStore, list[Feature]]:
    """Return the project's store and its features; a project without a feature list has none."""
    store = open_store()
    return store, feature_list.all_of(documents.read(store, FEATURES) or {}, store.shown_path(FEATURES))


def add(argv: list[str]) -> int:
    """Run `session feature add`; return the exit code."""
    command_line = feature_parser("add", "Add a pending feature to the end of the list.")
    command_line.add_argument(
        "description", metavar="DESCRIPTION", nargs="+", help="a line that says what the feature is"
    )
    command_line.add_argument(
        "--priority", choices=PRIORITIES, default="P1", help="P0 is the most urgent (default: P1)"
    )
    command_line.add_argument("--type", metavar="T", default="feature", help="its kind, such as fix (default: feature)")
    command_line.add_argument(
        "--depends", metavar="A,B", default="", help="the ids of the features that must be done first"
    )
    command_line.add_argument(
        "--tests", metavar="CMD", action="append", default=[], help="a command that tests it; may be repeated"
    )
    command_line.add_argument(
        "--file", metavar="PATH", action="append", default=[], help="a file that belongs to it; may be repeated"
    )
    command_line.add_argument("--notes", metavar="T", default="", help="anything else worth knowing")
    options = command_line.parse_args(argv)
    options.description = " ".join(options.description)
    feature_list.check_id(options.id)
    for option in ("id", "description", "type", "depends", "notes", "tests", "file"):
        value = getattr(options, option)
        for text in value if isinstance(value, list) else [value]:
            check_utf8("the description" if option == "description" else option, text)
    if not options.description.strip():
        raise UsageError("the description is empty", "session feature add ID DESCRIPTION")
    for command in options.tests:
        if not command.strip():
            raise UsageError("--tests is empty", "session feature add --help")
        project_config.command_text(command, "--tests", "session feature add")
    feature: Feature = {
        "id": options.id,
        "description": options.description,
        "type": options.type,
        "priority": options.priority,
        "status": PENDING,
        "tested": False,
        "dependencies": list(dict.fromkeys(name.strip() for name in options.depends.split(",") if name.strip())),
        "tests": options.tests,
        "files": options.file,
        "notes": options.notes,
    }
    return _change(options, open_store(), lambda progress: feature_status.add(progress, feature))


def start(argv: list[str]) -> int:
    """Run `session feature start`; return the exit code."""
    command_line = parser(
        "session feature start",
        "Start work on a feature. The smoke_test of .claude/config/project.json, a quick check\n"
        "that the project works at all, must pass first.",
        "session feature start F-2\nsession feature start --no-smoke",
    )
    command_line.add_argument("id", metavar="ID", nargs="?", default="", help="the feature (default: the next one)")
    command_line.add_argument("--no-smoke", action="store_true", help="skip the smoke test, and record that")
    command_line.add_argument("--yes", action="store_true", help="trust the smoke test for this run, as in CI")
    command_line.add_json("print JSON")
    options = command_line.parse_args(argv)
    store, features = read_features()
    state = documents.read(store, STATE) or {}
    feature = feature_status.find_startable(state, features, options.id, store.shown_path(FEATURES))
    options.id = feature_list.id_of(feature)
    smoke = feature_status.SKIPPED
    if not options.no_smoke:
        smoke_run = feature_testing.smoke(store, yes=options.yes, tell=output.tell)
        smoke = feature_status.NONE if smoke_run is None else feature_status.PASSED
        if smoke_run is not None and not smoke_run.passed:
            _tell_tail(smoke_run.tail)
            raise SessionError(
                f"{options.id} was not started: smoke_test: {smoke_run.ending}", "mend it, or --no-smoke"
            )
    return _change(options, store, lambda progress: feature_status.start(progress, options.id, smoke))


def mark_implemented(argv: list[str]) -> int:
    """Run `session feature implemented`; return the exit code."""
    description = "Record that the feature is written, and not yet tested."
    options = feature_parser("implemented", description).parse_args(argv)
    return _change(options, open_store(), lambda progress: feature_status.mark_implemented(progress, options.id))


def run_tests(argv: list[str]) -> int:
    """Run `session feature tested`; return the exit code, 1 if the tests fail."""
    description = """\
Run the feature's own tests, or the configured test_command if it has none, and record
the evidence: the command, its exit code, the time, and a hash of the project's files.

If the tests pass, the feature is tested. If they fail, it is in progress again; after
three failed attempts it is blocked. If they don't end in time, it is blocked at once.
When a feature is blocked, the next one is started."""
    command_line = feature_parser(
        "tested", description, "session feature tested F-1\nsession feature tested F-1 --commit"
    )
    command_line.add_argument(
        "--commit", action="store_true", help="if the tests pass, commit everything, as `ID: DESCRIPTION`"
    )
    command_line.add_argument("--yes", action="store_true", help="trust the tests for this run, as in CI")
    options = command_line.parse_args(argv)
    store = open_store()
    with printed(store.notices):
        outcome = feature_testing.run_tests(
            store, options.id, yes=options.yes, timeout_s=lock.timeout_s(), tell=output.tell
        )
    if not outcome.passed:
        _tell_tail(outcome.tail)
    commit, refusal = None, None
    if outcome.passed and options.commit:
        commit, refusal = commit_changes(store.root, _commit_message(outcome.feature))
    if options.json:
        answer = {
            "said": outcome.message,
            "passed": outcome.passed,
            "feature": outcome.feature,
            "commit": commit or None,
        }
        answer["feature_id"] = outcome.state.get("feature_id")
        json_out(answer, committed=True)
    elif outcome.passed:
        output.answer(f"{outcome.message}\n".encode("utf-8", "replace"), committed=True)
    if not outcome.passed:
        output.tell(outcome.message)
    report_commit(commit)
    if refusal is not None:
        reason = refusal.message.removeprefix("not committed: ")
        raise SessionError(f"{options.id} is tested, but not committed: {reason}", refusal.hint)
    return int(not outcome.passed)


def block(argv: list[str]) -> int:
    """Run `session feature block`; return the exit code."""
    command_line = feature_parser("block", "Record that nobody can continue the feature, and why.")
    command_line.add_argument("reason", metavar="REASON", nargs="+", help="a line that says why")
    options = command_line.parse_args(argv)
    reason = " ".join(options.reason)
    check_utf8("the reason", reason)
    if not reason.strip():
        raise UsageError("the reason is empty", "session feature block ID REASON")
    return _change(options, open_store(), lambda progress: feature_status.block(progress, options.id, reason))


def unblock(argv: list[str]) -> int:
    """Run `session feature unblock`; return the exit code."""
    description = "Return a blocked feature to pending, and forget its failed attempts."
    options = feature_parser("unblock", description).parse_args(argv)
    return _change(options, open_store(), lambda progress: feature_status.unblock(progress, options.id))


def _change(options: Namespace, store: FileStore, change: Callable[[Progress], str]) -> int:
    """Apply `change` in one transaction, print its line or the JSON answer, and return exit code 0."""
    with printed(store.notices), changing(store, lock.timeout_s()) as progress:
        line = change(progress)
        features = feature_list.all_of(progress.features, progress.features_path)
        feature = feature_list.find(features, options.id, "the list")
        state = progress.state
    if options.json:
        json_out({"said": line, "feature": feature, "feature_id": state.get("feature_id")}, committed=True)
    else:
        output.answer(f"{line}\n".encode("utf-8", "replace"), committed=True)
    return 0


def _commit_message(feature: Feature) -> str:
    name, description = feature_list.id_of(feature), feature.get("description")
    return f"{name}: {description}" if isinstance(description, str) else name


def _tell_tail(tail: str) -> None:
    for line in tail.splitlines():
        output.tell(line)
