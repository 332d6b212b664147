"""The changes that installing into Claude Code, or uninstalling, makes.

The whole plan is made before any file is changed.
"""

import os
import shutil
from typing import NamedTuple

from session.errors import SessionError
from session.integrations import claude_code, file_changes, hook_entries
from session.integrations.file_changes import Change
from session.integrations.install_record import Entry, Record, digest
from session.integrations.json_edit import Document
from session.store.codec import NotJSON
from session.store.disk import MAX_BYTES, too_large


class Plan(NamedTuple):
    """The changes to make, and the lines to print: `lines` on stdout, `notices` on stderr."""

    record: Record
    changes: list[Change]
    folders: list[str]  # to be removed if they are empty, the deepest first
    lines: list[str]
    notices: list[str]


def install(project: bool) -> Plan:
    """Return the plan of `session install`, for the project or for the user. SessionError if it can't be made."""
    folder, command = claude_code.folder(project=project), claude_code.command(project=project)
    settings = file_changes.resolve(os.path.join(folder, "settings.json"))
    record = Record()
    earlier = record.entries.get(settings)
    entry = record.entries[settings] = earlier or Entry()
    plan = Plan(record, [], [], [], [])

    old = file_changes.read(settings)
    text = _text(settings, old)
    if text is not None and entry.fits(old):
        text = _before(record, entry, text)  # record the way back to the settings before the first installation
    document = _document(settings, text)
    entries = claude_code.hooks(command)
    try:
        has_exact_undo = not hook_entries.has_ours(document)
        created = hook_entries.merge(document, entries)
    except SessionError as error:
        raise _refused(settings, error) from None
    new = document.text.encode()
    if len(new) > MAX_BYTES:
        raise too_large(settings)
    if new != old:
        plan.changes.append(Change(settings, old, new))
        plan.lines.append(f"{settings}: {', '.join(entries)} call {command}")
        if has_exact_undo:
            entry.sha256, entry.undo, entry.absent, entry.made = digest(new), document.undo, text is None, created
        else:
            entry.sha256, entry.undo = "", []
            entry.made = None if entry.made is None else sorted({*entry.made, *created})
    plan.notices.extend(f"warning: {settings}: {problem}" for problem in hook_entries.problems(document))
    if project and shutil.which(command) is None:
        plan.notices.append(f"warning: {command} is not on the PATH, where the hooks look for it")
    other = _other_settings(settings, project=not project)
    if other:
        plan.notices.append(f"warning: {other} has our hooks, too: each hook runs twice here; keep one of them")

    _plan_skills(plan, entry, folder, claude_code.skills(command))
    for change in plan.changes:
        entry.folders += file_changes.missing_folders(os.path.dirname(change.path))
    entry.folders = sorted(set(entry.folders), key=len, reverse=True)
    if plan.changes:
        plan.lines.append("Claude Code reads them when it starts: conversations that already run continue without them")
    else:
        plan.lines.append(f"{settings}: installed already, nothing to change")
    return plan


def _before(record: Record, entry: Entry, text: str) -> str | None:
    """Return the settings before the installation, or None if there was no file; SessionError if it can't be right."""
    before = entry.before(text)
    try:
        Document("{}\n" if before is None else before)
    except NotJSON:
        raise SessionError(
            f"{record.path} does not lead back to valid settings; nothing changed", "move it away"
        ) from None
    return before


def _other_settings(settings: str, *, project: bool) -> str:
    """Return the path of the other settings, the user's or the project's, if they hold our hooks too; else ""."""
    try:
        other = file_changes.resolve(os.path.join(claude_code.folder(project=project), "settings.json"))
        text = None if other == settings else _text(other, file_changes.read(other))
        return other if text is not None and hook_entries.has_ours(_document(other, text)) else ""
    except SessionError:
        return ""  # an error in the other file is reported when that file is changed


def _plan_skills(plan: Plan, entry: Entry, folder: str, skills: dict[str, bytes]) -> None:
    written = []
    for name, new in skills.items():
        path = _skill(folder, name)
        old = file_changes.read(path)
        if old is not None and old != new and entry.skills.get(path) != digest(old):
            plan.notices.append(f"{path} is not ours, and is left as it is (to have ours, move it away)")
            continue
        entry.skills[path] = digest(new)
        if old != new:
            plan.changes.append(Change(path, old, new))
            written.append(name)
    # skills that an earlier version installed and this one does not have
    for path in sorted(set(entry.skills) - {_skill(folder, name) for name in skills}):
        old = file_changes.read(path)
        if old is not None and entry.skills[path] == digest(old):
            plan.changes.append(Change(path, old, None))
            plan.folders.append(os.path.dirname(path))
        del entry.skills[path]
    if written:
        plan.lines.append(f"{os.path.join(folder, 'skills')}: {', '.join(written)}")


def uninstall(project: bool) -> Plan:
    """Return the plan of `session uninstall`, for the project or for the user. SessionError if it can't be made."""
    folder = claude_code.folder(project=project)
    settings = file_changes.resolve(os.path.join(folder, "settings.json"))
    record = Record()
    entry = record.entries.pop(settings, None) or Entry()
    plan = Plan(record, [], list(entry.folders), [], [])

    old = file_changes.read(settings)
    text = _text(settings, old)
    if text is not None:
        document = _document(settings, text)
        if entry.fits(old):
            before = _before(record, entry, text)
        else:
            try:
                hook_entries.strip(document, entry.made)
            except SessionError as error:
                raise _refused(settings, error) from None
            before = document.text
            if entry.absent and document.undo and not document.items(document.root):
                before = None  # we made this file, and nobody else has put anything into it
        new = None if before is None else before.encode()
        if new != old:
            plan.changes.append(Change(settings, old, new))
            plan.lines.append(f"{settings}: {'removed' if new is None else 'hooks removed'}")

    command = claude_code.HOOK if project else claude_code.find_command()
    ours = {_skill(folder, name): digest(body) for name, body in claude_code.skills(command).items()}
    removed = []
    for path in sorted({*ours, *entry.skills}):
        old = file_changes.read(path)
        if old is None:
            continue
        if digest(old) in (ours.get(path), entry.skills.get(path)):
            plan.changes.append(Change(path, old, None))
            plan.folders.append(os.path.dirname(path))
            removed.append(os.path.basename(os.path.dirname(path)))
        elif path in entry.skills:
            plan.notices.append(f"{path} was changed since we wrote it, and is left as it is")
    if removed:
        plan.lines.append(f"{os.path.join(folder, 'skills')}: {', '.join(sorted(removed))} removed")
    plan.folders.sort(key=len, reverse=True)
    if not plan.changes:
        plan.lines.append(f"{settings}: nothing of ours, nothing to change")
    return plan


def _skill(folder: str, name: str) -> str:
    return file_changes.resolve(os.path.join(folder, "skills", name, "SKILL.md"))


def _text(path: str, body: bytes | None) -> str | None:
    try:
        return None if body is None else body.decode()
    except UnicodeDecodeError as error:
        raise SessionError(f"{path} is not valid UTF-8 at byte {error.start}; nothing changed", "mend it") from None


def _document(path: str, text: str | None) -> Document:
    try:
        return Document("{}\n" if text is None else text)
    except NotJSON as error:
        raise SessionError(f"{path} is not valid JSON: {error}; nothing changed", "mend it") from None


def _refused(path: str, error: SessionError) -> SessionError:
    return SessionError(f"{path} {error.message}; nothing changed", error.hint)
