"""Reading the archives that `save` wrote, and whatever other markdown lies beside them."""

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
    """One file of the archives. What it does not tell is None: it may be anybody's markdown.

    `name` is the file's without `.md`, `date` is `2026-01-29`, `duration` is as written (`12min`).
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
        """The markdown. Bytes that are not UTF-8 read as U+FFFD."""
        return self.body.decode("utf-8", "replace")


def archives(store: FileStore, workflow: str | None = None) -> tuple[list[Archive], list[SessionError]]:
    """The archives, newest first, only those of `workflow` where it is given; and what could not be read."""
    found: list[Archive] = []
    errors: list[SessionError] = []
    for name, body, error in store.scan(COLLECTION):
        if body is not None:
            archive = parse(name, store.shown_path((COLLECTION, name)), body)
            if workflow in (None, archive.workflow):
                found.append(archive)
        elif error is not None:
            errors.append(error)
    found.sort(key=_age_order, reverse=True)
    return found, errors


def find(store: FileStore, wanted: str) -> Archive:
    """The archive called `wanted`: its name, the beginning of its name alone, or its path.

    SessionError where there is none or more than one, or it can't be read.
    """
    start = _name(store, wanted)
    entries = [entry for entry in store.scan(COLLECTION) if start and entry[0].startswith(start)]
    names = [entry[0] for entry in entries]
    if not names:
        raise SessionError(f"no archive is called {wanted}", "session archive list names them")
    if len(names) > 1 and start not in names:
        shown = ", ".join(names[:_NAMES_SHOWN]) + (", …" if len(names) > _NAMES_SHOWN else "")
        raise SessionError(f"{len(names)} archives are called {start}…: {shown}")
    name, body, error = entries[0]  # the shortest, as they are sorted
    if body is None:
        raise error or SessionError(f"no archive is called {wanted}")
    return parse(name, store.shown_path((COLLECTION, name)), body)


def search(archive: Archive, text: str) -> Iterator[tuple[int, str]]:
    """The lines that hold `text`, in whichever case, each with its number from 1."""
    wanted = text.casefold()
    for number, line in enumerate(archive.text.split("\n"), 1):
        if wanted in line.casefold():
            yield number, line.rstrip("\r")


def parse(name: str, path: str, body: bytes) -> Archive:
    """What the archive at `path` tells of itself."""
    told: dict[str, str] = {}
    title = None
    section = ""
    for line in body.decode("utf-8", "replace").split("\n"):
        line = line.strip()
        if line.startswith("## "):
            section = line
            if section == "## Notes":
                break  # what follows may look like anything
        elif not section:
            title = title or _TITLE.fullmatch(line)
            for field in ("Status", "Duration"):
                if line.startswith(f"**{field}:** "):
                    told.setdefault(field, line[len(field) + 6 :])
        elif section == "## Final State" and line.startswith(_ENDED):
            told.setdefault("Ended", line[len(_ENDED) :])
    dated = _NAME_DATE.match(name)
    return Archive(
        name=name,
        path=path,
        body=body,
        workflow=title[1] if title else None,
        date=title[2] if title else dated[0] if dated else None,
        status=told.get("Status"),
        duration=told.get("Duration"),
        ended_ms=clock.parse_ms(told.get("Ended")),
    )


def _age_order(archive: Archive) -> tuple[int, str]:
    ended_ms = clock.parse_ms(archive.date) if archive.ended_ms is None else archive.ended_ms
    return -(1 << 62) if ended_ms is None else ended_ms, archive.name


def _name(store: FileStore, wanted: str) -> str:
    """The name that `wanted` begins or is; empty for a path that leads elsewhere."""
    folder, name = os.path.split(wanted)
    if folder:
        ours = os.path.realpath(os.path.join(store.root, *paths.folder_of(COLLECTION)))
        # as `save` printed it: relative to the root, or absolute
        if ours not in (os.path.realpath(folder), os.path.realpath(os.path.join(store.root, folder))):
            return ""
    return name.removesuffix(".md")
