"""Checkpoints as people read them: a list, one in full, what differs. Pure, and harmless whatever they hold."""

from collections.abc import Iterator
from difflib import unified_diff
from typing import Any

from session.checkpoints.checkpoints import Entry
from session.checkpoints.document import Checkpoint, object_in
from session.checkpoints.restore import Compared
from session.store import codec
from session.text.untrusted import one_line, visible

_RULE = "-" * 80
_MOST_LINES = 20_000  # of two files that are compared line by line


def table(found: list[Entry]) -> str:
    """A line for each checkpoint; broken ones say what is wrong with them (seed: 000)."""
    lines = [f"{'ID':<25} {'Created':<20} {'Session':<15} Description", _RULE]
    for entry in found:
        told = entry.checkpoint
        created, session_id, about = (told.created, told.session_id, told.description) if told else ("", "", "")
        if entry.problems:
            about = f"BROKEN: {entry.problems[0]}"
        columns = (one_line(entry.name), one_line(created[:19]) or "-", one_line(session_id, 40) or "-")
        lines.append(f"{columns[0]:<25} {columns[1]:<20} {columns[2]:<15} {one_line(about)}".rstrip())
    return "\n".join(lines)


def facts(entry: Entry) -> dict[str, Any]:
    """The same as an object of JSON: texts, numbers, null."""
    told = entry.checkpoint
    return {
        "id": entry.name,
        "created": told.created if told else None,
        "session_id": told.session_id if told else None,
        "description": told.description if told else None,
        "branch": told.branch if told else None,
        "commit": told.commit if told else None,
        "before_restore_of": (told.before_restore_of or None) if told else None,
        "files": told.intact if told else None,
        "valid": entry.valid,
        "problems": entry.problems,
        "path": entry.path,
    }


def full(entry: Entry, checkpoint: Checkpoint) -> str:
    """One checkpoint: what it tells of itself, what it holds, and the project's state in it."""
    at = f"{checkpoint.branch or 'no branch'} at {checkpoint.commit[:12]}" if checkpoint.commit else checkpoint.branch
    told = (
        ("Checkpoint", entry.name),
        ("Created", checkpoint.created),
        ("Session", checkpoint.session_id),
        ("Description", checkpoint.description),
        ("Replaced by", f"the restore of {checkpoint.before_restore_of}" if checkpoint.before_restore_of else ""),
        ("Branch", at),
        *(("BROKEN", problem) for problem in entry.problems),
    )
    lines = [f"{about + ':':<12} {one_line(said)}" for about, said in told if said]
    if checkpoint.files:
        lines += ["Files:", *(f"  {file.path} ({len(file.body)} bytes)" for file in checkpoint.files)]
    state = checkpoint.state
    if state is not None:
        lines += ["State:", *(f"  {line}" for line in _lines(state))]
    return "\n".join(lines)


def differences(name: str, compared: list[Compared], since: list[str]) -> str:
    """What has changed since the checkpoint called `name`, as `diff -u` tells it."""
    lines: list[str] = []
    for file in compared:
        lines += _difference(name, file)
    lines += [f"Only now: {one_line(path)}" for path in since]
    return "\n".join(lines) or f"No differences from {one_line(name)}"


def _difference(name: str, file: Compared) -> Iterator[str]:
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
    """The lines of a document, in the one layout that JSON has here; what is no JSON object, as it is."""
    found = object_in(body)
    text = body.decode("utf-8", "replace") if found is None else codec.encode(found).decode()
    return [visible(line, keep="\t") for line in text.removesuffix("\n").split("\n")]
