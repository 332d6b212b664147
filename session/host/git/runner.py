"""The one way to run git: such that nothing in a repository can make it run anything else.

No fsmonitor, no hooks, no filters, nothing fetched. No GIT_* of ours reaches it, and it takes no locks that it can do
without.
"""

import os
import time

from session.text.untrusted import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.host.process import Captured

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
_LONGEST_LIST = 1 << 28  # bytes: two million files


class Git:
    """git in the working tree `top`, for `timeout_s` in all. What can't be told is None, and `reasons` says why."""

    def __init__(self, top: str | None, timeout_s: float) -> None:
        self.top = top
        self.reasons: list[str] = []
        self._timeout_s = timeout_s
        self._deadline: float | None = None
        self._program: str | None = None

    def without_filters(self) -> list[str] | None:
        """Settings that switch off every filter that any configuration names, as `status` would run them."""
        names = self.ask("config", "--list", "-z", "--name-only")
        if names is None:
            return None
        filters = {name.rpartition(".")[0] for name in os.fsdecode(names).split("\0") if name.startswith("filter.")}
        filters.discard("filter")
        if any("=" in name for name in filters):  # -c takes what comes before it for the whole name
            self.because("a filter is configured that can't be switched off")
            return None
        values = (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false"))
        return [f"{name}.{key}={value}" for name in sorted(filters) for key, value in values]

    def add_all(self, within: str, settings: "list[str]", environment: "dict[str, str]") -> bool:
        """Have the index hold what is in the folder `within`, empty for all of the tree, as it is now. Submodules count
        by their commit: to look into them would be to run what their configuration names."""
        listed = self.run(
            "ls-files", "-s", "-z", "--", f":(top,literal){within}", environment=environment, limit=_LONGEST_LIST
        )
        if listed is None or listed.cut:
            if listed is not None:
                self.because("git lists too many files")
            return False
        entries = (entry for entry in listed.out.split(b"\0") if entry.startswith(b"160000 "))
        modules = [os.fsdecode(entry.partition(b"\t")[2]) for entry in entries]
        aside = [f":(top,exclude,literal){name}" for name in modules]
        # a file that has gone again meanwhile is an error to git, and none to us
        add = ("add", "-A", "--ignore-errors", "--", f":(top,literal){within}", *aside)
        if self.run(*add, also=1, settings=settings, environment=environment) is None:
            return False
        update = ("update-index", "--add", "--remove", "--", *modules)
        return not modules or self.run(*update, settings=settings, environment=environment) is not None

    def ask(self, *words: str, also: int = 0, top: str | None = None) -> bytes | None:
        """All that git says to the words, None where it fails or says too much."""
        found = self.run(*words, also=also, top=top)
        if found is not None and found.cut:
            self.because(f"git {words[0]} says too much")
            return None
        return None if found is None else found.out

    def run(
        self,
        *words: str,
        also: int = 0,
        top: str | None = None,
        settings: "list[str] | None" = None,
        environment: "dict[str, str] | None" = None,
        limit: int = 1 << 20,
    ) -> "Captured | None":
        """How git ended, None where that is neither with 0 nor with `also`. `settings` are what `-c` takes, and
        `environment` is added to what it finds; `limit` bytes of what it says are enough."""
        from session.errors import SessionError  # cost: where git is asked at all
        from session.host import process

        top = top or self.top
        if top is None:
            return None
        if self._program is None:
            self._program = process.find("git", outside=(top,))
        if self._program is None:
            self.because("git is not installed")
            return None
        if self._deadline is None:
            self._deadline = time.monotonic() + self._timeout_s
        left_s = self._deadline - time.monotonic()
        given = [word for setting in (*_SETTINGS, *(settings or ())) for word in ("-c", setting)]
        # no other repository further up, should git see none here
        found_there = {**_ENVIRONMENT, "GIT_CEILING_DIRECTORIES": os.path.dirname(top), **(environment or {})}
        command = [self._program, "--no-pager", *given, *words]
        why = f"git took longer than {self._timeout_s:g} s"
        try:
            if left_s > 0:
                found = process.capture(command, cwd=top, timeout_s=left_s, env=found_there, limit=limit)
            else:
                found = None
        except process.TimedOut:
            found = None
        except SessionError as error:
            found, why = None, error.message
        if found is not None and found.code not in (0, also) and not found.cut:
            said = found.err.decode("utf-8", "replace").strip().partition("\n")[0].removeprefix("fatal: ")
            why = f"git {words[0]}: {one_line(said, 120) if said else f'exit code {found.code}'}"
            found = None
        if found is None:
            self.because(why)
        return found

    def because(self, reason: str) -> None:
        """Note why something could not be told, once."""
        if reason not in self.reasons:
            self.reasons.append(reason)
