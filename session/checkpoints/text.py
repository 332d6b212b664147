"""Checkpoints as text for people: a list, one in full, and differences. All of it is safe to print."""

from collections.abc import Iterator
from difflib import unified_diff
from typing import Any

from session.checkpoints.checkpoints import Entry
from session.checkpoints.document import Checkpoint
from session.checkpoints.restore import FileComparison
from session.store import codec
from session.store.json_document import object_or_none
from session.text.untrusted import one_line, visible

_RULE = "-" * 80
_MOST_LINES = 20_000  # the most lines of two files to compare: a comparison of more takes too long


def table(entries: list[Entry]) -> str:
    """Return a table with a line for each checkpoint. The line of a broken one gives its first problem."""
    lines = [f"{'ID':<25} {'Created':<20} {'Session':<15} Description", _RULE]
    for entry in entries:
        checkpoint = entry.checkpoint
        created, session_id, description = "", "", ""
        if checkpoint:
            created, session_id, description = checkpoint.created, checkpoint.session_id, checkpoint.description
        if entry.problems:
            description = f"BROKEN: {entry.problems[0]}"
        columns = (one_line(entry.name), one_line(created[:19]) or "-", one_line(session_id, 40) or "-")
        lines.append(f"{columns[0]:<25} {columns[1]:<20} {columns[2]:<15} {one_line(description)}".rstrip())
    return "\n".join(lines)


def facts(entry: Entry) -> dict[str, Any]:
    """Return a checkpoint's facts as a JSON object. Facts of an unusable checkpoint are null."""
    checkpoint = entry.checkpoint
    return {
        "id": entry.name,
        "created": checkpoint.created if checkpoint else None,
        "session_id": checkpoint.session_id if checkpoint else None,
        "description": checkpoint.description if checkpoint else None,
        "branch": checkpoint.branch if checkpoint else None,
        "commit": checkpoint.commit if checkpoint else None,
        "before_restore_of": (checkpoint.before_restore_of or None) if checkpoint else None,
        "files": checkpoint.intact if checkpoint else None,
        "valid": entry.valid,
        "problems": entry.problems,
        "path": entry.path,
    }


def full(entry: Entry, checkpoint: Checkpoint) -> str:
    """Return one checkpoint in full: its facts, its files, and the project's state in it."""
    at = f"{checkpoint.branch or 'no branch'} at {checkpoint.commit[:12]}" if checkpoint.commit else checkpoint.branch
    rows = (
        ("Checkpoint", entry.name),
        ("Created", checkpoint.created),
        ("Session", checkpoint.session_id),
        ("Description", checkpoint.description),
        ("Replaced by", f"the restore of {checkpoint.before_restore_of}" if checkpoint.before_restore_of else ""),
        ("Branch", at),
        *(("BROKEN", problem) for problem in entry.problems),
    )
    lines = [f"{label + ':':<12} {one_line(text)}" for label, text in rows if text]
    if checkpoint.files:
        lines += ["Files:", *(f"  {file.path} ({len(file.body)} bytes)" for file in checkpoint.files)]
    state = checkpoint.state
    if state is not None:
        lines += ["State:", *(f"  {line}" for line in _lines(state))]
    return "\n".join(lines)


def differences(name: str, files: list[FileComparison], since: list[str]) -> str:
    """Return the changes since the checkpoint `name` like `diff -u`. `since` are the paths that exist only now."""
    lines: list[str] = []
    for file in files:
        lines += _difference(name, file)
    lines += [f"Only now: {one_line(path)}" for path in since]
    return "\n".join(lines) or f"No differences from {one_line(name)}"


def _difference(name: str, file: FileComparison) -> Iterator[str]:
    if file.wrong:
        yield f"Not compared: {one_line(file.wrong)}"
        return
    if file.now == file.then:
        return
    before, after = _lines(file.then), [] if file.now is None else _lines(file.now)
    path = one_line(file.path)
    if before == after:
        yield f"Only laid out differently: {path}"
    elif len(before) + len(after) > _MOST_LINES:
        yield f"Different, and too long to compare line by line: {path}"
    else:
        now = f"{path} (missing)" if file.now is None else path
        yield from unified_diff(before, after, f"{one_line(name)}/{path}", now, lineterm="")


def _lines(body: bytes) -> list[str]:
    """Return the document's lines. A JSON object is first written in the usual layout."""
    value = object_or_none(body)
    text = body.decode("utf-8", "replace") if value is None else codec.encode(value).decode()
    return [visible(line, keep="\t") for line in text.removesuffix("\n").split("\n")]
