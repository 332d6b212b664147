"""Facts about a project's git repository: read from `.git` if possible, otherwise from git.

The repository may come from a stranger, so `runner.py` runs git without anything that the repository configures.
Nothing here raises an exception: a fact that cannot be determined is None, and `reasons` gives the reason.
"""

import os
import sys

from session.host.git.dot_git import GitFolder, NoRepository, UnknownFormat, find_top, is_branch_name
from session.host.git.runner import Git
from session.text.untrusted import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

TIMEOUT_S = 2.0  # seconds for all calls of git about one project together
MOST_COMMITS = 1000
_LONGEST_QUESTION = 1 << 14  # bytes of names: Windows takes 32 KiB of a command line
_LONGEST_ANSWER = 1 << 26  # bytes of names: some 400,000 files
_CASE = ",icase" if sys.platform in ("darwin", "win32") else ""  # there `ia` is also found as `IA`


class Head:
    """The checked-out `branch` ("" if HEAD is detached) and `commit` ("" if the branch has none yet)."""

    def __init__(self, branch: str, commit: str) -> None:
        self.branch = branch
        self.commit = commit


class DirtyFiles:
    """Files that differ from HEAD or are untracked.

    `count` is their number, `files` the paths of the first ones. `more` is True if git's list was too long to count
    them all.
    """

    def __init__(self, count: int, files: list[str], more: bool) -> None:
        self.count = count
        self.files = files
        self.more = more


class ChangedFiles:
    """Paths of `created` files and of other, `modified` files, relative to the top of the working tree."""

    def __init__(self, created: list[str], modified: list[str]) -> None:
        self.created = created
        self.modified = modified


class Since:
    """The changes of a repository since a commit.

    `commits` are the commits after it, newest first, as pairs of short hash and subject; `more` is True if there are
    more. `files` are the files that differ now, committed or not, as pairs of git's status letter and path. The letter
    is `?` for an untracked file.
    """

    def __init__(self, commits: list[tuple[str, str]], more: bool, files: list[tuple[str, str]]) -> None:
        self.commits = commits
        self.more = more
        self.files = files


