"""Tell whether the store's journal is this user's, or came with a repository that the user has cloned.

A journal is a commit that a killed process left; the next command carries it out. An intention is a change that another
place has yet to receive. One that git checked out was made by somebody else. It could change every document of the
store, so nobody may carry it out.
"""

import hashlib
import os
import shlex

from session.host.git.dot_git import nearest_top
from session.host.git.runner import Git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Outcome = Literal["same", "different", "unclear"]

TIMEOUT_S = 5.0
_CONVERSIONS = ("text", "crlf", "eol", "ident", "working-tree-encoding", "filter")  # attributes that change bytes
_OFF = ("unspecified", "unset")


def journal_origin(folder: str, name: str) -> str:
    """Return why the journal or intention `name` in the absolute path `folder` is not this user's; "" if it is.

    The answer contains a remedy. A file is not the user's if git tracks it and it has the bytes that git checks out. A
    tracked file with other bytes was written here. If git can't tell, because it is absent or refuses, the journal
    counts as the user's: half a commit would be worse, and its sessions are labelled as of unknown origin anyway.
    """
    body = _read(os.path.join(folder, name))
    top = None if body is None else nearest_top(os.path.realpath(folder))
    if body is None or top is None:
        return ""
    git = Git(top, TIMEOUT_S)
    entries = _entries(git, os.path.join(os.path.realpath(folder), name))
    enter = f"cd {shlex.quote(folder)} &&"
    if not entries:
        return ""
    outcome = _compare(git, body, entries)
    if outcome == "different":
        return ""
    staged = [os.path.basename(path) for path, _, is_staged in entries if is_staged]
    forget = "".join(f" git rm --cached -f {shlex.quote(each)} &&" for each in dict.fromkeys(staged))
    remedy = f"{enter}{forget} rm {shlex.quote(name)}"
    if outcome == "same":
        return f"git tracks it, and it is unchanged: it came with the repository ({remedy})"
    return f"git tracks it, and could not tell whether it is unchanged: {_reason(git)} (if it is not yours: {remedy})"


def _reason(git: Git) -> str:
    return git.reasons[-1] if git.reasons else "git failed"


def _read(path: str) -> bytes | None:
    """Return the file's bytes; None if there is no file, or none that the store would read, such as a link."""
    flags = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
    try:
        with open(os.open(path, flags), "rb") as file:
            return file.read()
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return None


def _entries(git: Git, file: str) -> list[tuple[str, str, bool]] | None:
    """Return the file's name, blob and whether it is staged, for its places in the index and HEAD; None if unknown.

    Some file systems find the file under a name in other case, so the names in the index may differ in case.
    """
    assert git.top is not None
    name = os.path.relpath(file, git.top).replace(os.sep, "/")
    index = git.ask("ls-files", "-s", "-z", "--", f":(icase,literal){name}")
    commit = None if index is None else git.ask("rev-parse", "-q", "--verify", f"HEAD:{name}", also=1)
    if index is None or commit is None:
        return None
    entries = []
    for line in index.split(b"\0")[:-1]:
        facts, _, path = line.partition(b"\t")
        entries.append((os.fsdecode(path), facts.split()[1].decode(), True))
    return entries + ([(name, commit.strip().decode(), False)] if commit.strip() else [])


def _compare(git: Git, body: bytes, entries: list[tuple[str, str, bool]]) -> "Outcome":
    """Compare the file's bytes with those that git has, and with those that git writes when it checks them out."""
    blobs = {blob for _, blob, _ in entries}
    if any(_hash(body, len(blob)) == blob for blob in blobs):
        return "same"
    filters = git.without_filters()
    if filters is None:
        return "unclear"
    for name, blob, _ in entries:
        # A checkout uses the attributes in the index, but `cat-file` those of the files in the folders.
        attributes = [git.ask("check-attr", "-z", *option, *_CONVERSIONS, "--", name) for option in ((), ("--cached",))]
        if attributes[0] is None or attributes[1] is None:
            return "unclear"
        values = os.fsdecode(attributes[0]).split("\0")[2::3]
        if attributes[0] != attributes[1] or values[-1] not in _OFF:
            git.add_reason("its attributes make git convert it in a way that can't be repeated")
            return "unclear"
        checked_out = git.run("cat-file", "--filters", f"--path={name}", blob, settings=filters, limit=len(body))
        if checked_out is None:
            return "unclear"
        if checked_out.out == body and not checked_out.cut:
            return "same"
    return "different"


def _hash(body: bytes, digits: int) -> str:
    """Return the hash that git gives to a blob with these bytes, of 40 or 64 digits."""
    digest = hashlib.sha1(usedforsecurity=False) if digits == 40 else hashlib.sha256()
    digest.update(b"blob %d\0" % len(body))
    digest.update(body)
    return digest.hexdigest()
