"""What a project's files are, in one hash: that of the git tree that a commit of all of them would have.

What git ignores is left out, and so is `.claude/progress` and `ia/state`, which change all the time. A commit does not
change the hash; a changed file does, until it is changed back. Nothing is written into the repository: git works on a
copy of its index, and with a folder for objects of its own. Nothing that the repository configures is run.
"""

import os
import shutil
import tempfile

from session.host.git.dot_git import GitFolder, NoRepository, find_top
from session.host.git.runner import Git
from session.store.paths import OWN_FOLDERS

TIMEOUT_S = 20.0
_SETTINGS = (
    "core.splitIndex=false",  # whose shared part would go into the repository
    "core.safecrlf=false",
    "core.looseCompression=0",  # the objects are thrown away
    "core.fsync=none",
    "advice.addEmbeddedRepo=false",
    "diff.ignoreSubmodules=dirty",  # they count by their commit, and are not entered
)


def tree(root: str, reasons: list[str] | None = None) -> str | None:
    """The hash, hexadecimal, of the files in the folder `root`, which may be within a repository. None where there is
    no repository, or git can't tell in time; then `reasons` has why."""
    reasons = [] if reasons is None else reasons
    top = find_top(root)
    if top is None:
        reasons.append("no git repository")
        return None
    git = Git(top, TIMEOUT_S)
    try:
        folder = GitFolder(top)
        with tempfile.TemporaryDirectory(prefix="workflow-session-", ignore_cleanup_errors=True) as place:
            return _tree(git, folder, os.path.realpath(root), place)
    except (NoRepository, OSError) as error:
        git.because(str(error))
        return None
    finally:
        reasons += git.reasons


def _tree(git: Git, folder: GitFolder, root: str, place: str) -> str | None:
    within = os.path.relpath(root, os.path.realpath(folder.top)).replace(os.sep, "/")
    prefix = "" if within == "." else f"{within}/"
    index = os.path.join(place, "index")
    objects = os.path.join(place, "objects")
    os.mkdir(objects)
    _copy(os.path.join(folder.own, "index"), index)
    environment = {
        "GIT_INDEX_FILE": index,
        "GIT_OBJECT_DIRECTORY": objects,
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(os.path.abspath(os.path.join(folder.common, "objects"))),
        "GIT_WORK_TREE": folder.top,  # whatever core.worktree says
    }
    filters = git.without_filters()
    if filters is None:
        return None
    settings = [*_SETTINGS, *filters]
    left_out = [f":(top,literal){prefix}{name}" for name in OWN_FOLDERS]
    if place.startswith(os.path.join(root, "")):
        left_out.append(f":(top,literal){prefix}{os.path.relpath(place, root).replace(os.sep, '/')}")
    remove = ("rm", "-r", "-f", "-q", "--cached", "--ignore-unmatch", "--", *left_out)
    if not git.add_all(prefix, settings, environment):
        return None
    if git.run(*remove, settings=settings, environment=environment) is None:
        return None
    given = (f"--prefix={prefix}",) if prefix else ()
    found = git.run("write-tree", "--missing-ok", *given, settings=settings, environment=environment)
    return None if found is None else found.out.decode("ascii", "replace").strip()


def _copy(index: str, copy: str) -> None:
    try:
        with open(index, "rb") as source, open(copy, "wb") as target:
            shutil.copyfileobj(source, target)
            at = os.fstat(source.fileno())
    except FileNotFoundError:  # nothing was ever added
        return
    # git looks closer at files that are no older than the index: a copy must not look newer than it is
    os.utime(copy, ns=(at.st_atime_ns, at.st_mtime_ns))


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
