"""What installing into Claude Code, and undoing that, is to change: decided as a whole before anything is touched."""

import os
import shutil
from typing import NamedTuple

from session.errors import SessionError
from session.integrations import claude_code, hook_entries
from session.integrations import file_changes as changes
from session.integrations.file_changes import Change
from session.integrations.install_record import Entry, Record, digest
from session.integrations.json_edit import Document
from session.store.codec import NotJSON
from session.store.disk import MAX_BYTES, too_large


class Plan(NamedTuple):
    """What is to be changed, and, for the user, what that means and what to look at besides."""

    record: Record
    changes: list[Change]
    folders: list[str]  # to be removed where they are empty, the deepest first
    said: list[str]
    notices: list[str]


def install(project: bool) -> Plan:
    """What `install` is to do, for the project or the user. SessionError where it can't be done; nothing is changed."""
    folder, command = claude_code.folder(project=project), claude_code.command(project=project)
    settings = changes.resolve(os.path.join(folder, "settings.json"))
    record = Record()
    earlier = record.entries.get(settings)
    entry = record.entries[settings] = earlier or Entry()
    plan = Plan(record, [], [], [], [])

    old = changes.read(settings)
    text = _text(settings, old)
    if text is not None and entry.fits(old):
        text = entry.before(text)  # so that what is recorded leads back to there, however often we install
    document = _document(settings, text)
    entries = claude_code.hooks(command)
    try:
        exact = not hook_entries.has_ours(document)
        made = hook_entries.merge(document, entries)
    except SessionError as error:
        raise _refused(settings, error) from None
    new = document.text.encode()
    if len(new) > MAX_BYTES:
        raise too_large(settings)
    if new != old:
        plan.changes.append(Change(settings, old, new))
        plan.said.append(f"{settings}: {', '.join(entries)} call {command}")
        if exact:
            entry.sha256, entry.undo, entry.absent, entry.made = digest(new), document.undo, text is None, made
        else:
            entry.sha256, entry.undo = "", []
            entry.made = None if entry.made is None else sorted({*entry.made, *made})
    plan.notices.extend(f"warning: {settings}: {doubt}" for doubt in hook_entries.doubts(document))
    if project and shutil.which(command) is None:
        plan.notices.append(f"warning: {command} is not on the PATH, where the hooks look for it")
    other = _other(settings, project=not project)
    if other:
        plan.notices.append(f"warning: {other} has our hooks, too: everything is said twice here; keep one of them")

    _plan_skills(plan, entry, folder, claude_code.skills(command))
    for change in plan.changes:
        entry.folders += changes.missing_folders(os.path.dirname(change.path))
    entry.folders = sorted(set(entry.folders), key=len, reverse=True)
    if plan.changes:
        plan.said.append("Claude Code reads them when it starts: conversations that run already go on without")
    else:
        plan.said.append(f"{settings}: installed already, nothing to change")
    return plan


def _other(settings: str, *, project: bool) -> str:
    """The settings of the user, or of the project here, if they have our hooks besides those in `settings`."""
    try:
        other = changes.resolve(os.path.join(claude_code.folder(project=project), "settings.json"))
        text = None if other == settings else _text(other, changes.read(other))
        return other if text is not None and hook_entries.has_ours(_document(other, text)) else ""
    except SessionError:
        return ""  # whoever changes that file will be told


def _plan_skills(plan: Plan, entry: Entry, folder: str, wanted: dict[str, bytes]) -> None:
    written = []
    for name, new in wanted.items():
        path = _skill(folder, name)
        old = changes.read(path)
        if old is not None and old != new and entry.skills.get(path) != digest(old):
            plan.notices.append(f"{path} is not ours, and is left as it is (to have ours, move it away)")
            continue
        entry.skills[path] = digest(new)
        if old != new:
            plan.changes.append(Change(path, old, new))
            written.append(name)
    for path in sorted(set(entry.skills) - {_skill(folder, name) for name in wanted}):  # an earlier version's
        old = changes.read(path)
        if old is not None and entry.skills[path] == digest(old):
            plan.changes.append(Change(path, old, None))
            plan.folders.append(os.path.dirname(path))
        del entry.skills[path]
    if written:
        plan.said.append(f"{os.path.join(folder, 'skills')}: {', '.join(written)}")


def uninstall(project: bool) -> Plan:
    """What `uninstall` is to do, for the project or the user. SessionError where it can't be done."""
    folder = claude_code.folder(project=project)
    settings = changes.resolve(os.path.join(folder, "settings.json"))
    record = Record()
    entry = record.entries.pop(settings, None) or Entry()
    plan = Plan(record, [], list(entry.folders), [], [])

    old = changes.read(settings)
    text = _text(settings, old)
    if text is not None:
        document = _document(settings, text)
        if entry.fits(old):
            before = entry.before(text)
        else:
            try:
                hook_entries.strip(document, entry.made)
            except SessionError as error:
                raise _refused(settings, error) from None
            before = document.text
            if entry.absent and document.undo and not document.items(document.root):
                before = None  # there was no file, and what there is now was made by us
        new = None if before is None else before.encode()
        if new != old:
            plan.changes.append(Change(settings, old, new))
            plan.said.append(f"{settings}: {'removed' if new is None else 'hooks removed'}")

    command = claude_code.HOOK if project else claude_code.find_command()
    ours = {_skill(folder, name): digest(body) for name, body in claude_code.skills(command).items()}
    removed = []
    for path in sorted({*ours, *entry.skills}):
        old = changes.read(path)
        if old is None:
            continue
        if digest(old) in (ours.get(path), entry.skills.get(path)):
            plan.changes.append(Change(path, old, None))
            plan.folders.append(os.path.dirname(path))
            removed.append(os.path.basename(os.path.dirname(path)))
        elif path in entry.skills:
            plan.notices.append(f"{path} was changed since we wrote it, and is left as it is")
    if removed:
        plan.said.append(f"{os.path.join(folder, 'skills')}: {', '.join(sorted(removed))} removed")
    plan.folders.sort(key=len, reverse=True)
    if not plan.changes:
        plan.said.append(f"{settings}: nothing of ours, nothing to change")
    return plan


def _skill(folder: str, name: str) -> str:
    return changes.resolve(os.path.join(folder, "skills", name, "SKILL.md"))


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
