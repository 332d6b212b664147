"""Read a project's `.git` without starting git: where it is, what HEAD names, and which operation is under way.

Only the usual forms of its files are read. Anything else (links, reftables, unusual sizes) raises `UnknownFormat`, and
the caller asks git.
"""

import os
import stat

from session.errors import SessionError
from session.store.disk import read_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"))
_DEPTH = 5  # git follows at most 5 symbolic refs
_HEADS = "refs/heads/"
_UNDER_WAY = (
    ("rebase-merge", "rebase"),
    ("rebase-apply/applying", "am"),
    ("rebase-apply", "rebase"),
    ("MERGE_HEAD", "merge"),
    ("CHERRY_PICK_HEAD", "cherry-pick"),
    ("REVERT_HEAD", "revert"),
    ("sequencer/todo", "cherry-pick or revert"),
    ("BISECT_LOG", "bisect"),
)


class NoRepository(Exception):
    """There is a `.git`, but no repository in it. The message gives the reason."""


class UnknownFormat(Exception):
    """A file in `.git` has a form that this module cannot read. Ask git instead."""


class GitFolder:
    """The git folders of the working tree `top`.

    `own` is this working tree's folder. `common` is the folder that all working trees of the repository share. They
    differ only for a tree that `git worktree` added.
    """

    def __init__(self, top: str) -> None:
        self.top = top
        try:
            self.own = self.common = _own_folder(top)
            shared = _read(os.path.join(self.own, "commondir"))
        except UnknownFormat:
            raise NoRepository(".git can't be read") from None
        if shared is not None:
            self.common = os.path.normpath(os.path.join(self.own, os.fsdecode(shared.rstrip(b"\r\n"))))
        if not os.path.isdir(os.path.join(self.common, "objects")):
            raise NoRepository(".git holds no repository")

    def head(self) -> tuple[str, str]:
        """Return the branch that is checked out ("" if HEAD is detached) and its commit ("" if it has none).

        NoRepository without a HEAD; UnknownFormat if git has to be asked.
        """
        text = _read(os.path.join(self.own, "HEAD"))
        if text is None:
            raise NoRepository(".git has no HEAD")
        name = _target(text)
        if not name:
            return "", _commit(text)
        if not name.startswith(_HEADS) or name == _HEADS + ".invalid":  # git writes this name for a reftable
            raise UnknownFormat
        return name.removeprefix(_HEADS), self._resolve(name)

    def has_branch(self, branch: str) -> bool:
        """Return True if the branch exists and has a commit. UnknownFormat if git has to be asked."""
        return is_branch_name(branch) and self._resolve(_HEADS + branch) != ""

    def operation(self) -> str:
        """Return the operation that is under way in this tree, such as `merge` or `rebase`; "" if there is none."""
        return next((name for file, name in _UNDER_WAY if os.path.lexists(os.path.join(self.own, file))), "")

    def _resolve(self, name: str) -> str:
        """Return the commit that the ref names, following symbolic refs; "" if there is none."""
        for _ in range(_DEPTH):
            if not is_branch_name(name.removeprefix(_HEADS)):
                raise UnknownFormat
            text = _read(os.path.join(self.common, *name.split("/")))
            if text is None:
                return self._packed(name)
            target = _target(text)
            if not target:
                return _commit(text)
            name = target
        raise UnknownFormat

    def _packed(self, name: str) -> str:
        """Return the commit that `packed-refs` lists for the ref; "" if there is none."""
        text = b"\n" + (_read(os.path.join(self.common, "packed-refs")) or b"")
        before, match, _ = text.partition(b" " + os.fsencode(name) + b"\n")
        return _commit(before.rpartition(b"\n")[2]) if match else ""


def find_top(folder: str) -> str | None:
    """Return the nearest folder with a `.git`, from `folder` upwards; None if there is none.

    The home folder and `/` count only if they are `folder` itself. The search for the project's root has this rule too.
    """
    top = nearest_top(folder)
    if top is None or top == folder:
        return top
    home = os.path.realpath(os.environ.get("HOME") or os.environ.get("USERPROFILE") or "/")
    is_excluded = os.path.dirname(top) == top or os.path.realpath(top) == home
    return None if is_excluded else top


def nearest_top(folder: str) -> str | None:
    """Return the nearest folder with a `.git`, from `folder` upwards, even if it is the home folder; None if none."""
    return next((top for top in _upwards(folder) if os.path.lexists(os.path.join(top, ".git"))), None)


def is_branch_name(name: str) -> bool:
    """Return True if git accepts the name for a branch. Checks only the rules that make a file name safe to read."""
    try:
        encoded = os.fsencode(name)
    except UnicodeEncodeError:
        return False
    parts = name.split("/")
    return (
        0 < len(encoded) <= 1024
        and min(encoded) > 0x20
        and not name.startswith("-")
        and not name.endswith(".")
        and ".." not in name
        and "@{" not in name
        and not any(char in name for char in "\x7f~^:?*[\\")
        and not any(part == "" or part.startswith(".") or part.endswith(".lock") for part in parts)
    )


def _upwards(folder: str) -> "Iterator[str]":
    """Yield the folder, then each folder above it."""
    yield folder
    while folder != (folder := os.path.dirname(folder)):
        yield folder


def _own_folder(top: str) -> str:
    """Return the git folder of the working tree: `.git` itself, or the folder that the file `.git` names."""
    path = os.path.join(top, ".git")
    if os.path.isdir(path):
        return path
    text = _read(path)
    if text is None or not text.startswith(b"gitdir: "):
        raise NoRepository(".git is neither a folder nor a link to one")
    folder = os.path.normpath(os.path.join(top, os.fsdecode(text.removeprefix(b"gitdir: ").rstrip(b"\r\n"))))
    if not os.path.isdir(folder):
        raise NoRepository(".git names a folder that is not there")
    return folder


def _target(text: bytes) -> str:
    """Return the ref that a symbolic ref's file names; "" if it is not a symbolic ref."""
    return os.fsdecode(text[4:].strip()) if text.startswith(b"ref:") else ""


def _commit(text: bytes) -> str:
    """Return the commit hash in a ref's file; UnknownFormat if it holds anything else."""
    name = text.rstrip(b"\r\n").decode("ascii", "replace")
    if len(name) not in (40, 64) or name.strip("0123456789abcdef"):
        raise UnknownFormat
    return name


def _read(path: str) -> bytes | None:
    """Return the file's bytes, or None if there is no file or a folder. UnknownFormat for a link or a device."""
    try:
        fd = os.open(path, _FLAGS)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError):  # OSError: a link, for example; ValueError: a NUL in the path
        raise UnknownFormat from None
    try:
        mode = os.fstat(fd).st_mode
        if stat.S_ISDIR(mode):
            return None
        if not stat.S_ISREG(mode):
            raise UnknownFormat
        return read_all(fd, path)
    except (OSError, SessionError):
        raise UnknownFormat from None
    finally:
        os.close(fd)
