"""Collect the facts for a new chat from the project's state, its workflow sessions and its repository."""

import os

from session.context.facts import Facts, add_state
from session.host.git.repository import Repository
from session.host.project_store import store_at
from session.project.document import read
from session.project.location import CONTEXT, EVENTS, KEY
from session.resume.reports import reports
from session.root import STATE
from session.store.files import FileStore
from session.store.paths import JOURNAL, LOCK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.errors import SessionError
    from session.resume.report_types import Report

_MOST_FILES = 1000  # the most changed files to ask git for, our own files included


def collect(store: FileStore, facts: Facts, *, owner: str, now_ms: int) -> None:
    """Add all facts to `facts`. SessionError if the project's state is malformed."""
    state = read(store)
    add_state(facts, state or {})
    # not `store` itself: with $PRISM_ROOT it is a bare store, and workflow sessions are below ia/state in its root
    sessions, errors = reports(store_at(store.root, store.shown), owner=owner, now_ms=now_ms)
    _add_workflows(facts, sessions, errors)
    _add_repository(facts, store)
    where = facts.show(store.shown_path(KEY))
    facts.add("state", f"- {where}" if state is not None else f"- {where} is not there yet", 5)


def _add_workflows(facts: Facts, sessions: "list[Report]", errors: "list[SessionError]") -> None:
    """Add the workflow sessions. Those that git tracks belong to someone else, so they are only counted."""
    offered = [report for report in sessions if not report["tracked"]]
    facts.add_list("workflows", offered, lambda report: _workflow(facts, report), 12, first=4)
    foreign = len(sessions) - len(offered)
    if foreign:
        facts.add("workflows", f"- tracked by git, so someone else's, and not shown: {foreign}", 9)
    if errors:
        facts.add("workflows", f"- not readable: {len(errors)} (`session list` names them)", 9)


def _workflow(facts: Facts, report: "Report") -> str:
    step = report["step"]
    line = f"- {facts.show(report['workflow'])} at {'an unknown step' if step is None else facts.show(step)}"
    if report["updated_at"] is not None:
        line += f", updated {report['updated_at']}"
    line += f", {report['whose']}"
    for run in report["runs"]:
        if "exit" not in run:
            began = f" began {facts.show(run['began_at'])}," if "began_at" in run else ":"
            line += f"; {facts.show(run['step'])}{began} no result recorded, check before repeating"
    return line


def _add_repository(facts: Facts, store: FileStore) -> None:
    repository = Repository(store.root)
    head = repository.head()
    if head is None:
        return
    at = f"at {head.commit[:10]}" if head.commit else "without a commit"
    line = f"- Branch: {facts.show(head.branch)} {at}" if head.branch else f"- HEAD is detached, {at}"
    operation = repository.operation()
    dirty = repository.dirty(_MOST_FILES)
    files = [] if dirty is None else _without_ours(dirty.files, store, repository.top or store.root)
    count = 0 if dirty is None else dirty.count - len(dirty.files) + len(files)
    if operation:
        line += f", {operation} under way"
    if dirty is not None and count:
        line += f", {'at least ' if dirty.more else ''}{count} changed {'file' if count == 1 else 'files'}"
    facts.add("repository", line, 6)
    shown = files[: facts.most["files"]]
    if shown:
        more = ["…"] if count > len(shown) else []
        facts.add("repository", f"- Changed: {', '.join([*map(facts.show, shown), *more])}", 60)


def _without_ours(files: list[str], store: FileStore, top: str) -> list[str]:
    """Return the files that this package does not write itself: writing a context must not change the next context."""
    ours = [store.path_of(KEY), store.path_of(CONTEXT)]
    ours += ["/".join(store.parts(collection)) for collection in (EVENTS[0], "checkpoints")]
    ours += ["/".join((*folder, name)) for folder in (store.place_parts(STATE), STATE) for name in (LOCK, JOURNAL)]
    places = [os.path.relpath(os.path.join(store.root, path), top).replace(os.sep, "/") for path in ours]
    return [file for file in files if not any(_holds(place, file) or _holds(file, place) for place in places)]


def _holds(folder: str, path: str) -> bool:
    """Return True if `path` is `folder` or below it. git names an untracked folder with a slash at the end."""
    return path == folder or path.startswith(folder if folder.endswith("/") else folder + "/")
