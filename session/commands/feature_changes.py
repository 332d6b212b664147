"""The words of `session feature` that change something: each answers with a line, or with JSON; and its exit code."""

from argparse import Namespace
from collections.abc import Callable

from session import output
from session.arguments import check_utf8
from session.commands.parser import Parser, parser
from session.entry import documents, feature_status, feature_testing
from session.entry import feature_list as lists
from session.entry.documents import FEATURES, STATE
from session.entry.feature_list import PENDING, PRIORITIES, Feature
from session.entry.progress import Progress, changing
from session.errors import SessionError, UsageError
from session.host import project_config
from session.store import codec, lock
from session.store.files import FileStore, open_store


def of_one(word: str, about: str, examples: str = "") -> Parser:
    """The parser of a word that is about one feature."""
    words = parser(f"session feature {word}", about, examples)
    words.add_argument("id", metavar="ID", help="the feature's id")
    words.add_argument("--json", action="store_true", help="JSON")
    return words


def known() -> tuple[FileStore, list[Feature]]:
    """The project's features, none where there is no list."""
    store = open_store()
    return store, lists.all_of(documents.read(store, FEATURES) or {}, store.shown_path(FEATURES))


def add(argv: list[str]) -> int:
    """`ID DESCRIPTION [--priority P] [--type T] [--depends A,B] [--tests CMD]... [--file PATH]... [--notes T]`."""
    words = of_one("add", "Plan a feature: it is pending, and comes last in the list.")
    words.add_argument("description", metavar="DESCRIPTION", nargs="+", help="what it is, in a line")
    words.add_argument("--priority", choices=PRIORITIES, default="P1", help="P0 is the most urgent (default: P1)")
    words.add_argument("--type", metavar="T", default="feature", help="its kind (default: feature)")
    words.add_argument("--depends", metavar="A,B", default="", help="what has to be done first")
    words.add_argument("--tests", metavar="CMD", action="append", default=[], help="a command that tests it alone")
    words.add_argument("--file", metavar="PATH", action="append", default=[], help="a file that it is about")
    words.add_argument("--notes", metavar="T", default="", help="what else is to be known")
    given = words.parse_args(argv)
    given.description = " ".join(given.description)
    lists.check_id(given.id)
    for option in ("id", "description", "type", "depends", "notes", "tests", "file"):
        value = getattr(given, option)
        for text in value if isinstance(value, list) else [value]:
            check_utf8("the description" if option == "description" else option, text)
    if not given.description.strip():
        raise UsageError("the description is empty", "session feature add ID DESCRIPTION")
    for command in given.tests:
        if not command.strip():
            raise UsageError("--tests is empty", "session feature add --help")
        project_config.command_text(command, "--tests", "session feature add")
    feature: Feature = {
        "id": given.id,
        "description": given.description,
        "type": given.type,
        "priority": given.priority,
        "status": PENDING,
        "tested": False,
        "dependencies": list(dict.fromkeys(each.strip() for each in given.depends.split(",") if each.strip())),
        "tests": given.tests,
        "files": given.file,
        "notes": given.notes,
    }
    return _changed(given, open_store(), lambda progress: feature_status.add(progress, feature))


def start(argv: list[str]) -> int:
    """`[ID] [--no-smoke] [--yes]`."""
    about = "Work on a feature. The configured smoke_test has to pass first."
    words = parser("session feature start", about, "session feature start F-2\nsession feature start --no-smoke")
    words.add_argument("id", metavar="ID", nargs="?", default="", help="the feature (default: the next one)")
    words.add_argument("--no-smoke", action="store_true", help="without the smoke test, which is recorded")
    words.add_argument("--yes", action="store_true", help="trust the smoke test this once, as in CI")
    words.add_argument("--json", action="store_true", help="JSON")
    given = words.parse_args(argv)
    store, features = known()
    state = documents.read(store, STATE) or {}
    found = feature_status.find_startable(state, features, given.id, store.shown_path(FEATURES))
    given.id = lists.id_of(found)
    smoke = feature_status.SKIPPED
    if not given.no_smoke:
        ran = feature_testing.smoke(store, yes=given.yes, tell=output.tell)
        smoke = feature_status.NONE if ran is None else feature_status.PASSED
        if ran is not None and not ran.passed:
            _tell_tail(ran.tail)
            raise SessionError(f"{given.id} was not started: smoke_test: {ran.ending}", "mend it, or --no-smoke")
    return _changed(given, store, lambda progress: feature_status.start(progress, given.id, smoke))


