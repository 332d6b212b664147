"""A commit of all that a project holds, without running anything that a repository names.

Nothing of the kind is left out in silence, either: where hooks, signing or filters would have had a part in the commit,
there is none, and the words to make it by hand are told.
"""

import os
import shlex
import sys
from typing import NamedTuple, NoReturn

from session.errors import SessionError
from session.host.git.dot_git import GitFolder, NoRepository
from session.host.git.repository import Repository
from session.host.git.runner import Git
from session.text.untrusted import one_line

TIMEOUT_S = 120.0  # git that is killed leaves its locks behind
LONGEST_MESSAGE = 200  # characters

_HOOKS = (
    *("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"),
    *("pre-merge-commit", "post-index-change", "reference-transaction"),
)
_SETTINGS = (
    "commit.gpgSign=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "core.safecrlf=false",
    "core.editor=false",
    "advice.addEmbeddedRepo=false",
)
_IDENTITY = tuple(f"GIT_{who}_{what}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL", "DATE"))
_TRUE = ("true", "yes", "on", "1", "")


class Setting(NamedTuple):
    """One line of git's configuration, as git lists it: the last one of a name counts."""

    name: str
    value: str


def commit(root: str, message: str) -> str:
    """Commit all that is in the folder `root`, and what is staged elsewhere; the new commit's short hash, empty where
    there is nothing to commit. SessionError says why there is none, and what to do by hand."""
    message = clean(message)
    repository = Repository(root, TIMEOUT_S)
    if repository.top is None:
        raise SessionError("not committed: no git repository", "git init")
    operation = repository.operation()
    if operation:
        raise SessionError(f"not committed: a {operation} is under way", "finish it first")
    git = Git(repository.top, TIMEOUT_S)
    within = os.path.relpath(os.path.realpath(root), os.path.realpath(repository.top)).replace(os.sep, "/")
    within = "" if within == "." else f"{within}/"
    by_hand = f"git -C {shlex.quote(root)} add -A . && git -C {shlex.quote(root)} commit -m {shlex.quote(message)}"
    try:
        folder = GitFolder(repository.top)
    except NoRepository as error:
        raise SessionError(f"not committed: {error}") from None
    settings = _settings(git)
    obstacle = _obstacle(git, folder, settings, within)
    if obstacle:
        raise SessionError(f"not committed: {obstacle}", f"by hand: {by_hand}")
    environment = {name: os.environ[name] for name in _IDENTITY if name in os.environ}
    environment["GIT_WORK_TREE"] = repository.top  # whatever core.worktree says
    filters = git.without_filters()
    if filters is None:
        _failed(git)
    given = [*_SETTINGS, *filters]
    for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        if git.run("var", who, settings=given, environment=environment) is None:
            _failed(git)
    if not git.add_all(within, given, environment):
        _failed(git)
    difference = ("diff", "--cached", "--quiet", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty")
    changed = git.run(*difference, also=1, settings=given, environment=environment)
    if changed is None:
        _failed(git)
    if changed.code == 0:
        return ""
    words = ("commit", "-q", "--no-verify", "--no-gpg-sign", "--no-status", "--cleanup=whitespace", "-m", message)
    if git.run(*words, settings=given, environment=environment) is None:
        _failed(git)
    made = git.ask("rev-parse", "--short", "HEAD")
    if made is None:
        _failed(git)
    return made.decode("ascii", "replace").strip()


def clean(message: str) -> str:
    """The message as one harmless line."""
    return one_line(message, LONGEST_MESSAGE).strip() or "session: a commit without a message"


def _settings(git: Git) -> list[Setting]:
    """What is configured, but for what our own words set."""
    listed = git.ask("config", "--list", "-z", "--show-scope")
    if listed is None:
        _failed(git)
    words = iter(os.fsdecode(listed).split("\0")[:-1])
    found = []
    for scope, line in zip(words, words, strict=False):
        name, equals, value = line.partition("\n")
        if scope != "command":
            found.append(Setting(name, value if equals else "true"))
    return found


def _obstacle(git: Git, folder: GitFolder, settings: list[Setting], within: str) -> str:
    """What would have a part in the commit, and is not to be run by us; empty where nothing has."""
    last = {setting.name: setting.value for setting in settings}
    hook = _hook(folder, last.get("core.hookspath", ""))
    if hook:
        return f"the hook {one_line(hook, 80)} would not run"
    if any(name.startswith("hook.") for name in last):
        return "hooks that git's configuration names would not run"
    if last.get("commit.gpgsign", "false").lower() in _TRUE:
        return "commit.gpgSign asks for a signature"
    used = _filter(git, last, within)
    return f"files go through the filter {one_line(used, 80)}" if used else ""


def _hook(folder: GitFolder, configured: str) -> str:
    place = os.path.join(folder.common, "hooks")
    if configured:
        place = os.path.join(folder.top, os.path.expanduser(configured))
    for name in _HOOKS:
        path = os.path.join(place, name)
        if os.path.isfile(path) and (sys.platform == "win32" or os.access(path, os.X_OK)):
            return name
    return ""


def _filter(git: Git, settings: dict[str, str], within: str) -> str:
    """A configured filter that some file goes through."""
    ways = (".clean", ".process")
    named = {name[len("filter.") :].rpartition(".")[0] for name in settings if name.startswith("filter.")}
    for name in sorted(named):
        if not any(settings.get(f"filter.{name}{way}") for way in ways):
            continue
        if not name or not all(char.isascii() and (char.isalnum() or char in "-_") for char in name):
            return name or "''"  # which can't be asked for
        words = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--")
        found = git.run(*words, f":(top,attr:filter={name}){within}")
        if found is None:
            _failed(git)
        if found.out:
            return name
    return ""


def _failed(git: Git) -> NoReturn:
    raise SessionError(f"not committed: {git.reasons[-1] if git.reasons else 'git failed'}")
