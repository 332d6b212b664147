"""The summary that a session leaves to the next, as markdown. Pure (seed: 001).

What comes from the repository, the documents and the command line stands on a line of its own, cut, and such that no
reader of markdown takes it for a heading, a fence or a tag.
"""

import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from session.entry import feature_list as lists
from session.entry.documents import SUMMARIES, Document
from session.host import temp_folders
from session.store import codec
from session.store.files import FileStore
from session.text.untrusted import one_line

NONE = "None"
_LONGEST = 400  # characters of a text
_SHORT = 160  # of what stands beside others
_MOST = {"work": 100, "commits": 50, "files": 100}
_WORDS = {
    lists.PENDING: "Not begun",
    lists.IN_PROGRESS: "In progress",
    lists.IMPLEMENTED: "Implementation complete, testing pending",
    lists.TESTED: "Implemented and tested",
    lists.COMPLETED: "Completed",
}
_TELLING = re.compile(r"`{3,}|~{3,}|<(?=[A-Za-z/!?])|(?<![A-Za-z0-9._-])@(?=\S)")
_LEADING = re.compile(r"(?:[#>*+=|`~-]|\[.?\]|\d+[.)])", re.ASCII)


class Summary(NamedTuple):
    """What is told. Lists that are None are unknown; `reasons` says why. Counts are None without a readable list."""

    at: str
    state: str
    health: str
    completed: int | None
    remaining: int | None
    work: Sequence[str]
    commits: Sequence[tuple[str, str]] | None
    decisions: Sequence[str]
    blockers: Sequence[str]
    next_feature: str
    files: Sequence[tuple[str, str]] | None
    reasons: Sequence[str] = ()


def render(summary: Summary) -> str:
    """The markdown: the same headings each time, none of them empty."""
    why = said("; ".join(summary.reasons) or "no repository", _SHORT)
    unknown = f"{NONE} ({why})"
    commits, files = summary.commits, summary.files
    sections = (
        ("Work Done", _numbered(_cut(summary.work, _MOST["work"]))),
        ("Git Commits", _commits(commits) if commits is not None else [f"- {unknown}"]),
        ("Decisions Made", _bullets([said(each) for each in summary.decisions])),
        ("Blockers", _bullets([f"[ ] {said(each)}" for each in summary.blockers])),
        ("Next Session", _numbered(_next(summary))),
        ("Files Modified", _files(files) if files is not None else [f"- {unknown}"]),
    )
    lines = [
        f"# Session Summary - {said(summary.at)}",
        "",
        "## State",
        f"- Final state: {said(summary.state, _SHORT)}",
        f"- Health status: {said(summary.health, _SHORT)}",
        f"- Features completed: {_count(summary.completed)}",
        f"- Features remaining: {_count(summary.remaining)}",
    ]
    for heading, told in sections:
        lines += ["", f"## {heading}", *told]
    return "\n".join(lines) + "\n"


def latest_summary(store: FileStore) -> str:
    """The absolute path of the newest summary, empty where there is none. In the temporary folder, which anyone may
    write to, only regular files of our own count; what is in them, nobody is told here."""
    found = []
    folder = os.path.join(store.root, *store.parts(SUMMARIES))
    shared = os.path.join(temp_folders.folder(), "summary")
    for path, status in (*_regular(folder, "", ".md"), *_regular(shared, "session_", ".md")):
        if sys.platform == "win32" or os.path.dirname(path) == folder or status.st_uid == os.geteuid():
            found.append((status.st_mtime_ns, path))
    return max(found, default=(0, ""))[1]


def said(text: str, limit: int = _LONGEST) -> str:
    """The text, on one line, cut, and as nothing but text."""
    shown = one_line(text.strip(), limit)
    shown = _TELLING.sub(lambda found: "\\" + "\\".join(found[0]), shown)
    return f"\\{shown}" if _LEADING.match(shown) else shown


def work_on(feature: lists.Feature) -> str:
    """What was done of a feature that the session worked on: `F-2 Add login - Implemented and tested`."""
    status = lists.status_of(feature)
    return f"{named(feature)} - {f'Blocked{_reason(feature)}' if status == lists.BLOCKED else _WORDS[status]}"


def blocked(feature: lists.Feature) -> str:
    """A blocked feature, and why it is."""
    return f"{named(feature)}{_reason(feature)}"


def named(feature: lists.Feature) -> str:
    """The feature's id, and what it is about."""
    about = feature.get("description")
    told = "" if about is None else about if isinstance(about, str) else codec.compact(about)
    return f"{one_line(lists.id_of(feature), _SHORT)} {one_line(told, _SHORT)}".strip()


def headline(state: Document, completed: int | None, remaining: int | None, action: str) -> str:
    """The session in one line, as a commit's message has it."""
    counts = "" if completed is None else f", {completed} of {completed + (remaining or 0)} features done"
    return one_line(f"{state.get('state')}{counts}" + (f": {action}" if action else ""), _SHORT)


def _reason(feature: lists.Feature) -> str:
    why = feature.get("blocked_reason") or feature.get("notes")
    return f": {one_line(why, _SHORT)}" if isinstance(why, str) and why.strip() else ""


def _next(summary: Summary) -> list[str]:
    blockers = "; ".join(said(each, _SHORT) for each in summary.blockers)
    return [
        "Run session-entry.sh first",
        f"Resume from state: {said(summary.state, _SHORT)}",
        f"Continue with feature: {said(summary.next_feature) if summary.next_feature else 'none'}",
        f"Address blockers: {blockers or 'none'}",
    ]


def _commits(commits: Sequence[tuple[str, str]]) -> list[str]:
    shown = [said(f"{commit}: {subject}") for commit, subject in commits]
    return _bullets(_cut(shown, _MOST["commits"]))


def _files(files: Sequence[tuple[str, str]]) -> list[str]:
    return _bullets(_cut([f"{said(path)} - {how}" for path, how in files], _MOST["files"]))


def _cut(lines: Sequence[str], most: int) -> list[str]:
    shown = list(lines[:most])
    return shown if len(lines) <= most else [*shown, f"… and {len(lines) - most} more"]


def _bullets(lines: Sequence[str]) -> list[str]:
    return [f"- {line}" for line in lines] or [f"- {NONE}"]


def _numbered(lines: Sequence[str]) -> list[str]:
    return [f"{number}. {line}" for number, line in enumerate(lines, 1)] or [f"- {NONE}"]


def _count(count: int | None) -> str:
    return "unknown" if count is None else str(count)


def _regular(folder: str, start: str, ending: str) -> Iterator[tuple[str, os.stat_result]]:
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        if name.startswith(start) and name.endswith(ending) and name[0] != ".":
            path = os.path.join(folder, name)
            try:
                status = os.lstat(path)
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode):
                yield path, status
