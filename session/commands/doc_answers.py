"""The answers of `session doc`, as text and as JSON, and the reader of the JSON that `sync` takes."""

import argparse
import json
from shlex import quote
from typing import Any

from session import output
from session.arguments import read_stdin
from session.commands.tables import json_out, show, table, wants_json
from session.conversation import markdown_lines
from session.conversation import store as documents
from session.conversation.audit import BY_HAND, EMPTY, FIELD, ITEM, MISSING, Audit
from session.conversation.document import Document, parse_value
from session.conversation.location import COLLECTION
from session.conversation.schema import METADATA, PROGRESS
from session.errors import SessionError, UsageError
from session.store import codec
from session.store.files import FileStore
from session.text.untrusted import inline, one_line

_SHOWN_FOCUS = 60  # the most characters of the focus that init prints


def parse_sections(text: str) -> dict[str, Any]:
    """Return the JSON object that `sync --json` takes; raise SessionError if there is none. `-` reads stdin."""
    if text == "-":
        try:
            text = read_stdin("the JSON").removeprefix("\ufeff")
        except UsageError as error:
            raise SessionError(f"✗ Invalid JSON: {error.message}") from None
    try:
        value = codec.decode(text)
    except codec.NotJSON as error:
        raise SessionError(f"✗ Invalid JSON: {_reason(text, error)}") from None
    if isinstance(value, dict):
        return value
    raise SessionError(f"✗ Invalid JSON: not an object of sections: {one_line(codec.compact(value), 60)}")


def _reason(text: str, error: codec.NotJSON) -> str:
    """Return why the text is not JSON, as Python's json words it: callers of the original script know that wording.

    If that module accepts the text, return the message of our own parser.
    """
    try:
        json.loads(text)
    except json.JSONDecodeError as pythons:
        return str(pythons)
    except (ValueError, RecursionError):
        pass
    return str(error)


def answer_json(options: argparse.Namespace, value: dict[str, Any], *, committed: bool = False) -> None:
    """Print the value as a JSON object that begins with the conversation's id."""
    json_out({"conversation_id": options.convo_id, **value}, committed=committed)


def answer_init(options: argparse.Namespace, document: Document, type_: str, result: documents.NewDocument) -> None:
    """Print the answer of `init`: the new document's type, focus, path and backup."""
    fields = {field.name: field.value for _, field in document.fields(document.find(METADATA)[0])}
    if options.format == "json":
        names = ("Mode", "Focus", "Objective")
        value = {"type": type_, **{name.lower(): fields[name] for name in names}}
        answer_json(options, {**value, "path": result.path, "backup": result.backup}, committed=True)
        return
    lines = [f"✓ Initialized SESSION_STATE.md for {options.convo_id}", f"  Type: {type_}"]
    focus = fields["Focus"]
    if options.focus.strip() or options.message.strip():
        lines.append(f"  Focus: {focus[:_SHOWN_FOCUS]}{'...' if len(focus) > _SHOWN_FOCUS else ''}")
    lines.append(f"  Path: {result.path}")
    if result.backup is not None:
        lines.append(f"  Backup: {result.backup}")
    _answer_lines(lines, committed=True)


def answer_update(options: argparse.Namespace, field: str, path: str) -> None:
    """Print the answer of `update`: the field and its new value, as one line."""
    value = markdown_lines.flat(options.value)
    if options.format == "json":
        answer_json(options, {"field": field, "value": value, "path": path}, committed=True)
    else:
        _answer_lines([f"✓ Updated {field} = {value}"], committed=True)


def answer_sync(options: argparse.Namespace, names: list[str], path: str) -> None:
    """Print the answer of `sync`: the names of the sections that were set."""
    if options.format == "json":
        answer_json(options, {"sections": names, "path": path}, committed=True)
    else:
        _answer_lines([f"✓ Synced {len(names)} sections: {', '.join(names)}"], committed=True)


