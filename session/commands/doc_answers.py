"""What `session doc` reads and says: the JSON of sync, answers as text and as JSON (seed: 004)."""

import argparse
import json
from typing import Any

from session import output
from session.arguments import read_stdin
from session.commands.tables import json_out, show, table, wants_json
from session.conversation import markdown_lines as grammar
from session.conversation import store as documents
from session.conversation.audit import EMPTY, FIELD, ITEM, MISSING, Audit
from session.conversation.document import Document
from session.conversation.location import COLLECTION
from session.conversation.schema import METADATA, PROGRESS
from session.errors import SessionError, UsageError
from session.store import codec
from session.store.files import FileStore
from session.text.untrusted import inline, one_line

_SHOWN_FOCUS = 60  # characters that init shows of the focus


def parse_object(text: str) -> dict[str, Any]:
    """The object that sync is given; `-` reads stdin. SessionError for anything else."""
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
    """What is wrong, in the words of the script of the seed; ours where it would have taken the text."""
    try:
        json.loads(text)
    except json.JSONDecodeError as theirs:
        return str(theirs)
    except (ValueError, RecursionError):
        pass
    return str(error)


def told(given: argparse.Namespace, value: dict[str, Any], *, committed: bool = False) -> None:
    """Answer in JSON, whose conversation it is first."""
    output.answer(codec.encode({"conversation_id": given.convo_id, **value}) + b"\n", committed=committed)


def begun(given: argparse.Namespace, document: Document, type_: str, new: documents.NewDocument) -> None:
    """The answer of init."""
    fields = {field.name: field.value for _, field in document.fields(document.find(METADATA)[0])}
    if given.format == "json":
        names = ("Mode", "Focus", "Objective")
        value = {"type": type_, **{name.lower(): fields[name] for name in names}}
        told(given, {**value, "path": new.path, "backup": new.backup}, committed=True)
        return
    lines = [f"✓ Initialized SESSION_STATE.md for {given.convo_id}", f"  Type: {type_}"]
    focus = fields["Focus"]
    if given.focus.strip() or given.message.strip():
        lines.append(f"  Focus: {focus[:_SHOWN_FOCUS]}{'...' if len(focus) > _SHOWN_FOCUS else ''}")
    lines.append(f"  Path: {new.path}")
    if new.backup is not None:
        lines.append(f"  Backup: {new.backup}")
    _say(lines, committed=True)


def updated(given: argparse.Namespace, field: str, path: str) -> None:
    """The answer of update."""
    value = grammar.flat(given.value)
    if given.format == "json":
        told(given, {"field": field, "value": value, "path": path}, committed=True)
    else:
        _say([f"✓ Updated {field} = {value}"], committed=True)


def synced(given: argparse.Namespace, names: list[str], path: str) -> None:
    """The answer of sync."""
    if given.format == "json":
        told(given, {"sections": names, "path": path}, committed=True)
    else:
        _say([f"✓ Synced {len(names)} sections: {', '.join(names)}"], committed=True)


def audited(audit: Audit, *, where: bool) -> None:
    """The answer of audit; with `where`, a line for each finding: where it is, and what to do."""
    if audit.complete:
        _say(["✓ SESSION_STATE is complete (no TBD placeholders)"])
        return
    fields, items = audit.names(FIELD), audit.names(ITEM)
    lines = [f"⚠ SESSION_STATE has {len(fields) + len(items)} TBD placeholders"]
    lists = (
        ("Fields with TBD", fields),
        ("Bare '- TBD' entries", [str(len(items))] if items else []),
        ("Empty sections", audit.names(EMPTY)),
        ("Missing", audit.names(MISSING)),
    )
    lines += [f"  {about}: {', '.join(map(inline, names))}" for about, names in lists if names]
    if where:
        lines.append("")
        for finding in audit.findings:
            at = "nowhere" if finding.line is None else f"line {finding.line}"
            lines.append(f"  {at}: {inline(finding.name)}: {finding.problem}: {inline(finding.do)}")
    _say(lines)


def verdict(audit: Audit, path: str) -> dict[str, Any]:
    """What audit found, for a program."""
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


def model(document: Document, path: str) -> dict[str, Any]:
    """The whole document, for a program. Lines are counted from 1."""
    sections = []
    for section in document.sections:
        if not section.level and not document.text_of(section):
            continue
        free = [at for at in document.own(section) if not document.marks[at]]
        items = [grammar.item(document.bare[at]) for at in free if grammar.field(document.bare[at]) is None]
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
    front = {key: document.front_value(key) for _, key, _ in document.front()}
    return {"path": path, "frontmatter": front, "sections": sections}


def listing(store: FileStore, as_json: bool) -> int:
    """The answer of list: exit code 1 if there is a document that can't be read."""
    rows, wrong = [], []
    for name, text, error in documents.entries(store):
        if text is None:
            wrong.append(error)
            continue
        document = Document(text)
        fields = {key: document.front_value(key) for key in ("type", "mode", "status")}
        told_of = {
            **fields,
            "focus": _value(document, "Focus"),
            "overall": _value(document, "Overall"),
            "last_updated": document.front_value("last_updated"),
        }
        rows.append({"conversation_id": name, **told_of, "path": store.shown_path((COLLECTION, name))})
    if wants_json(as_json):
        json_out(rows)
    elif rows:
        columns = ("conversation_id", "type", "status", "overall", "focus", "last_updated")
        show(table([column.replace("_", " ") for column in columns], [[row[key] for key in columns] for row in rows]))
    else:
        output.answer(b"no conversations\n")
    for error in wrong:
        output.tell(str(error))
    return 1 if wrong else 0


def _value(document: Document, name: str) -> str | None:
    found = document.field_lines(name, METADATA, PROGRESS)
    return found[0][1].value if found else None


def _say(lines: list[str], *, committed: bool = False) -> None:
    output.answer("".join(f"{line}\n" for line in lines).encode(), committed=committed)
