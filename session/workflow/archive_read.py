"""Read, find and search archives: the markdown files that `save` writes, and other markdown in their folder."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from session.errors import SessionError
from session.host import clock
from session.store import paths
from session.store.files import FileStore

COLLECTION = "archives"

_TITLE = re.compile(r"# (.+) - (\d{4}-\d\d-\d\d)")
_NAME_DATE = re.compile(r"\d{4}-\d\d-\d\d(?=-|$)")
_ENDED = "- Ended: "
_NAMES_SHOWN = 5


@dataclass(frozen=True)
class Archive:
    """One markdown file of the archives folder. A field is None if the file does not state it.

    `name` is the file name without `.md`, `date` looks like `2026-01-29`, `duration` is as written, such as `12min`.
    The file may come from another tool.
    """

    name: str
    path: str
    body: bytes
    workflow: str | None
    date: str | None
    status: str | None
    duration: str | None
    ended_ms: int | None

    @property
    def text(self) -> str:
        """Return the markdown. Bytes that are not UTF-8 become U+FFFD."""
        return self.body.decode("utf-8", "replace")


def archives(store: FileStore, workflow: str | None = None) -> tuple[list[Archive], list[SessionError]]:
    """Return the archives, newest first, and an error for each that cannot be read.

    With `workflow`, return the archives of this workflow only.
    """
    readable: list[Archive] = []
    errors: list[SessionError] = []
    for name, body, error in store.scan(COLLECTION):
        if body is not None:
            archive = parse(name, store.shown_path((COLLECTION, name)), body)
            if workflow in (None, archive.workflow):
                readable.append(archive)
        elif error is not None:
            errors.append(error)
    readable.sort(key=_age_order, reverse=True)
    return readable, errors


def find(store: FileStore, name_or_path: str) -> Archive:
    """Return the archive with this name or path, or the only archive whose name begins with this text.

    SessionError if there is none, if several names begin like this, or if the file cannot be read.
    """
    start = _name(store, name_or_path)
    entries = [entry for entry in store.scan(COLLECTION) if start and entry[0].startswith(start)]
    names = [entry[0] for entry in entries]
    if not names:
        raise SessionError(f"no archive is called {name_or_path}", "session archive list names them")
    if len(names) > 1 and start not in names:
        shown = ", ".join(names[:_NAMES_SHOWN]) + (", …" if len(names) > _NAMES_SHOWN else "")
        raise SessionError(f"{len(names)} archives are called {start}…: {shown}")
    name, body, error = entries[0]  # scan sorts by name, so an exact match, which is the shortest name, comes first
    if body is None:
        raise error or SessionError(f"no archive is called {name_or_path}")
    return parse(name, store.shown_path((COLLECTION, name)), body)


def search(archive: Archive, text: str) -> Iterator[tuple[int, str]]:
    """Yield the number and the text of each line that contains `text`, ignoring case. The first line is 1."""
    folded = text.casefold()
    for number, line in enumerate(archive.text.split("\n"), 1):
        if folded in line.casefold():
            yield number, line.rstrip("\r")


def parse(name: str, path: str, body: bytes) -> Archive:
    """Return the archive whose markdown is `body`; `path` is its path in messages."""
    fields: dict[str, str] = {}
    title = None
    section = ""
    for line in body.decode("utf-8", "replace").split("\n"):
        line = line.strip()
        if line.startswith("## "):
            section = line
            if section == "## Notes":
                break  # notes are free text and may imitate the lines that follow here
        elif not section:
            title = title or _TITLE.fullmatch(line)
            for field in ("Status", "Duration"):
                if line.startswith(f"**{field}:** "):
                    fields.setdefault(field, line[len(field) + 6 :])
        elif section == "## Final State" and line.startswith(_ENDED):
            fields.setdefault("Ended", line[len(_ENDED) :])
    name_date = _NAME_DATE.match(name)
    return Archive(
        name=name,
        path=path,
        body=body,
        workflow=title[1] if title else None,
        date=title[2] if title else name_date[0] if name_date else None,
        status=fields.get("Status"),
        duration=fields.get("Duration"),
        ended_ms=clock.parse_ms(fields.get("Ended")),
    )


def _age_order(archive: Archive) -> tuple[int, str]:
    ended_ms = clock.parse_ms(archive.date) if archive.ended_ms is None else archive.ended_ms
    return -(1 << 62) if ended_ms is None else ended_ms, archive.name


def _name(store: FileStore, name_or_path: str) -> str:
    """Return the archive's name or its beginning; "" for a path to another folder than the archives'."""
    folder, name = os.path.split(name_or_path)
    if folder:
        ours = os.path.realpath(os.path.join(store.root, *paths.folder_of(COLLECTION)))
        # `save` prints the path relative to the root or absolute; accept both
        if ours not in (os.path.realpath(folder), os.path.realpath(os.path.join(store.root, folder))):
            return ""
    return name.removesuffix(".md")
