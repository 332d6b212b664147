"""What the repository of a project says now: read from `.git` where that will do, else asked of git.

The repository may be anyone's, so git is run such that nothing in it can make it run anything else: git_program.py.
Nothing here raises: what can't be told is None, and `reasons` says why.
"""

import os

from session.host.git.dot_git import GitFolder, NoRepository, Odd, find_top, is_branch_name
from session.host.git.runner import Git
from session.text.untrusted import one_line

TIMEOUT_S = 2.0  # for all that git is asked about a project
MOST_COMMITS = 1000


class Head:
    """What is checked out: `branch`, empty if HEAD is detached; `commit`, empty if the branch has none yet."""

    def __init__(self, branch: str, commit: str) -> None:
        self.branch = branch
        self.commit = commit


class Dirty:
    """How many files differ from HEAD or are untracked, and the first of them; `more`: those are not all."""

    def __init__(self, count: int, files: list[str], more: bool) -> None:
        self.count = count
        self.files = files
        self.more = more


class Changed:
    """Files that were `created` and others that were `modified`, by path from the top of the working tree."""

    def __init__(self, created: list[str], modified: list[str]) -> None:
        self.created = created
        self.modified = modified


class Since:
    """What became of a commit: the `commits` after it, newest first, short hash and subject of each, `more` if there
    are more; and the `files` that are different now, committed or not, each with git's letter for how, `?` for what
    it does not track."""

    def __init__(self, commits: list[tuple[str, str]], more: bool, files: list[tuple[str, str]]) -> None:
        self.commits = commits
        self.more = more
        self.files = files


