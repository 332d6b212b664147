"""session metrics: show counts of what an entry session did, and judge how full a model's context is.

Described in docs/handoff.md.
"""

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
from session.host.project_store import open_store
from session.store import lock
from session.store.files import FileStore
from session.store.paths import PROGRESS, check_name

_DESCRIPTION = """\
Show what a session, from `session enter` to `session handoff`, did: numbers that the
commands counted themselves, such as test runs and completed features. Without SESSION_ID
it is the session under way, or else the newest. `tokens_used` is there only if somebody
reported it, with --tokens here or in `session handoff`.

`session metrics context USAGE` judges how full a model's context is, and prints what to
do about it in one word: none, remove_raw (above 0.80), summarize (above 0.85), full
(above 0.90) or emergency (above 0.95)."""
_EXAMPLES = """\
session metrics
session metrics --all
session metrics --tokens 45000
session metrics context 0.86 --json"""
_COLUMNS = ("Session", "Began", "Ended", "Health", "Features done", "Tests", "Retries", "Recoveries", "Tokens")


def main(argv: list[str]) -> int:
    """Run `session metrics`; return the exit code."""
    return run(_context if argv[:1] == ["context"] else _metrics, argv)


def _context(argv: list[str]) -> int:
    command_line = parser(
        "session metrics context",
        "Judge how full a model's context is, and print what to do about it: one word, or JSON.\n"
        "The words are none, remove_raw, summarize, full and emergency.",
    )
    command_line.add_argument("usage", metavar="USAGE", help="the part of the context in use, such as 0.86 or 86%%")
    command_line.add_json("print JSON: usage, action (the word), advice, resumption")
    options = command_line.parse_args(argv[1:])
    use = context_thresholds.judge(context_thresholds.parse(options.usage))
    if options.json:
        json_out({**use._asdict(), "usage": float(use.usage)})
    else:
        output.answer(f"{use.action}\n".encode())
    return 0


def _metrics(argv: list[str]) -> int:
    command_line = parser("session metrics", _DESCRIPTION, _EXAMPLES)
    command_line.add_argument(
        "session_id", metavar="SESSION_ID", nargs="?", help="a session's id, or a beginning that no other id shares"
    )
    command_line.add_argument("--all", action="store_true", help="show every session, the newest last")
    command_line.add_argument("--tokens", metavar="N", type=tokens, help="record how many tokens the session used")
    command_line.add_json()
    options = command_line.parse_args(argv)
    if options.all and (options.session_id is not None or options.tokens is not None):
        command_line.error("argument --all: not with a session's id or --tokens")
    if options.session_id is not None:
        check_utf8("SESSION_ID", options.session_id)
    as_json = wants_json(options.json)
    store = open_store()
    every, errors = _read(store)
    if options.all:
        if as_json:
            json_out([record for _, record in every])
        elif every:
            show(table(_COLUMNS, (_row(name, record) for name, record in every)))
        elif not errors:
            output.answer(b"no metrics are recorded\n")
        for error in errors:
            output.tell(str(error))
        return 1 if errors else 0
    name = _session_name(store, every, errors, options.session_id)
    if options.tokens is not None:
        record = _record_tokens(store, name, options.tokens)
    else:
        record = documents.read(store, (METRICS, name)) or {}
    if as_json:
        json_out(record, committed=options.tokens is not None)
    else:
        show(table(("Session", name), ((key, _cell(value)) for key, value in record.items() if key != "session_id")))
    return 0


def _read(store: FileStore) -> tuple[list[tuple[str, Document]], list[SessionError]]:
    """Return each session's id and metrics, in the order of their start, and the errors of unusable files."""
    records, errors = [], []
    for name, body, error in store.scan(METRICS):
        try:
            if body is not None:
                records.append((name, documents.parse(body, store.shown_path((METRICS, name)))))
            elif error is not None:
                errors.append(error)
        except SessionError as unusable:
            errors.append(unusable)
    records.sort(key=lambda pair: (clock.parse_ms(pair[1].get("started_at")) or 0, pair[0]))
    return records, errors


def _session_name(
    store: FileStore, every: list[tuple[str, Document]], errors: list[SessionError], beginning: str | None
) -> str:
    """Return the id of the session to show: the one whose id starts with `beginning`.

    If `beginning` is None, that is the session under way, or else the newest. Raise SessionError if no id or several
    start with it, or if the session's metrics are unusable: no other session is shown instead.
    """
    names = [name for name, _ in every]
    if beginning is not None:
        near = [name for name in names if beginning and name.startswith(beginning)]
        if beginning in names or len(near) == 1:
            return beginning if beginning in names else near[0]
        if near:
            raise SessionError(f"{len(near)} sessions begin with {beginning}", "session metrics --all names them")
        if beginning:
            check_name(beginning, "session id")
            # raises an error with the reason if the file exists but is unusable
            documents.read(store, (METRICS, beginning))
        raise SessionError(f"no metrics of a session {beginning}", "session metrics --all names them")
    current = (documents.read(store, STATE) or {}).get("session_id")
    if current in names:
        return str(current)
    if isinstance(current, str) and _is_name(current):
        documents.read(store, (METRICS, current))  # raises an error if the file exists but is unusable
    if not names:
        raise errors[0] if errors else SessionError("no session has been measured", "session enter begins one")
    return names[-1]


def _is_name(text: str) -> bool:
    try:
        check_name(text)
    except SessionError:
        return False
    return True


def _record_tokens(store: FileStore, name: str, count: int) -> Document:
    key = METRICS, name
    path = store.shown_path(key)
    with store.transaction(lock.timeout_s(), place=PROGRESS) as tx:
        record = documents.read(store, key, tx)
        if record is None:
            raise SessionError(f"{path} is gone; nothing changed")
        record = {**record, "tokens_used": count}
        tx.put(key, documents.encode(record, path))
    return record


def _row(name: str, record: Document) -> tuple[Any, ...]:
    return (
        name[:8],
        record.get("started_at"),
        record.get("ended_at") or record.get("outcome") or "under way",
        record.get("health_status"),
        record.get("features_completed", 0),
        _cell(record.get("test_runs")),
        record.get("retries", 0),
        record.get("recoveries", 0),
        record.get("tokens_used"),
    )


def _cell(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, dict):
        return ", ".join(f"{count} {name}" for name, count in value.items())
    if isinstance(value, list):
        return " → ".join(str(item) for item in value)
    return str(value)
