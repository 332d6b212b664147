"""Run `session recover broken` and `session recover log`, which print facts and change nothing."""

import re

from session import output
from session.commands.parser import Parser, parser
from session.commands.tables import json_out, show, table, wants_json
from session.entry import documents, recovery, states
from session.entry.documents import RECOVERIES, STATE
from session.host.git.repository import Repository, Since
from session.host.project_store import open_store
from session.notices import print_all
from session.store import lock
from session.text.untrusted import one_line

_TIMEOUT_S = 10.0
_MOST_COMMITS = 20
_MOST_FILES = 50
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")  # only a full hash: git could take other text as an option
_SHORT = 10
_LOG = "List the recoveries so far, the newest last."


def show_broken(arguments: Parser, argv: list[str]) -> int:
    """Run `session recover broken`: print what changed since the health check last passed; return the exit code."""
    arguments.add_json("print JSON")
    options = arguments.parse_args(argv)
    store = open_store()
    state = documents.read(store, STATE) or {}
    passing = state.get("last_passing_commit")
    commit = passing if isinstance(passing, str) and _COMMIT.fullmatch(passing) else ""
    repository = Repository(store.root, timeout_s=_TIMEOUT_S)
    since = repository.since_commit(commit, _MOST_COMMITS) if commit else None
    why = "" if since else _why(commit, repository)
    health = state.get("health_status")
    choices = [
        f"git reset --hard {commit[:_SHORT]}  # Rollback: drops these changes, those that are not committed for good"
        if since
        else "git reset --hard COMMIT  # Rollback, to a commit that you know to be good",
        "Fix the issue manually, then session enter",
        "Skip health check (session enter --force)",
    ]
    if options.json:
        files = [{"status": status, "path": path} for status, path in since.files] if since else []
        commits = [{"commit": short, "subject": subject} for short, subject in since.commits] if since else []
        facts = {"health_status": health, "last_passing_commit": commit or None, "commits": commits, "files": files}
        json_out({**facts, "options": choices, "unknown": why or None})
    else:
        head = "App is broken." if health == states.BROKEN else f"Health is {one_line(str(health or 'UNKNOWN'), 40)}."
        lines = [f"{head} Recent changes:", *(_changes(commit, since) if since else [f"  {why}"]), "Options:"]
        lines += [f"  {number}. {choice}" for number, choice in enumerate(choices, 1)]
        output.answer("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace"))
    message = f"changes since {commit[:_SHORT]} shown" if since else f"no changes shown: {why}"
    recovery.note(store, recovery.BROKEN, message, timeout_s=lock.timeout_s())
    print_all(store.notices)
    return 0


def show_log(argv: list[str]) -> int:
    """Run `session recover log`: print the recoveries so far; return the exit code, 1 if a line can't be read."""
    arguments = parser("session recover log", _LOG)
    arguments.add_json("print a JSON array (default if piped)")
    options = arguments.parse_args(argv)
    as_json = wants_json(options.json)
    store = open_store()
    records, bad_lines = documents.lines(store, RECOVERIES)
    if as_json:
        json_out(records)
    elif records:
        rows = ((record.get("at"), record.get("kind"), record.get("what")) for record in records)
        show(table(("At", "Kind", "What"), rows))
    else:
        output.answer(b"nothing was recovered yet\n")
    if bad_lines:
        lines = "1 line holds" if bad_lines == 1 else f"{bad_lines} lines hold"
        output.tell(f"{store.shown_path(RECOVERIES)}: {lines} no record: left out")
    return int(bool(bad_lines))


def _why(commit: str, repository: Repository) -> str:
    if not commit:
        return "no passing commit is known: session enter records one whenever the health check passes"
    return "; ".join(repository.reasons) or "there is no repository"


def _changes(commit: str, since: Since) -> list[str]:
    lines = [f"  since {commit[:_SHORT]}, on which the health check passed last"]
    lines += [f"    {one_line(short)} {one_line(subject)}" for short, subject in since.commits]
    if since.more:
        lines.append("    … and older ones")
    lines += [f"    {status:2} {one_line(path)}" for status, path in since.files[:_MOST_FILES]]
    if len(since.files) > _MOST_FILES:
        lines.append(f"    … and {len(since.files) - _MOST_FILES} more files")
    return lines if len(lines) > 1 else [*lines, "    nothing: what broke is not in the repository"]
