"""Find contradictions in a session's record, and between the record and the repository; state each on one line."""

import os
import sys

from session.host import clock
from session.text.ages import age
from session.text.budget import named
from session.text.typed import as_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from session.resume.repository_facts import CurrentRepository
    from session.workflow.state import State

_SKEW_MS = 60_000  # clocks of different machines may differ by this much
_COMMIT_KEYS = ("commit", "head", "head_sha", "sha")


def mismatches(state: "State", repository: "CurrentRepository", workflow: str, now_ms: int) -> "Iterator[str]":
    """Yield a line for each mismatch of a session, except those about runs. The most important come first."""
    context = as_object(state.get("context"))
    if repository.tracks(workflow) is None:
        yield "git could not tell whether it tracks this session"
    yield from _branch(context.get("branch"), repository)
    yield from _commits(context, repository)
    if repository.operation:
        yield f"{repository.operation} in progress"
    yield from _record(state)
    yield from _times(state, now_ms)
    yield from _folders(context, repository)


def _branch(branch: object, repository: "CurrentRepository") -> "Iterator[str]":
    if not isinstance(branch, str) or not branch:
        return
    line = f"the session's branch is {named(branch)}"
    if not repository.exists:
        yield f"{line}, there is no repository"
    head = repository.head
    name = branch.removeprefix("refs/heads/")
    if head is None or head.branch == name:
        return
    if repository.git.has_branch(name) is False:
        line += ", which is no local branch"
    here = f"the repository is on {named(head.branch)}" if head.branch else f"HEAD is detached at {head.commit[:7]}"
    yield f"{line}, {here}"


def _commits(context: "dict[str, object]", repository: "CurrentRepository") -> "Iterator[str]":
    head = repository.head
    for key in _COMMIT_KEYS:
        value = context.get(key)
        if head is None or not isinstance(value, str) or not 4 <= len(value) <= 64:
            continue
        if value.strip("0123456789abcdefABCDEF") or (head.commit and head.commit.startswith(value.lower())):
            continue
        now = head.commit[: max(7, len(value))]
        yield f"context.{key} is {value}, " + (f"HEAD is {now}" if now else "there is no commit yet")


def _record(state: "State") -> "Iterator[str]":
    context, steps, step, history = (state.get(key) for key in ("context", "steps", "step", "history"))
    if not isinstance(context, dict | None):
        yield "context is not an object"
    if not isinstance(step, str):
        yield "no step is recorded"
    if not isinstance(steps, list | None):
        yield "steps is not a list"
    elif isinstance(step, str):
        last = steps[-1] if steps else None
        if last != step:
            last_shown = named(last) if isinstance(last, str) else "none"
            yield f"the step is {named(step)}, the last of steps {last_shown}"
    if isinstance(history, list) and isinstance(steps, list):
        names = [as_object(entry).get("step") for entry in history]
        if not all(isinstance(name, str) for name in names) or names != steps[: len(names)]:
            yield "history and steps differ"


def _times(state: "State", now_ms: int) -> "Iterator[str]":
    updated_ms = clock.parse_ms(state.get("updated_at"))
    if updated_ms is None:
        yield "no time of the last update is recorded"
    elif updated_ms > now_ms + _SKEW_MS:
        yield f"updated_at is {age(updated_ms - now_ms)} in the future"


def _folders(context: "dict[str, object]", repository: "CurrentRepository") -> "Iterator[str]":
    folders = (repository.root, repository.git.top or repository.root)
    places = {os.path.normcase(place) for path in folders for place in (path, os.path.realpath(path))}
    for key in ("worktree", "cwd"):
        value = context.get(key)
        if not isinstance(value, str) or not os.path.isabs(value) or "\0" in value:
            continue
        path = os.path.normcase(os.path.normpath(value))
        below = key == "cwd"
        if not _is_one_of(path, places, below=below) and not _is_one_of(_real(path), places, below=below):
            yield f"context.{key} is {named(value)}, this is {named(repository.root)}"


def _is_one_of(path: str, places: set[str], *, below: bool) -> bool:
    return path in places or (below and any(path.startswith(os.path.join(place, "")) for place in places))


def _real(path: str) -> str:
    # on Windows, resolving a path from the record could contact a server that someone else chose
    if sys.platform == "win32":
        return path
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return path
