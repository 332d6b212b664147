"""What the repository of a project says now: read from `.git` where that will do, else asked of git.

The repository may be anyone's, so git is run such that nothing in it can make it run anything else: no fsmonitor, no
hooks, no filters, nothing fetched. No GIT_* of ours reaches it, and it takes no locks. Nothing here raises: what can't
be told is None, and `reasons` says why.
"""

import os
import time

from session.host.git_folder import GitFolder, NoRepository, Odd, find_top, is_branch_name
from session.text.untrusted import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.host.process import Captured

TIMEOUT_S = 2.0  # for all that git is asked about a project
MOST_COMMITS = 1000
_SETTINGS = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.untrackedCache=false",
    "safe.bareRepository=explicit",  # a working folder that is laid out as a repository is none
    "status.renames=false",
    "diff.renames=false",
)
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # where git is too old to know that it should not fetch
}


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


class Repository:
    """The repository around `folder`, if there is one: `top` is its working tree, None without. `reasons` fills with
    why something could not be told."""

    def __init__(self, folder: str, timeout_s: float = TIMEOUT_S) -> None:
        self.reasons: list[str] = []
        self.top = find_top(folder)
        self._files: GitFolder | None = None
        self._timeout_s = timeout_s
        self._deadline: float | None = None
        self._program: str | None = None
        if self.top is not None:
            try:
                self._files = GitFolder(self.top)
            except NoRepository as error:
                self._because(str(error))

    def head(self) -> Head | None:
        """What is checked out."""
        if self._files is None:
            return None
        try:
            return Head(*self._files.head())
        except NoRepository as error:
            self._because(str(error))
            return None
        except Odd:
            name = self._ask("symbolic-ref", "-q", "HEAD", also=1)
        commit = None if name is None else self._ask("rev-parse", "-q", "--verify", "HEAD^{commit}", also=1)
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
        found = self._run("show-ref", "--verify", "-q", f"refs/heads/{name}", also=1)
        return None if found is None else found.code == 0

    def dirty(self, most_files: int) -> Dirty | None:
        """What differs from HEAD, submodules by their commit only."""
        settings = None if self._files is None else self._without_filters()
        if settings is None:
            return None
        words = ("status", "--porcelain=v1", "-z", "--untracked-files=normal", "--ignore-submodules=dirty")
        found = self._run(*words, settings=settings)
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
        found = self._ask("rev-list", "--timestamp", *limits, commit, "--")
        if found is None:
            return None
        committed_s = [int(line.split()[0]) for line in found.splitlines()]
        return [sum(at_s > at_ms // 1000 for at_s in committed_s) for at_ms in times_ms]

    def changed_since(self, at_ms: int) -> Changed | None:
        """What is new or changed since, and still there: in commits of that second or later that lead up to HEAD, and
        in what is not committed, by its files' times. Of very many names, the first."""
        head = self.head()
        settings = None if head is None else self._without_filters()
        if head is None or settings is None or self.top is None:
            return None
        is_new: dict[str, bool] = {}  # by path; a file that was created is not modified, too
        if head.commit:
            limits = (f"--max-age={max(0, at_ms // 1000)}", f"--max-count={MOST_COMMITS}")
            shape = ("--format=", "--name-status", "-z", "--no-renames", "--no-ext-diff", "--no-show-signature")
            log = self._run("log", *limits, *shape, head.commit, "--", settings=["log.showRoot=true"])
            if log is None:
                return None
            words = iter(log.out.split(b"\0")[:-1])
            for kind, name in zip(words, words, strict=False):
                path = os.fsdecode(name)
                if os.path.lexists(os.path.join(self.top, path)):
                    is_new[path] = is_new.get(path, False) or kind == b"A"
        wanted = ("status", "--porcelain=v1", "-z", "--untracked-files=all", "--ignore-submodules=dirty")
        found = self._run(*wanted, settings=settings)
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
        found = self._ask("ls-files", "-z", "--", f":(glob){escaped}*{ending}", top=top)
        return None if found is None else {os.fsdecode(name)[len(within) :] for name in found.split(b"\0") if name}

    def _without_filters(self) -> list[str] | None:
        """Settings that switch off every filter that any configuration names, as `status` would run them."""
        names = self._ask("config", "--list", "-z", "--name-only")
        if names is None:
            return None
        filters = {name.rpartition(".")[0] for name in os.fsdecode(names).split("\0") if name.startswith("filter.")}
        filters.discard("filter")
        if any("=" in name for name in filters):  # -c takes what comes before it for the whole name
            self._because("a filter is configured that can't be switched off")
            return None
        values = (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false"))
        return [f"{name}.{key}={value}" for name in sorted(filters) for key, value in values]

    def _ask(self, *words: str, also: int = 0, top: str | None = None) -> bytes | None:
        """All that git says to the words, None where it fails or says too much."""
        found = self._run(*words, also=also, top=top)
        if found is not None and found.cut:
            self._because(f"git {words[0]} says too much")
            return None
        return None if found is None else found.out

    def _run(
        self,
        *words: str,
        also: int = 0,
        top: str | None = None,
        settings: "list[str] | None" = None,
    ) -> "Captured | None":
        from session.errors import SessionError  # cost: where git is asked at all
        from session.host import process

        top = top or self.top
        if top is None:
            return None
        if self._program is None:
            self._program = process.find("git", outside=(top,))
        if self._program is None:
            self._because("git is not installed")
            return None
        if self._deadline is None:
            self._deadline = time.monotonic() + self._timeout_s
        left_s = self._deadline - time.monotonic()
        given = [word for setting in (*_SETTINGS, *(settings or ())) for word in ("-c", setting)]
        # no other repository further up, should git see none here
        environment = {**_ENVIRONMENT, "GIT_CEILING_DIRECTORIES": os.path.dirname(top)}
        command = [self._program, "--no-pager", *given, *words]
        why = f"git took longer than {self._timeout_s:g} s"
        try:
            found = process.capture(command, cwd=top, timeout_s=left_s, env=environment) if left_s > 0 else None
        except process.TimedOut:
            found = None
        except SessionError as error:
            found, why = None, error.message
        if found is not None and found.code not in (0, also) and not found.cut:
            said = found.err.decode("utf-8", "replace").strip().partition("\n")[0].removeprefix("fatal: ")
            why = f"git {words[0]}: {one_line(said, 120) if said else f'exit code {found.code}'}"
            found = None
        if found is None:
            self._because(why)
        return found

    def _because(self, reason: str) -> None:
        if reason not in self.reasons:
            self.reasons.append(reason)


def _line(text: bytes) -> str:
    return os.fsdecode(text.rstrip(b"\r\n"))
