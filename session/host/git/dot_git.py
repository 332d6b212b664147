"""What the `.git` of a project says without git: where it is, what HEAD names, what is under way.

Files are read as git wrote them; what looks different in any way (links, reftables, sizes) is `Odd`, for git to tell.
"""

import os
import stat

from session.errors import SessionError
from session.store.disk import read_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"))
_DEPTH = 5  # as many symbolic refs as git follows
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
    """There is a `.git`, but no repository behind it. The message says why."""


class Odd(Exception):
    """Not what these few lines can read."""


class GitFolder:
    """The repository that the working tree `top` belongs to: `own` is this tree's folder, `common` what all trees
    of the repository share; the same, but for a tree that `git worktree` added."""

    def __init__(self, top: str) -> None:
        self.top = top
        try:
            self.own = self.common = _own_folder(top)
            shared = _read(os.path.join(self.own, "commondir"))
        except Odd:
            raise NoRepository(".git can't be read") from None
        if shared is not None:
            self.common = os.path.normpath(os.path.join(self.own, os.fsdecode(shared.rstrip(b"\r\n"))))
        if not os.path.isdir(os.path.join(self.common, "objects")):
            raise NoRepository(".git holds no repository")

    def head(self) -> tuple[str, str]:
        """The branch that is checked out, empty if HEAD is detached; and the commit, empty if the branch has none."""
        text = _read(os.path.join(self.own, "HEAD"))
        if text is None:
            raise NoRepository(".git has no HEAD")
        name = _target(text)
        if not name:
            return "", _commit(text)
        if not name.startswith(_HEADS) or name == _HEADS + ".invalid":  # which stands for a reftable
            raise Odd
        return name.removeprefix(_HEADS), self._resolve(name)

    def has_branch(self, branch: str) -> bool:
        """Whether there is such a branch, with a commit."""
        return is_branch_name(branch) and self._resolve(_HEADS + branch) != ""

    def operation(self) -> str:
        """What is under way in this tree, as git calls it; empty if nothing is."""
        return next((name for file, name in _UNDER_WAY if os.path.lexists(os.path.join(self.own, file))), "")

    def _resolve(self, name: str) -> str:
        for _ in range(_DEPTH):
            if not is_branch_name(name.removeprefix(_HEADS)):
                raise Odd
            text = _read(os.path.join(self.common, *name.split("/")))
            if text is None:
                return self._packed(name)
            target = _target(text)
            if not target:
                return _commit(text)
            name = target
        raise Odd

    def _packed(self, name: str) -> str:
        text = b"\n" + (_read(os.path.join(self.common, "packed-refs")) or b"")
        before, found, _ = text.partition(b" " + os.fsencode(name) + b"\n")
        return _commit(before.rpartition(b"\n")[2]) if found else ""


def find_top(folder: str) -> str | None:
    """The nearest folder upwards with a `.git`, None if there is none. As for the project's root, the home folder and
    `/` count only where they are `folder` itself."""
    home = os.path.realpath(os.environ.get("HOME") or os.environ.get("USERPROFILE") or "/")
    for top in _upwards(folder):
        if os.path.lexists(os.path.join(top, ".git")):
            aside = top != folder and (os.path.dirname(top) == top or os.path.realpath(top) == home)
            return None if aside else top
    return None


def is_branch_name(name: str) -> bool:
    """Whether git would take it for a branch's name, as far as that matters to reading files by it."""
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
    yield folder
    while folder != (folder := os.path.dirname(folder)):
        yield folder


def _own_folder(top: str) -> str:
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
    return os.fsdecode(text[4:].strip()) if text.startswith(b"ref:") else ""


def _commit(text: bytes) -> str:
    name = text.rstrip(b"\r\n").decode("ascii", "replace")
    if len(name) not in (40, 64) or name.strip("0123456789abcdef"):
        raise Odd
    return name


def _read(path: str) -> bytes | None:
    """What the file holds, None where there is none; Odd for anything but an ordinary file."""
    try:
        fd = os.open(path, _FLAGS)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError):  # a link, say; ValueError: a NUL
        raise Odd from None
    try:
        mode = os.fstat(fd).st_mode
        if stat.S_ISDIR(mode):
            return None
        if not stat.S_ISREG(mode):
            raise Odd
        return read_all(fd, path)
    except (OSError, SessionError):
        raise Odd from None
    finally:
        os.close(fd)