class Repository:
    """The git repository that `folder` is in.

    `top` is the path of its working tree, or None if there is no repository. `reasons` collects why facts could not be
    determined.
    """

    def __init__(self, folder: str, timeout_s: float = TIMEOUT_S) -> None:
        self.top = find_top(folder)
        self._git = Git(self.top, timeout_s)
        self.reasons = self._git.reasons
        self._files: GitFolder | None = None
        if self.top is not None:
            try:
                self._files = GitFolder(self.top)
            except NoRepository as error:
                self._git.add_reason(str(error))

    def head(self) -> Head | None:
        """Return the checked-out branch and commit, or None if they cannot be determined."""
        if self._files is None:
            return None
        try:
            return Head(*self._files.head())
        except NoRepository as error:
            self._git.add_reason(str(error))
            return None
        except UnknownFormat:
            name = self._git.ask("symbolic-ref", "-q", "HEAD", also=1)
        commit = None if name is None else self._git.ask("rev-parse", "-q", "--verify", "HEAD^{commit}", also=1)
        if name is None or commit is None:
            return None
        return Head(_line(name).removeprefix("refs/heads/"), _line(commit))

    def operation(self) -> str:
        """Return the operation that is under way, such as `merge`, `rebase` or `cherry-pick`; "" if there is none."""
        return "" if self._files is None else self._files.operation()

    def has_branch(self, name: str) -> bool | None:
        """Return True if the branch exists and has a commit, or None if that cannot be determined."""
        if self._files is None:
            return None
        try:
            self._files.head()  # raises UnknownFormat if branches are not files
            return self._files.has_branch(name)
        except (NoRepository, UnknownFormat):
            if not is_branch_name(name):
                return False
        result = self._git.run("show-ref", "--verify", "-q", f"refs/heads/{name}", also=1)
        return None if result is None else result.code == 0

    def dirty(self, most_files: int) -> DirtyFiles | None:
        """Return the files that differ from HEAD or are untracked, with the paths of the first `most_files`.

        A submodule counts if its commit differs; files in it are not looked at.
        """
        settings = None if self._files is None else self._git.without_filters()
        if settings is None:
            return None
        words = ("status", "--porcelain=v1", "-z", "--untracked-files=normal", "--ignore-submodules=dirty")
        result = self._git.run(*words, settings=settings)
        if result is None:
            return None
        entries = iter(result.out.split(b"\0")[:-1])  # the last entry of git's list is empty or cut off
        count, files = 0, []
        for entry in entries:
            if b"R" in entry[:2] or b"C" in entry[:2]:
                next(entries, b"")  # the next entry of git's list is the file's old name
            count += 1
            if count <= most_files:
                files.append(os.fsdecode(entry[3:]))
        return DirtyFiles(count, files, result.cut)

    def commits_since(self, commit: str, times_ms: list[int]) -> list[int] | None:
        """Return, for each time, how many commits are later. Only `commit` and its ancestors count.

        At most MOST_COMMITS are counted. None if they cannot be determined.
        """
        if not times_ms:
            return []
        oldest_s = max(0, min(times_ms) // 1000)
        limits = (f"--max-age={oldest_s}", f"--max-count={MOST_COMMITS}")
        output = self._git.ask("rev-list", "--timestamp", *limits, commit, "--")
        if output is None:
            return None
        committed_s = [int(line.split()[0]) for line in output.splitlines()]
        return [sum(at_s > at_ms // 1000 for at_s in committed_s) for at_ms in times_ms]

    def changed_since(self, at_ms: int) -> ChangedFiles | None:
        """Return the files that are new or changed since `at_ms` and still exist; None if they cannot be determined.

        A file counts if a commit of that second or later changed it, or if it is uncommitted and has a later
        modification time. If there are very many files, only the first are returned.
        """
        head = self.head()
        settings = None if head is None else self._git.without_filters()
        if head is None or settings is None or self.top is None:
            return None
        # True for the path of a new file, False for a changed one; a new file stays new if it changes later
        is_new: dict[str, bool] = {}
        if head.commit:
            limits = (f"--max-age={max(0, at_ms // 1000)}", f"--max-count={MOST_COMMITS}")
            shape = ("--format=", "--name-status", "-z", "--no-renames", "--no-ext-diff", "--no-show-signature")
            log = self._git.run("log", *limits, *shape, head.commit, "--", settings=["log.showRoot=true"])
            if log is None:
                return None
            words = iter(log.out.split(b"\0")[:-1])
            for kind, name in zip(words, words, strict=False):
                path = os.fsdecode(name)
                if os.path.lexists(os.path.join(self.top, path)):
                    is_new[path] = is_new.get(path, False) or kind == b"A"
        status = ("status", "--porcelain=v1", "-z", "--untracked-files=all", "--ignore-submodules=dirty")
        result = self._git.run(*status, settings=settings)
        if result is None:
            return None
        for entry in result.out.split(b"\0")[:-1]:
            path = os.fsdecode(entry[3:])
            try:
                written_ms = os.lstat(os.path.join(self.top, path)).st_mtime_ns // 1_000_000
            except OSError:  # the file is deleted
                continue
            if written_ms >= at_ms:
                is_new[path] = is_new.get(path, False) or entry[:2] == b"??" or entry[:1] == b"A"
        created, modified = (sorted(path for path in is_new if is_new[path] is new) for new in (True, False))
        return ChangedFiles(created, modified)

    def recent_commits(self, count: int, since_ms: int | None = None) -> list[tuple[str, str]] | None:
        """Return the last `count` commits up to HEAD, newest first, as pairs of short hash and subject.

        With `since_ms`, only commits of that second or later. The list is empty for a new repository, and None if git
        fails.
        """
        head = self.head()
        if head is None or not head.commit:
            return None if head is None else []
        return self._commits(
            count, head.commit, *([] if since_ms is None else [f"--max-age={max(0, since_ms // 1000)}"])
        )

    def since_commit(self, commit: str, most_commits: int) -> Since | None:
        """Return the changes since `commit`, a full hash, with at most `most_commits` commits.

        None if they cannot be determined, for example if the repository does not have the commit.
        """
        head = self.head()
        settings = None if head is None else self._git.without_filters()
        if head is None or settings is None:
            return None
        result = self._git.run("cat-file", "-e", f"{commit}^{{commit}}", also=128)
        if result is None:
            return None
        if result.code or not head.commit:
            self._git.add_reason(f"the repository does not know the commit {one_line(commit, 40)}")
            return None
        commits = self._commits(most_commits + 1, f"{commit}..{head.commit}")
        shape = ("--name-status", "-z", "--no-ext-diff", "--no-textconv", "--no-renames", "--ignore-submodules=dirty")
        diff = self._git.run("diff", *shape, commit, "--", settings=settings)
        untracked = self._git.run("ls-files", "-z", "--others", "--exclude-standard", "--directory")
        if commits is None or diff is None or untracked is None:
            return None
        words = iter(diff.out.split(b"\0")[:-1])
        files = [(os.fsdecode(kind), os.fsdecode(name)) for kind, name in zip(words, words, strict=False)]
        files += [("?", os.fsdecode(name)) for name in untracked.out.split(b"\0")[:-1]]
        return Since(commits[:most_commits], len(commits) > most_commits, files)

    def _commits(self, count: int, *which: str) -> list[tuple[str, str]] | None:
        """Return hash and subject of the first `count` commits that `git log` lists for the words `which`."""
        shape = ("--format=%h %s", "-z", "--no-show-signature")
        output = self._git.ask("log", f"--max-count={count}", *shape, *which, "--")
        if output is None:
            return None
        pairs = (os.fsdecode(line).partition(" ") for line in output.split(b"\0") if line)
        return [(commit, subject) for commit, _, subject in pairs]

    def recent_files(self, count: int, commits: int = 5) -> list[str] | None:
        """Return the first `count` paths, in order, of files that differ from `commits` commits ago.

        If there are fewer commits, every file differs. None if they cannot be determined.
        """
        head = self.head()
        settings = None if head is None else self._git.without_filters()
        if head is None or settings is None:
            return None
        if not head.commit:
            return []
        base = self._git.run("rev-parse", "-q", "--verify", f"{head.commit}~{commits}^{{commit}}", also=1)
        if base is not None and base.code:
            # prints the hash of the empty tree, because stdin is empty
            base = self._git.run("hash-object", "-t", "tree", "--stdin")
        if base is None:
            return None
        shape = ("--name-only", "-z", "--no-ext-diff", "--no-textconv", "--no-renames", "--ignore-submodules=dirty")
        result = self._git.run("diff", *shape, _line(base.out), "--", settings=settings)
        return None if result is None else [os.fsdecode(name) for name in result.out.split(b"\0")[:-1][:count]]

    def tracked(self, folder: str, names: "Collection[str]") -> set[str] | None:
        """Return those of the `names` that are tracked files directly in `folder`.

        Links are followed, and a folder in a submodule is looked up in the submodule. None if git fails.
        """
        folder = os.path.realpath(folder)
        top = find_top(folder)
        if top is None and self.top is not None and folder.startswith(os.path.join(os.path.realpath(self.top), "")):
            top = os.path.realpath(self.top)  # the home folder: it counts here, because it is the project's root
        if top is None or not names or not os.path.isdir(folder):
            return set()
        # Run git at the top: the folder's files may look like a repository, and git would use that one there.
        within = "" if folder == top else os.path.relpath(folder, top).replace(os.sep, "/") + "/"
        # Ask only about these names, however many others are tracked. If they are many themselves, list the folder.
        patterns = [f":(literal{_CASE}){within}{name}" for name in names]
        if sum(len(os.fsencode(pattern)) for pattern in patterns) > _LONGEST_QUESTION:
            escaped = "".join(f"\\{char}" if char in "\\*?[" else char for char in within)
            patterns = [f":(glob{_CASE}){escaped}*"]
        output = self._git.ask("ls-files", "-z", "--", *patterns, top=top, limit=_LONGEST_ANSWER)
        if output is None:
            return None
        return {os.fsdecode(name)[len(within) :] for name in output.split(b"\0") if name}.intersection(names)


def _line(text: bytes) -> str:
    """Return the line as text, without its line break."""
    return os.fsdecode(text.rstrip(b"\r\n"))
