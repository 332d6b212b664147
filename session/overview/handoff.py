"""What the repository and the workflows know of a session that is handed off (seed: 001)."""

import os

from session.entry.autosave import repository_facts
from session.entry.handoff import Found, Session
from session.host.git.repository import Repository
from session.store.files import FileStore
from session.store.paths import OWN_FOLDERS
from session.workflow.archives import archives

_TIMEOUT_S = 10.0
_MOST_COMMITS = 200


def gather(store: FileStore, session: Session) -> tuple[Found, list[str]]:
    """What happened since the session began, and what could not be read of it. It takes git: not to be asked for
    under the lock."""
    if session.since_ms is None:
        return Found([], [], [], present=repository_facts(store)), []
    repository = Repository(store.root, timeout_s=_TIMEOUT_S)
    commits = repository.recent_commits(_MOST_COMMITS, session.since_ms)
    changed = repository.changed_since(session.since_ms)
    files = None
    if changed is not None:
        top = repository.top or store.root
        ours = [os.path.relpath(os.path.join(store.root, folder), top).replace(os.sep, "/") for folder in OWN_FOLDERS]
        found = [(path, "new") for path in changed.created] + [(path, "changed") for path in changed.modified]
        files = [each for each in sorted(found) if not any(each[0].startswith(f"{folder}/") for folder in ours)]
    workflows, unreadable = _workflows(store, session.since_ms)
    reasons = repository.reasons or ([] if repository.top else ["not a git repository"])
    return Found(
        commits if commits is None else commits[::-1], files, workflows, reasons, repository_facts(store)
    ), unreadable


def _workflows(store: FileStore, since_ms: int) -> tuple[list[str], list[str]]:
    known, errors = archives(store)
    ended = [each for each in known if each.ended_ms is not None and each.ended_ms >= since_ms]
    lines = [
        f"Workflow {each.workflow or 'of no name'} - {each.status or 'ended'} ({os.path.basename(each.path)})"
        for each in reversed(ended)
    ]
    return lines, [str(error) for error in errors]
