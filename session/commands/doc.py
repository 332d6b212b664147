"""session doc: create, change, read and audit the SESSION_STATE.md of a conversation.

Described in docs/conversations.md.
"""

import argparse
import gc
from collections.abc import Iterator
from contextlib import contextmanager

from session import output
from session.arguments import check_utf8
from session.commands import doc_answers, doc_words
from session.commands.parser import run
from session.conversation import edit
from session.conversation import store as documents
from session.conversation.audit import Audit
from session.conversation.document import Document
from session.conversation.location import COLLECTION, conversation_store
from session.conversation.schema import METADATA, PROGRESS
from session.conversation.template import focus_of, template, type_of
from session.errors import SessionError, UsageError
from session.notices import printed
from session.store import lock
from session.store.files import FileStore
from session.text.untrusted import inline

COMMAND, SCRIPT = "session doc", "session_state_manager.py"  # the two names that help and usage show


def main(argv: list[str]) -> int:
    """Run `session doc`; return the exit code."""
    return run(lambda words: _doc(words, COMMAND), argv)


def script(argv: list[str]) -> int:
    """Run the script `session_state_manager.py`: `session doc`, but exit code 2 for a wrong command line."""
    return run(_script, argv)


def _script(argv: list[str]) -> int:
    try:
        return _doc(argv, SCRIPT)
    except UsageError as error:
        error.code = 2
        raise


def _doc(argv: list[str], prog: str) -> int:
    command_line = doc_words.parser(prog)
    options = command_line.parse_args(doc_words.bound(argv))
    if options.command is None:
        command_line.print_help()
        return 1
    for name, value in vars(options).items():
        if isinstance(value, str):
            check_utf8(f"--{name.replace('_', '-')}", value)
    store = conversation_store()
    if options.command == "list":
        return doc_answers.answer_list(store, options.json or options.format == "json")
    if not options.convo_id:
        options.parser.error("the following arguments are required: --convo-id")
    documents.check_id(options.convo_id)
    with printed(store.notices), _without_collector():
        return int(_COMMANDS[options.command](store, options))


@contextmanager
def _without_collector() -> Iterator[None]:
    """Switch the collector of cyclic garbage off: it would search the millions of objects of a large document."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _init(store: FileStore, options: argparse.Namespace) -> int:
    type_ = options.type or type_of(options.message)
    focus = options.focus if options.focus.strip() else focus_of(options.message)
    text = template(
        options.convo_id, type_, documents.now(), mode=options.mode, focus=focus, objective=options.objective
    )
    result = documents.begin(store, options.convo_id, text, force=options.force, timeout_s=lock.timeout_s())
    doc_answers.answer_init(options, Document(text), type_, result)
    return 0


def _update(store: FileStore, options: argparse.Namespace) -> int:
    field = options.field.strip()
    problem = edit.wrong_field_name(field) or edit.wrong_text(options.value)
    if problem:
        options.parser.error(f"argument --field: {field}: {problem}" if field else f"argument --field: {problem}")

    def work(text: str, now: str) -> tuple[str, None]:
        return edit.update(text, field, options.value, now), None

    documents.change(store, options.convo_id, work, timeout_s=lock.timeout_s())
    doc_answers.answer_update(options, field, _path(store, options))
    return 0


def _sync(store: FileStore, options: argparse.Namespace) -> int:
    from session.conversation.sync import sync  # cost: only this command needs it

    sections = doc_answers.parse_sections(options.json)

    def work(text: str, now: str) -> tuple[str, list[str]]:
        return sync(text, sections, now)

    names = documents.change(store, options.convo_id, work, timeout_s=lock.timeout_s())
    doc_answers.answer_sync(options, names, _path(store, options))
    return 0


def _check(store: FileStore, options: argparse.Namespace) -> int:
    if options.format == "json":
        document = Document(documents.read(store, options.convo_id))
        doc_answers.answer_json(options, doc_answers.document_object(document, _path(store, options)))
    else:
        output.answer(documents.read_bytes(store, options.convo_id) + b"\n", exact=True)
    return 0


def _audit(store: FileStore, options: argparse.Namespace) -> int:
    audit = Audit(Document(documents.read(store, options.convo_id)))
    if options.format == "json":
        doc_answers.answer_json(options, doc_answers.audit_object(audit, _path(store, options)))
    else:
        # the original script prints no list of findings
        asker = options.convo_id if options.parser.prog.startswith(COMMAND) else None
        doc_answers.answer_audit(audit, findings_for=asker)
    return 0 if audit.complete else 1


def _get(store: FileStore, options: argparse.Namespace) -> int:
    document = Document(documents.read(store, options.convo_id))
    if options.field is not None:
        lines = document.field_lines(options.field, METADATA, PROGRESS)
        value = lines[0][1].value if lines else document.front_value(options.field)
        target = f"field '{options.field}'"
    else:
        sections = document.find(options.section)
        value = "\n\n".join(document.text_of(section) for section in sections) if sections else None
        target = f"section '{options.section}'"
    if value is None:
        raise SessionError(f"✗ Could not find {inline(target)}", "session doc check shows what there is")
    if options.format == "json":
        doc_answers.answer_json(options, {"value": value})
    else:
        output.answer(f"{value}\n".encode())
    return 0


def _path(store: FileStore, options: argparse.Namespace) -> str:
    return store.shown_path((COLLECTION, options.convo_id))


_COMMANDS = {"init": _init, "update": _update, "sync": _sync, "check": _check, "audit": _audit, "get": _get}
