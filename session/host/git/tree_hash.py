"""Compute one hash for all files of a project: the git tree that a commit of all of them would have.

Files that git ignores do not count, nor do `.claude/progress` and `ia/state`, which change all the time. A commit does
not change the hash. A changed file changes it until the change is undone. Nothing is written into the repository: git
works on a copy of its index, and writes objects to a temporary folder. No program that the repository configures runs.
"""

import os
import shutil

from session.host import temp_folders
from session.host.git.dot_git import GitFolder, NoRepository, find_top
from session.host.git.runner import Git
from session.store.paths import OWN_FOLDERS

TIMEOUT_S = 20.0
_SETTINGS = (
    "core.splitIndex=false",  # git would write the shared part of a split index into the repository
    "core.safecrlf=false",
    "core.looseCompression=0",  # compression costs time, and the objects are deleted afterwards
    "core.fsync=none",
    "advice.addEmbeddedRepo=false",
    "diff.ignoreSubmodules=dirty",  # git must not look into submodules: only their commit counts
)


def tree(root: str, reasons: list[str] | None = None) -> str | None:
    """Return the hash (hexadecimal) of the files in the folder `root`, which may be any folder of a repository.

    None if there is no repository, or if git fails or takes too long; then the reason is appended to `reasons`.
    """
    reasons = [] if reasons is None else reasons
    top = find_top(root)
    if top is None:
        reasons.append("no git repository")
        return None
    git = Git(top, TIMEOUT_S)
    try:
        folder = GitFolder(top)
        with temp_folders.make() as temporary:
            return _tree(git, folder, os.path.realpath(root), temporary)
    except (NoRepository, OSError) as error:
        git.add_reason(str(error))
        return None
    finally:
        reasons += git.reasons


def _tree(git: Git, folder: GitFolder, root: str, temporary: str) -> str | None:
    """Return the hash of the files in `root`, working in the folder `temporary`; None if git fails."""
    within = os.path.relpath(root, os.path.realpath(folder.top)).replace(os.sep, "/")
    prefix = "" if within == "." else f"{within}/"
    index = os.path.join(temporary, "index")
    objects = os.path.join(temporary, "objects")
    os.mkdir(objects)
    _copy(os.path.join(folder.own, "index"), index)
    environment = {
        "GIT_INDEX_FILE": index,
        "GIT_OBJECT_DIRECTORY": objects,
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": _quote(os.path.abspath(os.path.join(folder.common, "objects"))),
        "GIT_WORK_TREE": folder.top,  # the setting core.worktree must not select another working tree
    }
    filters = git.without_filters()
    if filters is None:
        return None
    settings = [*_SETTINGS, *filters]
    excluded = [f":(top,literal){prefix}{name}" for name in OWN_FOLDERS]
    place = os.path.dirname(temporary)  # other processes have theirs there, too
    if place.startswith(os.path.join(root, "")):
        excluded.append(f":(top,literal){prefix}{os.path.relpath(place, root).replace(os.sep, '/')}")
    remove = ("rm", "-r", "-f", "-q", "--cached", "--ignore-unmatch", "--", *excluded)
    if not git.add_all(prefix, settings, environment):
        return None
    if git.run(*remove, settings=settings, environment=environment) is None:
        return None
    options = (f"--prefix={prefix}",) if prefix else ()
    result = git.run("write-tree", "--missing-ok", *options, settings=settings, environment=environment)
    return None if result is None else result.out.decode("ascii", "replace").strip()


def _copy(index: str, copy: str) -> None:
    """Copy git's index with its times."""
    try:
        with open(index, "rb") as source, open(copy, "wb") as target:
            shutil.copyfileobj(source, target)
            status = os.fstat(source.fileno())
    except FileNotFoundError:  # nothing was ever added to the index
        return
    # Keep the times: git reads only files that are as new as the index. With a newer index, it would miss changes.
    os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))


def _quote(path: str) -> str:
    """Return the path in quotes, as GIT_ALTERNATE_OBJECT_DIRECTORIES needs it."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