def implemented(argv: list[str]) -> int:
    """`ID`."""
    given = of_one("implemented", "The feature is written, and to be tested.").parse_args(argv)
    return _changed(given, open_store(), lambda progress: feature_status.mark_implemented(progress, given.id))


def tested(argv: list[str]) -> int:
    """`ID [--commit] [--yes]`: exit code 1 if the tests fail."""
    about = """\
Run the feature's own tests, or else the configured test_command, and record what comes
of it: the command, its exit code, the time, and what the project's files were. If they
pass, the feature is tested. If not, it is back in progress, and blocked after three
attempts, or at once if the tests don't end in time; then the next one is taken."""
    words = of_one("tested", about, "session feature tested F-1\nsession feature tested F-1 --commit")
    words.add_argument("--commit", action="store_true", help="then commit everything, as `ID: DESCRIPTION`")
    words.add_argument("--yes", action="store_true", help="trust the tests this once, as in CI")
    given = words.parse_args(argv)
    store = open_store()
    try:
        done = feature_testing.run_tests(store, given.id, yes=given.yes, timeout_s=lock.timeout_s(), tell=output.tell)
    finally:
        for notice in store.notices:
            output.tell(notice)
    if not done.passed:
        _tell_tail(done.tail)
    commit, refusal = _commit(store.root, done.feature) if done.passed and given.commit else (None, None)
    if given.json:
        told = {"said": done.message, "passed": done.passed, "feature": done.feature, "commit": commit or None}
        told["feature_id"] = done.state.get("feature_id")
        output.answer(codec.encode(told) + b"\n", committed=True)
    elif done.passed:
        output.answer(f"{done.message}\n".encode("utf-8", "replace"), committed=True)
    if not done.passed:
        output.tell(done.message)
    if commit is not None:
        output.tell(f"committed as {commit}" if commit else "nothing to commit")
    if refusal is not None:
        why = refusal.message.removeprefix("not committed: ")
        raise SessionError(f"{given.id} is tested, but not committed: {why}", refusal.hint)
    return int(not done.passed)


def block(argv: list[str]) -> int:
    """`ID REASON`."""
    words = of_one("block", "Nobody can go on with the feature; the reason is kept.")
    words.add_argument("reason", metavar="REASON", nargs="+", help="why, in a line")
    given = words.parse_args(argv)
    reason = " ".join(given.reason)
    check_utf8("the reason", reason)
    if not reason.strip():
        raise UsageError("the reason is empty", "session feature block ID REASON")
    return _changed(given, open_store(), lambda progress: feature_status.block(progress, given.id, reason))


def unblock(argv: list[str]) -> int:
    """`ID`."""
    given = of_one("unblock", "The feature is pending again, as if nobody had tried.").parse_args(argv)
    return _changed(given, open_store(), lambda progress: feature_status.unblock(progress, given.id))


def _changed(given: Namespace, store: FileStore, change: Callable[[Progress], str]) -> int:
    """Change the documents in one commit, and tell what happened."""
    try:
        with changing(store, lock.timeout_s()) as progress:
            said = change(progress)
            feature = lists.find(lists.all_of(progress.features, progress.features_path), given.id, "the list")
            state = progress.state
    finally:
        for notice in store.notices:
            output.tell(notice)
    told = {"said": said, "feature": feature, "feature_id": state.get("feature_id")}
    answer = codec.encode(told) + b"\n" if given.json else f"{said}\n".encode("utf-8", "replace")
    output.answer(answer, committed=True)
    return 0


def _commit(root: str, feature: Feature) -> tuple[str | None, SessionError | None]:
    """The commit's hash, empty where there was nothing to commit; or why it was refused."""
    from session.host.git import commit as git_commit  # cost: where asked for

    description = feature.get("description")
    name = lists.id_of(feature)
    try:
        return git_commit.commit(root, f"{name}: {description}" if isinstance(description, str) else name), None
    except SessionError as error:
        return None, error


def _tell_tail(tail: str) -> None:
    for line in tail.splitlines():
        output.tell(line)