def answer_audit(audit: Audit, *, findings_for: str | None) -> None:
    """Print the answer of `audit` as text.

    With `findings_for`, the conversation's id, a line for each finding follows: its place in the document, the problem,
    and the command that mends it.
    """
    if audit.complete:
        _answer_lines(["✓ SESSION_STATE is complete (no TBD placeholders)"])
        return
    fields, items = audit.names(FIELD), audit.names(ITEM)
    lines = [f"⚠ SESSION_STATE has {len(fields) + len(items)} TBD placeholders"]
    lists = (
        ("Fields with TBD", fields),
        ("Bare '- TBD' entries", [str(len(items))] if items else []),
        ("Empty sections", audit.names(EMPTY)),
        ("Missing", audit.names(MISSING)),
    )
    shown = _Inline()  # a large document can have a million findings
    lines += [f"  {label}: {', '.join(map(shown.__getitem__, names))}" for label, names in lists if names]
    if findings_for is not None:
        lines.append("")
        option = f"--convo-id {quote(findings_for)}"
        for problem, name, line, do in audit.findings:
            place = "nowhere" if line is None else f"line {line}"
            word, _, rest = shown[do].partition(" ")
            remedy = shown[do] if do == BY_HAND else f"session doc {word} {option} {rest}"
            lines.append(f"  {place}: {shown[name]}: {problem}: {remedy}")
    _answer_lines(lines)


class _Inline(dict[str, str]):
    """Texts as `inline` shows them. Each text is shown once, and then looked up."""

    def __missing__(self, text: str) -> str:
        self[text] = shown = text if text.isascii() and text.isprintable() else inline(text)
        return shown


def audit_object(audit: Audit, path: str) -> dict[str, Any]:
    """Return the findings of `audit` as a JSON object."""
    fields, items = audit.names(FIELD), audit.names(ITEM)
    return {
        "path": path,
        "complete": audit.complete,
        "tbd_count": len(fields) + len(items),
        "tbd_fields": fields,
        "bare_tbd_count": len(items),
        "empty_sections": audit.names(EMPTY),
        "missing": audit.names(MISSING),
        "findings": [finding._asdict() for finding in audit.findings],
        "recommended": audit.recommended,
    }


def document_object(document: Document, path: str) -> dict[str, Any]:
    """Return the whole document as a JSON object: its frontmatter and its sections. Line numbers start at 1."""
    sections = []
    for section in document.sections:
        if not section.level and not document.text_of(section):
            continue
        plain = [at for at in document.own(section) if not document.marks[at]]
        items = [
            markdown_lines.item(document.bare[at]) for at in plain if markdown_lines.field(document.bare[at]) is None
        ]
        sections.append(
            {
                "name": section.name,
                "level": section.level,
                "line": section.at + 1,
                "fields": {field.name: field.value for _, field in document.fields(section)},
                "items": [item for item in items if item is not None],
                "text": document.text_of(section),
            }
        )
    values: dict[str, str] = {}  # of a key that is there twice, the first value counts
    front = {key: values.setdefault(key.casefold(), parse_value(value)) for _, key, value in document.front()}
    return {"path": path, "frontmatter": front, "sections": sections}


def answer_list(store: FileStore, as_json: bool) -> int:
    """Print the conversations that have a document; return the exit code, 1 if a document can't be read."""
    rows, errors = [], []
    for name, text, error in documents.entries(store):
        if text is None:
            errors.append(error)
            continue
        document = Document(text)
        row = {"conversation_id": name, **{key: document.front_value(key) for key in ("type", "mode", "status")}}
        row["focus"] = _field_value(document, "Focus")
        row["overall"] = _field_value(document, "Overall")
        row["last_updated"] = document.front_value("last_updated")
        rows.append({**row, "path": store.shown_path((COLLECTION, name))})
    if wants_json(as_json):
        json_out(rows)
    elif rows:
        columns = ("conversation_id", "type", "status", "overall", "focus", "last_updated")
        show(table([column.replace("_", " ") for column in columns], [[row[key] for key in columns] for row in rows]))
    else:
        output.answer(b"no conversations\n")
    for error in errors:
        output.tell(str(error))
    return 1 if errors else 0


def _field_value(document: Document, name: str) -> str | None:
    lines = document.field_lines(name, METADATA, PROGRESS)
    return lines[0][1].value if lines else None


def _answer_lines(lines: list[str], *, committed: bool = False) -> None:
    output.answer("".join(f"{line}\n" for line in lines).encode(), committed=committed)
