"""Commit everything that a project contains, without running any program that the repository configures.

If hooks, signing or filters would take part in the commit, it is refused, and the error gives the command to commit by
hand.
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

TIMEOUT_S = 120.0  # much time: a git that is killed leaves its locks behind
LONGEST_MESSAGE = 200  # the most characters of a commit message

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
    """One line of git's configuration. If several have the same name, the last one counts."""

    name: str
    value: str


def commit(root: str, message: str) -> str:
    """Commit everything in the folder `root`, and what is staged elsewhere; return the new commit's short hash.

    The hash is empty if there is nothing to commit. SessionError gives the reason if it cannot commit, and a command to
    do it by hand.
    """
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
    environment["GIT_WORK_TREE"] = repository.top  # the setting core.worktree must not select another working tree
    filters = git.without_filters()
    if filters is None:
        _fail(git, by_hand)
    options = [*_SETTINGS, *filters]
    for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        if git.run("var", who, settings=options, environment=environment) is None:
            _fail(git, by_hand)
    if not git.add_all(within, options, environment):
        _fail(git, by_hand)
    difference = ("diff", "--cached", "--quiet", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty")
    staged = git.run(*difference, also=1, settings=options, environment=environment)
    if staged is None:
        _fail(git, by_hand, "added, but not committed")
    if staged.code == 0:
        return ""
    words = ("commit", "-q", "--no-verify", "--no-gpg-sign", "--no-status", "--cleanup=whitespace", "-m", message)
    if git.run(*words, settings=options, environment=environment) is None:
        _fail(git, by_hand, "added, but not committed")
    commit_hash = git.ask("rev-parse", "--short", "HEAD")
    if commit_hash is None:
        _fail(git, result="committed, but the commit can't be named")
    return commit_hash.decode("ascii", "replace").strip()


def clean(message: str) -> str:
    """Return the commit message on one line, shortened and without control characters."""
    return one_line(message, LONGEST_MESSAGE).strip() or "session: a commit without a message"


def _settings(git: Git) -> list[Setting]:
    """Return git's settings for this repository, without those that our own command lines pass to git."""
    output = git.ask("config", "--list", "-z", "--show-scope")
    if output is None:
        _fail(git)
    words = iter(os.fsdecode(output).split("\0")[:-1])
    settings = []
    for scope, line in zip(words, words, strict=False):
        name, equals, value = line.partition("\n")
        if scope != "command":
            settings.append(Setting(name, value if equals else "true"))
    return settings


def _obstacle(git: Git, folder: GitFolder, settings: list[Setting], within: str) -> str:
    """Return the reason for not committing: a hook, signature or filter that would take part; "" if there is none."""
    last = {setting.name: setting.value for setting in settings}
    hook = _hook(folder, last.get("core.hookspath", ""))
    if hook:
        return f"the hook {one_line(hook, 80)} would not run"
    if any(name.startswith("hook.") for name in last):
        return "hooks that git's configuration names would not run"
    if last.get("commit.gpgsign", "false").lower() in _TRUE:
        return "commit.gpgSign asks for a signature"
    name = _filter(git, last, within)
    return f"files go through the filter {one_line(name, 80)}" if name else ""


def _hook(folder: GitFolder, hooks_path: str) -> str:
    """Return the name of a hook that git would run for a commit, or "". `hooks_path` is the setting core.hooksPath."""
    hooks = os.path.join(folder.common, "hooks")
    if hooks_path:
        hooks = os.path.join(folder.top, os.path.expanduser(hooks_path))
    for name in _HOOKS:
        path = os.path.join(hooks, name)
        if os.path.isfile(path) and (sys.platform == "win32" or os.access(path, os.X_OK)):
            return name
    return ""


def _filter(git: Git, settings: dict[str, str], within: str) -> str:
    """Return the name of a configured filter that applies to a file of the project, or "" if there is none."""
    keys = (".clean", ".process")
    names = {name[len("filter.") :].rpartition(".")[0] for name in settings if name.startswith("filter.")}
    for name in sorted(names):
        if not any(settings.get(f"filter.{name}{key}") for key in keys):
            continue
        if not name or not all(char.isascii() and (char.isalnum() or char in "-_") for char in name):
            return name or "''"  # a pathspec cannot contain such a name
        words = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--")
        files = git.run(*words, f":(top,attr:filter={name}){within}")
        if files is None:
            _fail(git)
        if files.out:
            return name
    return ""


def _fail(git: Git, by_hand: str = "", result: str = "not committed") -> NoReturn:
    """Raise SessionError with the result so far, the last reason that git gave, and the command to finish by hand."""
    reason = git.reasons[-1] if git.reasons else "git failed"
    raise SessionError(f"{result}: {reason}", f"mend that, then by hand: {by_hand}" if by_hand else "")
