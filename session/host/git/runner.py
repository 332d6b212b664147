"""Run git in such a way that nothing in the repository can make it run another program.

Git uses no fsmonitor, hooks or filters, and fetches nothing. It gets no GIT_* variable of our environment, and takes no
lock that it does not need.
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
    "safe.bareRepository=explicit",  # git must not use a folder of the project that looks like a bare repository
    "status.renames=false",
    "diff.renames=false",
)
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # for versions of git that do not know GIT_NO_LAZY_FETCH
}
_LONGEST_LIST = 1 << 28  # the most bytes of output, enough for two million files


class Git:
    """Runs git in the working tree `top`, with `timeout_s` seconds for all calls together.

    A call that fails returns None, and its reason is added to `reasons`.
    """

    def __init__(self, top: str | None, timeout_s: float) -> None:
        self.top = top
        self.reasons: list[str] = []
        self._timeout_s = timeout_s
        self._deadline: float | None = None
        self._program: str | None = None

    def without_filters(self) -> list[str] | None:
        """Return settings that switch off every configured filter, because `git status` would run filters.

        None if git fails, or if a filter's name makes that impossible.
        """
        names = self.ask("config", "--list", "-z", "--name-only")
        if names is None:
            return None
        filters = {name.rpartition(".")[0] for name in os.fsdecode(names).split("\0") if name.startswith("filter.")}
        filters.discard("filter")
        if any("=" in name for name in filters):  # git's option -c ends a name at the first "="
            self.add_reason("a filter is configured that can't be switched off")
            return None
        values = (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false"))
        return [f"{name}.{key}={value}" for name in sorted(filters) for key, value in values]

    def add_all(self, within: str, settings: "list[str]", environment: "dict[str, str]") -> bool:
        """Add the current files of the folder `within` ("" for the whole tree) to the index; return True if it worked.

        Submodules are added by their commit. Git does not look into them: that would use their configuration.
        """
        tracked = self.run(
            "ls-files", "-s", "-z", "--", f":(top,literal){within}", environment=environment, limit=_LONGEST_LIST
        )
        if tracked is None or tracked.cut:
            if tracked is not None:
                self.add_reason("git lists too many files")
            return False
        entries = (entry for entry in tracked.out.split(b"\0") if entry.startswith(b"160000 "))
        modules = [os.fsdecode(entry.partition(b"\t")[2]) for entry in entries]
        excluded = [f":(top,exclude,literal){name}" for name in modules]
        # A file that was deleted meanwhile is an error for git, but not for us: accept exit code 1.
        add = ("add", "-A", "--ignore-errors", "--", f":(top,literal){within}", *excluded)
        if self.run(*add, also=1, settings=settings, environment=environment) is None:
            return False
        update = ("update-index", "--add", "--remove", "--", *modules)
        return not modules or self.run(*update, settings=settings, environment=environment) is not None

    def ask(self, *words: str, also: int = 0, top: str | None = None, limit: int = 1 << 20) -> bytes | None:
        """Run git with these words; return its whole output, or None if it fails or writes more than `limit` bytes.

        Exit code `also` counts as success, besides 0. `top` is another working tree to run in.
        """
        result = self.run(*words, also=also, top=top, limit=limit)
        if result is not None and result.cut:
            self.add_reason(f"git {words[0]} writes too much")
            return None
        return None if result is None else result.out

    def run(
        self,
        *words: str,
        also: int = 0,
        top: str | None = None,
        settings: "list[str] | None" = None,
        environment: "dict[str, str] | None" = None,
        limit: int = 1 << 20,
    ) -> "Captured | None":
        """Run git with these words; return its exit code and output, or None if it ends with neither 0 nor `also`.

        `settings` are passed with `-c`, and `environment` is added to its variables. At most `limit` bytes of its
        output are read. `top` is another working tree to run in.
        """
        from session.errors import SessionError  # cost: only if git is needed
        from session.host import process

        top = top or self.top
        if top is None:
            return None
        if self._program is None:
            self._program = process.find("git", outside=(top,))
        if self._program is None:
            self.add_reason("git is not installed")
            return None
        if self._deadline is None:
            self._deadline = time.monotonic() + self._timeout_s
        left_s = self._deadline - time.monotonic()
        options = [word for setting in (*_SETTINGS, *(settings or ())) for word in ("-c", setting)]
        # If git finds no repository at `top`, it must not use another one in a folder above.
        variables = {**_ENVIRONMENT, "GIT_CEILING_DIRECTORIES": os.path.dirname(top), **(environment or {})}
        command = [self._program, "--no-pager", *options, *words]
        reason = f"git took longer than {self._timeout_s:g} s"
        result = None
        try:
            if left_s > 0:
                result = process.capture(
                    command,
                    cwd=top,
                    timeout_s=left_s,
                    env=variables,
                    limit=limit,
                    quiet_limits=True,  # killed, git would leave its locks behind
                )
        except process.TimedOut:
            pass
        except SessionError as error:
            reason = error.message
        if result is not None and result.code not in (0, also) and not result.cut:
            message = result.err.decode("utf-8", "replace").strip().partition("\n")[0].removeprefix("fatal: ")
            reason = f"git {words[0]}: {one_line(message, 120) if message else f'exit code {result.code}'}"
            result = None
        if result is None:
            self.add_reason(reason)
        return result

    def add_reason(self, reason: str) -> None:
        """Record why a fact could not be determined, unless it is recorded already."""
        if reason not in self.reasons:
            self.reasons.append(reason)