class Repository:
    """The repository around `folder`, if there is one: `top` is its working tree, None without. `reasons` fills with
    why something could not be told."""

    def __init__(self, folder: str, timeout_s: float = TIMEOUT_S) -> None:
        self.top = find_top(folder)
        self._git = Git(self.top, timeout_s)
        self.reasons = self._git.reasons
        self._files: GitFolder | None = None
        if self.top is not None:
            try:
                self._files = GitFolder(self.top)
            except NoRepository as error:
                self._git.because(str(error))

    def head(self) -> Head | None:
        """What is checked out."""
        if self._files is None:
            return None
        try:
            return Head(*self._files.head())
        except NoRepository as error:
            self._git.because(str(error))
            return None
        except Odd:
            name = self._git.ask("symbolic-ref", "-q", "HEAD", also=1)
        commit = None if name is None else self._git.ask("rev-parse", "-q", "--verify", "HEAD^{commit}", also=1)
        if name is None or commit is None:
            return None
        return Head(_line(name).removeprefix("refs/heads/"), _line(commit))

    def operation(self) -> str:
        """`merge`, `rebase`, `cherry-pick`, … if one is under way, else empty."""
        return "" if self._files is None else self._files.operation()

    def has_branch(self, name: str) -> bool | None:
        """Whether there is a branch of that name."""
        if self._files is None:
            return None
        try:
            self._files.head()  # which tells whether branches are files at all
            return self._files.has_branch(name)
        except (NoRepository, Odd):
            if not is_branch_name(name):
                return False
        found = self._git.run("show-ref", "--verify", "-q", f"refs/heads/{name}", also=1)
        return None if found is None else found.code == 0

    def dirty(self, most_files: int) -> Dirty | None:
        """What differs from HEAD, submodules by their commit only."""
        settings = None if self._files is None else self._git.without_filters()
        if settings is None:
            return None
        words = ("status", "--porcelain=v1", "-z", "--untracked-files=normal", "--ignore-submodules=dirty")
        found = self._git.run(*words, settings=settings)
        if found is None:
            return None
        entries = iter(found.out.split(b"\0")[:-1])  # the last is empty, or cut
        count, files = 0, []
        for entry in entries:
            if b"R" in entry[:2] or b"C" in entry[:2]:
                next(entries, b"")  # what it was called before
            count += 1
            if count <= most_files:
                files.append(os.fsdecode(entry[3:]))
        return Dirty(count, files, found.cut)

    def commits_since(self, commit: str, times_ms: list[int]) -> list[int] | None:
        """For each time, how many commits leading up to `commit` are later than that second; at most MOST_COMMITS."""
        if not times_ms:
            return []
        oldest_s = max(0, min(times_ms) // 1000)
        limits = (f"--max-age={oldest_s}", f"--max-count={MOST_COMMITS}")
        found = self._git.ask("rev-list", "--timestamp", *limits, commit, "--")
        if found is None:
            return None
        committed_s = [int(line.split()[0]) for line in found.splitlines()]
        return [sum(at_s > at_ms // 1000 for at_s in committed_s) for at_ms in times_ms]

    def changed_since(self, at_ms: int) -> Changed | None:
        """What is new or changed since, and still there: in commits of that second or later that lead up to HEAD, and
        in what is not committed, by its files' times. Of very many names, the first."""
        head = self.head()
        settings = None if head is None else self._git.without_filters()
        if head is None or settings is None or self.top is None:
            return None
        is_new: dict[str, bool] = {}  # by path; a file that was created is not modified, too
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
        wanted = ("status", "--porcelain=v1", "-z", "--untracked-files=all", "--ignore-submodules=dirty")
        found = self._git.run(*wanted, settings=settings)
        if found is None:
            return None
        for entry in found.out.split(b"\0")[:-1]:
            path = os.fsdecode(entry[3:])
            try:
                written_ms = os.lstat(os.path.join(self.top, path)).st_mtime_ns // 1_000_000
            except OSError:  # deleted
                continue
            if written_ms >= at_ms:
                is_new[path] = is_new.get(path, False) or entry[:2] == b"??" or entry[:1] == b"A"
        created, modified = (sorted(path for path in is_new if is_new[path] is new) for new in (True, False))
        return Changed(created, modified)

    def recent_commits(self, count: int, since_ms: int | None = None) -> list[tuple[str, str]] | None:
        """The last commits that led to HEAD, newest first: short hash and subject of each; none in a new repository.
        With `since_ms`, only those of that second or later."""
        head = self.head()
        if head is None or not head.commit:
            return None if head is None else []
        return self._commits(
            count, head.commit, *([] if since_ms is None else [f"--max-age={max(0, since_ms // 1000)}"])
        )

    def since_commit(self, commit: str, most_commits: int) -> Since | None:
        """What became of `commit`, its hash in full. None, and a reason, where the repository does not know it."""
        head = self.head()
        settings = None if head is None else self._git.without_filters()
        if head is None or settings is None:
            return None
        found = self._git.run("cat-file", "-e", f"{commit}^{{commit}}", also=128)
        if found is None:
            return None
        if found.code or not head.commit:
            self._git.because(f"the repository does not know the commit {one_line(commit, 40)}")
            return None
        commits = self._commits(most_commits + 1, f"{commit}..{head.commit}")
        shape = ("--name-status", "-z", "--no-ext-diff", "--no-textconv", "--no-renames", "--ignore-submodules=dirty")
        diff = self._git.run("diff", *shape, commit, "--", settings=settings)
        new = self._git.run("ls-files", "-z", "--others", "--exclude-standard", "--directory")
        if commits is None or diff is None or new is None:
            return None
        words = iter(diff.out.split(b"\0")[:-1])
        files = [(os.fsdecode(kind), os.fsdecode(name)) for kind, name in zip(words, words, strict=False)]
        files += [("?", os.fsdecode(name)) for name in new.out.split(b"\0")[:-1]]
        return Since(commits[:most_commits], len(commits) > most_commits, files)

    def _commits(self, count: int, *which: str) -> list[tuple[str, str]] | None:
        shape = ("--format=%h %s", "-z", "--no-show-signature")
        found = self._git.ask("log", f"--max-count={count}", *shape, *which, "--")
        if found is None:
            return None
        pairs = (os.fsdecode(line).partition(" ") for line in found.split(b"\0") if line)
        return [(commit, subject) for commit, _, subject in pairs]

    def recent_files(self, count: int, commits: int = 5) -> list[str] | None:
        """The first `count` paths, in order, that differ from what they were that many commits ago, or than none where
        there are fewer commits."""
        head = self.head()
        settings = None if head is None else self._git.without_filters()
        if head is None or settings is None:
            return None
        if not head.commit:
            return []
        base = self._git.run("rev-parse", "-q", "--verify", f"{head.commit}~{commits}^{{commit}}", also=1)
        if base is not None and base.code:
            base = self._git.run("hash-object", "-t", "tree", "--stdin")  # of nothing: the empty tree
        if base is None:
            return None
        shape = ("--name-only", "-z", "--no-ext-diff", "--no-textconv", "--no-renames", "--ignore-submodules=dirty")
        found = self._git.run("diff", *shape, _line(base.out), "--", settings=settings)
        return None if found is None else [os.fsdecode(name) for name in found.out.split(b"\0")[:-1][:count]]

    def tracked(self, folder: str, ending: str) -> set[str] | None:
        """The names of the files directly in `folder`, and ending in `ending`, that git tracks; in a submodule, or
        behind a link, that is the git of the place where they really are."""
        folder = os.path.realpath(folder)
        top = find_top(folder)
        if top is None and self.top is not None and folder.startswith(os.path.join(os.path.realpath(self.top), "")):
            top = os.path.realpath(self.top)  # the home folder, which counts as it is the project's
        if top is None or not os.path.isdir(folder):
            return set()
        # asked from the top: what lies in the folder may be laid out such that git, there, took it for a repository
        within = "" if folder == top else os.path.relpath(folder, top).replace(os.sep, "/") + "/"
        escaped = "".join(f"\\{char}" if char in "\\*?[" else char for char in within)
        found = self._git.ask("ls-files", "-z", "--", f":(glob){escaped}*{ending}", top=top)
        return None if found is None else {os.fsdecode(name)[len(within) :] for name in found.split(b"\0") if name}


def _line(text: bytes) -> str:
    return os.fsdecode(text.rstrip(b"\r\n"))
