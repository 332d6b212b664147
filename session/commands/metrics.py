"""session metrics: what a session did, in numbers; and what a use of the context asks for."""

import sys
from typing import Any

from session import output
from session.arguments import check_utf8
from session.commands.handoff import tokens
from session.commands.parser import parser, run
from session.commands.tables import json_out, show, table, wants_json
from session.entry import context_thresholds, documents
from session.entry.documents import METRICS, STATE, Document
from session.errors import SessionError
from session.host import clock
from session.store import codec, lock
from session.store.files import FileStore, open_store
from session.store.paths import check_name

_DESCRIPTION = """\
What a session did, in numbers that the commands themselves counted: of the session
under way, else of the newest, or of the one named. `tokens_used` is there only when it
was told, with --tokens here or in `session handoff`.

`session metrics context USAGE` says what a use of the context asks for, in a word:
none, remove_raw (above 0.80), summarize (0.85), full (0.90) or emergency (0.95)."""
_EXAMPLES = """\
session metrics
session metrics --all
session metrics --tokens 45000
session metrics context 0.86 --json"""
_COLUMNS = ("Session", "Began", "Ended", "Health", "Features done", "Tests", "Retries", "Recoveries", "Tokens")


def main(argv: list[str]) -> int:
    """`[SESSION_ID] [--all] [--json] [--tokens N]`, or `context USAGE [--json]`. Returns the exit code."""
    return run(_context if argv[:1] == ["context"] else _metrics, argv)


def _context(argv: list[str]) -> int:
    words = parser("session metrics context", "Say what a use of the context asks for, in a word, or as JSON.")
    words.add_argument("usage", metavar="USAGE", help="the part that is used, such as 0.86 or 86%%")
    words.add_argument("--json", action="store_true", help="JSON: usage, action, advice, resumption")
    given = words.parse_args(argv[1:])
    use = context_thresholds.judge(context_thresholds.parse(given.usage))
    if given.json:
        json_out({**use._asdict(), "usage": float(use.usage)})
    else:
        output.answer(f"{use.action}\n".encode())
    return 0


def _metrics(argv: list[str]) -> int:
    words = parser("session metrics", _DESCRIPTION, _EXAMPLES)
    words.add_argument("session_id", metavar="SESSION_ID", nargs="?", help="that session, or the beginning of its id")
    words.add_argument("--all", action="store_true", help="every session, the newest last")
    words.add_argument("--tokens", metavar="N", type=tokens, help="record how many tokens the session used")
    words.add_argument("--json", action="store_true", help="JSON, as when piped")
    given = words.parse_args(argv)
    if given.all and (given.session_id is not None or given.tokens is not None):
        words.error("argument --all: not with a session's id or --tokens")
    if given.session_id is not None:
        check_utf8("SESSION_ID", given.session_id)
    as_json = wants_json(given.json)
    store = open_store()
    every, errors = _read(store)
    if given.all:
        if as_json:
            json_out([known for _, known in every])
        elif every:
            show(table(_COLUMNS, (_row(name, known) for name, known in every)))
        for error in errors:
            output.tell(str(error))
        return 1 if errors else 0
    name = _wanted(store, every, errors, given.session_id)
    if given.tokens is not None:
        known = _record(store, name, given.tokens)
    else:
        known = documents.read(store, (METRICS, name)) or {}
    if as_json:
        output.answer(codec.encode(known) + b"\n", committed=given.tokens is not None)
    else:
        show(table(("Session", name), ((key, _shown(value)) for key, value in known.items() if key != "session_id")))
    return 0


def _read(store: FileStore) -> tuple[list[tuple[str, Document]], list[SessionError]]:
    """The metrics of all sessions, in the order in which they began, and what can't be read."""
    found, errors = [], []
    for name, body, error in store.scan(METRICS):
        try:
            if body is not None:
                found.append((name, documents.parse(body, store.shown_path((METRICS, name)))))
            elif error is not None:
                errors.append(error)
        except SessionError as unusable:
            errors.append(unusable)
    found.sort(key=lambda one: (clock.parse_ms(one[1].get("started_at")) or 0, one[0]))
    return found, errors


def _wanted(store: FileStore, every: list[tuple[str, Document]], errors: list[SessionError], wanted: str | None) -> str:
    """The id of the session that is meant."""
    names = [name for name, _ in every]
    if wanted is not None:
        near = [name for name in names if wanted and name.startswith(wanted)]
        if wanted in names or len(near) == 1:
            return wanted if wanted in names else near[0]
        if near:
            raise SessionError(f"{len(near)} sessions begin with {wanted}", "session metrics --all names them")
        if wanted:
            check_name(wanted, "session id")
            documents.read(store, (METRICS, wanted))  # it may be there, and unusable: that is said
        raise SessionError(f"no metrics of a session {wanted}", "session metrics --all names them")
    current = (documents.read(store, STATE) or {}).get("session_id")
    if current in names:
        return str(current)
    if isinstance(current, str) and _is_name(current):
        documents.read(store, (METRICS, current))  # as above: no other session's will do instead
    if not names:
        raise errors[0] if errors else SessionError("no session has been measured", "session enter begins one")
    return names[-1]


def _is_name(text: str) -> bool:
    try:
        check_name(text)
    except SessionError:
        return False
    return True


def _record(store: FileStore, name: str, used: int) -> Document:
    key = METRICS, name
    path = store.shown_path(key)
    with store.transaction(lock.timeout_s()) as tx:
        known = documents.read(store, key, tx)
        if known is None:
            raise SessionError(f"{path} is gone; nothing changed")
        known = {**known, "tokens_used": used}
        tx.put(key, documents.encode(known, path))
    return known


def _row(name: str, known: Document) -> tuple[Any, ...]:
    ended = known.get("ended_at") or known.get("outcome") or "under way"
    counts = (known.get(key, 0) for key in ("features_completed",))
    rest = (known.get(key, 0) for key in ("retries", "recoveries"))
    tests = _shown(known.get("test_runs"))
    return (
        name[:8], known.get("started_at"), ended, known.get("health_status"), *counts, tests, *rest,
        known.get("tokens_used"),
    )  # fmt: skip


def _shown(value: object) -> str | None:
    """A value of the metrics, as people read it."""
    if value is None:
        return None
    if isinstance(value, dict):
        return ", ".join(f"{count} {what}" for what, count in value.items())
    if isinstance(value, list):
        return " → ".join(str(each) for each in value)
    return str(value)


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
