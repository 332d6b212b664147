"""Read a project's whole state for comparison, and find files that do not belong there."""

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from session.store import paths
from session.store.files import FileStore

_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_ID = re.compile(r"CP_\d{8}_\d{6}(_\d+)?")
_STAMP = re.compile(r"\d{8}_\d{6}(?:[-_]\d+)?")  # a number follows if two commands make a file in one second
_CHECKSUM = re.compile(r"\b[0-9a-f]{64}\b")
_DURATION = re.compile(r"(?<=\*\*Duration:\*\* )\d+min|(?<=TIME \| )[0-9hmins ]+(?= \|)")
_DOCUMENT = re.compile(r"SESSION_STATE(\.\d{8}_\d{6}(_\d+)?\.bak)?\.md")
_FOLDERS = (
    "ia/state",
    *(f"ia/state/{name}" for name in ("sessions", "sessions/archives", "CHECKPOINTS", "SESSION_LOGS", "conversations")),
)
_PROJECT = ("project", "logs", "events", "progress", "progress_lines", "summaries", "metrics")


@dataclass(frozen=True)
class Seen:
    """The state that a reader finds.

    Sessions and archives are by name, the project's state, logs and events by `collection/name`, conversations'
    documents by id. Checkpoints and backups are only texts, because their names differ each time. A document that
    cannot be read has the reason as its text.
    """

    sessions: dict[str, str]
    archives: dict[str, str]
    project: dict[str, str] = field(default_factory=dict)
    checkpoints: frozenset[str] = frozenset()
    conversations: dict[str, str] = field(default_factory=dict)
    backups: frozenset[str] = frozenset()

    def timeless(self) -> "Seen":
        """Return this state without times, and without names that contain times, to compare two runs of a command."""
        return Seen(
            {name: _TIME.sub("TIME", text) for name, text in self.sessions.items()},
            {_DATE.sub("DATE", name): _timeless(text) for name, text in self.archives.items()},
            {_STAMP.sub("STAMP", name): _STAMP.sub("STAMP", _timeless(text)) for name, text in self.project.items()},
            frozenset(_CHECKSUM.sub("SHA", _ID.sub("CP", _TIME.sub("TIME", text))) for text in self.checkpoints),
            {name: _timeless(text) for name, text in self.conversations.items()},
            frozenset(_timeless(text) for text in self.backups),
        )


def _timeless(text: str) -> str:
    return _DURATION.sub("SOME", _DATE.sub("DATE", _TIME.sub("TIME", text)))


def seen(project: Path) -> Seen:
    """Return the state that a reader finds in the project."""
    store = FileStore(str(project), "")
    found: dict[str, dict[str, str]] = {}
    for collection in ("sessions", "archives", "checkpoints", "conversations", *_PROJECT):
        try:
            found[collection] = {
                name: f"unreadable: {error}" if body is None else body.decode("utf-8", "backslashreplace")
                for name, body, error in store.scan(collection)
            }
        except Exception as error:
            found[collection] = {"*": f"unreadable: {error}"}
    of_project = {f"{collection}/{name}": text for collection in _PROJECT for name, text in found[collection].items()}
    return Seen(
        found["sessions"],
        found["archives"],
        of_project,
        frozenset(found["checkpoints"].values()),
        found["conversations"],
        frozenset(_backups(project, store)),
    )


def _backups(project: Path, store: FileStore) -> Iterator[str]:
    """Yield the backups of conversations' documents, from files and from a journal that is not applied yet."""
    collection = "conversation_backups"
    files = (project / "ia/state/conversations").glob("*/SESSION_STATE.*.bak.md")
    names = {f"{path.parent.name}.{path.name.split('.')[1]}" for path in files}
    try:
        for name in sorted(names | {name for name, _, _ in store.scan(collection)}):
            yield (store.read((collection, name)) or b"").decode("utf-8", "backslashreplace")
    except Exception as error:
        yield f"unreadable: {error}"


def leftovers(project: Path, *, temporary_ok: bool = False) -> list[str]:
    """Return every file of the store that must not be there after a writing command has ended.

    `temporary_ok` allows a hidden temporary file: the lock's mark of a dead writer is not synced, so a power cut can
    lose it. The next writer in that folder removes the file.
    """
    wrong = []
    for path in sorted((project / "ia").rglob("*")):
        name = path.relative_to(project).as_posix()
        mode = stat.S_IMODE(path.lstat().st_mode)
        if path.is_dir():
            known = name in _FOLDERS or path.parent.name in ("CHECKPOINTS", "conversations")
            if not known or mode != 0o700:
                wrong.append(f"folder {name} {mode:o}")
            continue
        if name in ("ia/state/.lock", "ia/state/.gitignore", "ia/state/conversations/.lock"):
            known = True
        elif path.name.startswith(paths.TEMPORARY):
            known = temporary_ok
        else:
            known = path.parent.name == "sessions" and path.suffix == ".json"
            known = known or (path.parent.name == "archives" and path.suffix == ".md")
            known = known or name == "ia/state/CURRENT_STATE.json"
            known = known or (path.parent.parent.name == "CHECKPOINTS" and path.name == "checkpoint.json")
            known = known or (path.parent.parent.name == "conversations" and bool(_DOCUMENT.fullmatch(path.name)))
            known = known or (path.parent.name == "SESSION_LOGS" and path.suffix in (".json", ".jsonl"))
        if not known or mode != 0o600 or not path.is_file() or path.is_symlink():
            wrong.append(f"file {name} {mode:o}")
    for path in sorted((project / ".claude").rglob(".*")):
        is_temporary = path.name.startswith(paths.TEMPORARY)
        if path.name not in (paths.LOCK, ".gitignore") and not (is_temporary and temporary_ok):
            wrong.append(f"file {path.relative_to(project).as_posix()}")
    return wrong
