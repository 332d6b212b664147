"""The words of `session recover` that only show: what changed since all was well, and the log."""

import re

from session import output
from session.commands.parser import Parser, parser
from session.commands.tables import json_out, show, table, wants_json
from session.entry import documents, recovery, states
from session.entry.documents import RECOVERIES, STATE
from session.host.git.repository import Repository, Since
from session.store import lock
from session.store.files import open_store
from session.text.untrusted import one_line

_TIMEOUT_S = 10.0
_MOST_COMMITS = 20
_MOST_FILES = 50
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")  # in full: whatever else it were, git would take it for words
_SHORT = 10
_LOG = "Show what was recovered so far, the newest last."


def broken(words: Parser, argv: list[str]) -> int:
    """`[--json]`: what changed since the health check last passed, and the options."""
    words.add_argument("--json", action="store_true", help="JSON")
    given = words.parse_args(argv)
    store = open_store()
    state = documents.read(store, STATE) or {}
    known = state.get("last_passing_commit")
    commit = known if isinstance(known, str) and _COMMIT.fullmatch(known) else ""
    repository = Repository(store.root, timeout_s=_TIMEOUT_S)
    since = repository.since_commit(commit, _MOST_COMMITS) if commit else None
    why = "" if since else _why(commit, repository)
    health = state.get("health_status")
    options = [
        f"git reset --hard {commit[:_SHORT]}  # Rollback: drops these changes, those that are not committed for good"
        if since
        else "git reset --hard COMMIT  # Rollback, to a commit that you know to be good",
        "Fix the issue manually, then session enter",
        "Skip health check (session enter --force)",
    ]
    if given.json:
        files = [{"status": how, "path": path} for how, path in since.files] if since else []
        commits = [{"commit": short, "subject": subject} for short, subject in since.commits] if since else []
        told = {"health_status": health, "last_passing_commit": commit or None, "commits": commits, "files": files}
        json_out({**told, "options": options, "unknown": why or None})
    else:
        head = "App is broken." if health == states.BROKEN else f"Health is {one_line(str(health or 'UNKNOWN'), 40)}."
        lines = [f"{head} Recent changes:", *(_changes(commit, since) if since else [f"  {why}"]), "Options:"]
        lines += [f"  {number}. {option}" for number, option in enumerate(options, 1)]
        output.answer("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace"))
    what = f"changes since {commit[:_SHORT]} shown" if since else f"no changes shown: {why}"
    recovery.note(store, recovery.BROKEN, what, timeout_s=lock.timeout_s())
    for notice in store.notices:
        output.tell(notice)
    return 0


def log(argv: list[str]) -> int:
    """`[--json]`: the recoveries so far."""
    words = parser("session recover log", _LOG)
    words.add_argument("--json", action="store_true", help="JSON, as when piped: an array")
    given = words.parse_args(argv)
    as_json = wants_json(given.json)
    store = open_store()
    records, odd = documents.lines(store, RECOVERIES)
    if as_json:
        json_out(records)
    elif records:
        show(table(("At", "Kind", "What"), ((each.get("at"), each.get("kind"), each.get("what")) for each in records)))
    else:
        output.answer(b"nothing was recovered yet\n")
    if odd:
        lines = "1 line holds" if odd == 1 else f"{odd} lines hold"
        output.tell(f"{store.shown_path(RECOVERIES)}: {lines} no record: left out")
    return int(bool(odd))


def _why(commit: str, repository: Repository) -> str:
    if not commit:
        return "no passing commit is known: session enter records one whenever the health check passes"
    return "; ".join(repository.reasons) or "there is no repository"


def _changes(commit: str, since: Since) -> list[str]:
    lines = [f"  since {commit[:_SHORT]}, on which the health check passed last"]
    lines += [f"    {one_line(short)} {one_line(subject)}" for short, subject in since.commits]
    if since.more:
        lines.append("    … and older ones")
    lines += [f"    {how:2} {one_line(path)}" for how, path in since.files[:_MOST_FILES]]
    if len(since.files) > _MOST_FILES:
        lines.append(f"    … and {len(since.files) - _MOST_FILES} more files")
    return lines if len(lines) > 1 else [*lines, "    nothing: what broke is not in the repository"]
