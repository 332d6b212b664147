"""session doc: a conversation's SESSION_STATE.md, begun, changed, read and audited (seed: 004)."""

import argparse

from session import output
from session.arguments import check_utf8
from session.commands import doc_answers, doc_words
from session.commands.parser import run
from session.conversation import edit as edits
from session.conversation import store as documents
from session.conversation.audit import Audit
from session.conversation.document import Document
from session.conversation.location import COLLECTION, conversation_store
from session.conversation.schema import METADATA, PROGRESS
from session.conversation.template import focus_of, template, type_of
from session.errors import SessionError, UsageError
from session.store import lock
from session.store.files import FileStore
from session.text.untrusted import inline

WORD, SCRIPT = "session doc", "session_state_manager.py"


def main(argv: list[str]) -> int:
    """`init | update | sync | check | audit | get | list`, with options. Returns the exit code."""
    return run(lambda words: _doc(words, WORD), argv)


def script(argv: list[str]) -> int:
    """The same for those who call the script of the seed: wrong words have its exit code, 2."""
    return run(_as_script, argv)


def _as_script(argv: list[str]) -> int:
    try:
        return _doc(argv, SCRIPT)
    except UsageError as error:
        error.code = 2
        raise


def _doc(argv: list[str], prog: str) -> int:
    words = doc_words.parser(prog)
    given = words.parse_args(doc_words.bound(argv))
    if given.command is None:
        words.print_help()
        return 1
    for name, value in vars(given).items():
        if isinstance(value, str):
            check_utf8(f"--{name.replace('_', '-')}", value)
    store = conversation_store()
    if given.command == "list":
        return doc_answers.listing(store, given.json or given.format == "json")
    if not given.convo_id:
        given.parser.error("the following arguments are required: --convo-id")
    documents.check_id(given.convo_id)
    try:
        return int(_COMMANDS[given.command](store, given))
    finally:
        for notice in store.notices:
            output.tell(notice)


def _init(store: FileStore, given: argparse.Namespace) -> int:
    type_ = given.type or type_of(given.message)
    focus = given.focus if given.focus.strip() else focus_of(given.message)
    text = template(given.convo_id, type_, documents.now(), mode=given.mode, focus=focus, objective=given.objective)
    begun = documents.begin(store, given.convo_id, text, force=given.force, timeout_s=lock.timeout_s())
    doc_answers.begun(given, Document(text), type_, begun)
    return 0


def _update(store: FileStore, given: argparse.Namespace) -> int:
    field = given.field.strip()
    wrong = edits.wrong_field_name(field) or edits.wrong_text(given.value)
    if wrong:
        given.parser.error(f"argument --field: {field}: {wrong}" if field else f"argument --field: {wrong}")

    def work(text: str, now: str) -> tuple[str, None]:
        return edits.update(text, field, given.value, now), None

    documents.change(store, given.convo_id, work, timeout_s=lock.timeout_s())
    doc_answers.updated(given, field, store.shown_path((COLLECTION, given.convo_id)))
    return 0


def _sync(store: FileStore, given: argparse.Namespace) -> int:
    from session.conversation.sync import sync  # cost: for this one alone

    wanted = doc_answers.parse_object(given.json)

    def work(text: str, now: str) -> tuple[str, list[str]]:
        return sync(text, wanted, now)

    names = documents.change(store, given.convo_id, work, timeout_s=lock.timeout_s())
    doc_answers.synced(given, names, store.shown_path((COLLECTION, given.convo_id)))
    return 0


def _check(store: FileStore, given: argparse.Namespace) -> int:
    if given.format == "json":
        document = Document(documents.read(store, given.convo_id))
        doc_answers.told(given, doc_answers.model(document, store.shown_path((COLLECTION, given.convo_id))))
    else:
        output.answer(documents.read_bytes(store, given.convo_id) + b"\n")
    return 0


def _audit(store: FileStore, given: argparse.Namespace) -> int:
    audit = Audit(Document(documents.read(store, given.convo_id)))
    if given.format == "json":
        doc_answers.told(given, doc_answers.verdict(audit, store.shown_path((COLLECTION, given.convo_id))))
    else:
        doc_answers.audited(audit, where=given.parser.prog.startswith(WORD))
    return 0 if audit.complete else 1


def _get(store: FileStore, given: argparse.Namespace) -> int:
    document = Document(documents.read(store, given.convo_id))
    if given.field is not None:
        found = document.field_lines(given.field, METADATA, PROGRESS)
        value = found[0][1].value if found else document.front_value(given.field)
        what = f"field '{given.field}'"
    else:
        sections = document.find(given.section)
        value = "\n\n".join(document.text_of(section) for section in sections) if sections else None
        what = f"section '{given.section}'"
    if value is None:
        raise SessionError(f"✗ Could not find {inline(what)}", "check shows what there is")
    if given.format == "json":
        doc_answers.told(given, {"value": value})
    else:
        output.answer(f"{value}\n".encode())
    return 0


_COMMANDS = {"init": _init, "update": _update, "sync": _sync, "check": _check, "audit": _audit, "get": _get}
