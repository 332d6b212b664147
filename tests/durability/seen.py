"""What a reader finds in a project, and what lies about in it."""

import re
import stat
from dataclasses import dataclass
from pathlib import Path

from session.store import paths
from session.store.files import FileStore

_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DURATION = re.compile(r"(?<=\*\*Duration:\*\* )\d+min|(?<=TIME \| )[0-9hmins ]+(?= \|)")


@dataclass(frozen=True)
class Seen:
    """Every session and archive by name. What can't be read has the reason for a text."""

    sessions: dict[str, str]
    archives: dict[str, str]

    def timeless(self) -> "Seen":
        """The same with every time taken out: what two runs of one command have in common."""
        return Seen(
            {name: _TIME.sub("TIME", text) for name, text in self.sessions.items()},
            {_DATE.sub("DATE", name): _timeless(text) for name, text in self.archives.items()},
        )


def _timeless(text: str) -> str:
    return _DURATION.sub("SOME", _DATE.sub("DATE", _TIME.sub("TIME", text)))


def seen(project: Path) -> Seen:
    """What `session-get --all` and a look at the archives would tell."""
    store = FileStore(str(project), "")
    found: dict[str, dict[str, str]] = {}
    for collection in ("sessions", "archives"):
        try:
            found[collection] = {
                name: f"unreadable: {error}" if body is None else body.decode("utf-8", "backslashreplace")
                for name, body, error in store.scan(collection)
            }
        except Exception as error:
            found[collection] = {"*": f"unreadable: {error}"}
    return Seen(found["sessions"], found["archives"])


def leftovers(project: Path, *, temporary_ok: bool = False) -> list[str]:
    """Everything below `ia` that does not belong there once a writing command has ended.

    `temporary_ok` allows a hidden temporary file: after a power cut the lock's mark, which is not worth a
    sync, may not say that somebody died; the next writer in that folder removes the file.
    """
    wrong = []
    for path in sorted((project / "ia").rglob("*")):
        name = path.relative_to(project).as_posix()
        mode = stat.S_IMODE(path.lstat().st_mode)
        if path.is_dir():
            known = name in ("ia/state", "ia/state/sessions", "ia/state/sessions/archives")
            if not known or mode != 0o700:
                wrong.append(f"folder {name} {mode:o}")
            continue
        if name in ("ia/state/.lock", "ia/state/.gitignore"):
            known = True
        elif path.name == paths.TEMPORARY:
            known = temporary_ok
        else:
            known = path.parent.name == "sessions" and path.suffix == ".json"
            known = known or (path.parent.name == "archives" and path.suffix == ".md")
        if not known or mode != 0o600 or not path.is_file() or path.is_symlink():
            wrong.append(f"file {name} {mode:o}")
    return wrong
