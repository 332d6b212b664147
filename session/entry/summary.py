"""Render the summary that an entry session leaves for the next one, as markdown, and find the newest summary.

Texts from the repository, the documents and the command line are shortened and escaped. Each stays on one line, and no
reader of markdown takes it for a heading, a code fence or a tag.
"""

import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from session.entry import feature_list
from session.entry.documents import SUMMARIES, Document
from session.host import temp_folders
from session.store import codec
from session.store.files import FileStore
from session.text.quoting import MARKUP
from session.text.untrusted import one_line

NONE = "None"
_LONGEST = 400  # the most characters of a text
_SHORT = 160  # the most characters of a text that shares its line with others
_MOST = {"work": 100, "commits": 50, "files": 100}
_STATUS_TEXTS = {
    feature_list.PENDING: "Not begun",
    feature_list.IN_PROGRESS: "In progress",
    feature_list.IMPLEMENTED: "Implementation complete, testing pending",
    feature_list.TESTED: "Implemented and tested",
    feature_list.COMPLETED: "Completed",
}
# markup that counts only at the beginning of a text: headings, quotes, lists, tables, checkboxes
_LEADING_MARKUP = re.compile(r"(?:[#>*+=|`~-]|\[.?\]|\d+[.)])", re.ASCII)


class Summary(NamedTuple):
    """The content of a summary.

    `commits` and `files` are None if they are unknown; `reasons` says why. `completed` and `remaining` are None if the
    feature list is unreadable. The texts in `work` are escaped already.
    """

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
    """Return the summary as markdown. It always has the same headings, and none of them is empty."""
    why = escape("; ".join(summary.reasons) or "no repository", _SHORT)
    unknown = f"{NONE} ({why})"
    commits, files = summary.commits, summary.files
    sections = (
        ("Work Done", _numbered(_cut(summary.work, _MOST["work"]))),
        ("Git Commits", _commits(commits) if commits is not None else [f"- {unknown}"]),
        ("Decisions Made", _bullets([escape(each) for each in summary.decisions])),
        ("Blockers", _bullets([f"[ ] {escape(each)}" for each in summary.blockers])),
        ("Next Session", _numbered(_next(summary))),
        ("Files Modified", _files(files) if files is not None else [f"- {unknown}"]),
    )
    lines = [
        f"# Session Summary - {escape(summary.at)}",
        "",
        "## State",
        f"- Final state: {escape(summary.state, _SHORT)}",
        f"- Health status: {escape(summary.health, _SHORT)}",
        f"- Features completed: {_count(summary.completed)}",
        f"- Features remaining: {_count(summary.remaining)}",
    ]
    for heading, body in sections:
        lines += ["", f"## {heading}", *body]
    return "\n".join(lines) + "\n"


def latest_summary(store: FileStore) -> str:
    """Return the absolute path of the newest summary, or "" if there is none.

    Summaries may also be in the temporary folder. Anyone may write there, so only the user's own regular files count.
    """
    candidates = []
    folder = os.path.join(store.root, *store.parts(SUMMARIES))
    shared = os.path.join(temp_folders.folder(), "summary")
    for path, status in (*_regular(folder, "", ".md"), *_regular(shared, "session_", ".md")):
        if sys.platform == "win32" or os.path.dirname(path) == folder or status.st_uid == os.geteuid():
            candidates.append((status.st_mtime_ns, path))
    return max(candidates, default=(0, ""))[1]


def escape(text: str, limit: int = _LONGEST) -> str:
    """Return the text on one line, at most `limit` characters of it, with a backslash before markup."""
    shown = one_line(text.strip(), limit)
    shown = MARKUP.sub(lambda match: "\\" + "\\".join(match[0]), shown)
    return f"\\{shown}" if _LEADING_MARKUP.match(shown) else shown


def work_line(feature: feature_list.Feature) -> str:
    """Return a feature's title and progress, such as `F-2 Add login - Implemented and tested`."""
    status = feature_list.status_of(feature)
    progress = f"Blocked{_reason(feature)}" if status == feature_list.BLOCKED else _STATUS_TEXTS[status]
    return f"{title(feature)} - {progress}"


def blocker_line(feature: feature_list.Feature) -> str:
    """Return a blocked feature's title and the reason, such as `F-3 Pay by card: no key for the API`."""
    return f"{title(feature)}{_reason(feature)}"


def title(feature: feature_list.Feature) -> str:
    """Return the feature's id and description, such as `F-2 Add login`."""
    description = feature.get("description")
    if not isinstance(description, str):
        description = "" if description is None else codec.compact(description)
    return f"{one_line(feature_list.id_of(feature), _SHORT)} {one_line(description, _SHORT)}".strip()


def headline(state: Document, completed: int | None, remaining: int | None, action: str) -> str:
    """Return the session in one line, for a commit message."""
    counts = "" if completed is None else f", {completed} of {completed + (remaining or 0)} features done"
    return one_line(f"{state.get('state')}{counts}" + (f": {action}" if action else ""), _SHORT)


def _reason(feature: feature_list.Feature) -> str:
    why = feature.get("blocked_reason") or feature.get("notes")
    return f": {one_line(why, _SHORT)}" if isinstance(why, str) and why.strip() else ""


def _next(summary: Summary) -> list[str]:
    blockers = "; ".join(escape(each, _SHORT) for each in summary.blockers)
    return [
        "Run `session enter` first",
        f"Resume from state: {escape(summary.state, _SHORT)}",
        f"Continue with feature: {escape(summary.next_feature) if summary.next_feature else 'none'}",
        f"Address blockers: {blockers or 'none'}",
    ]


def _commits(commits: Sequence[tuple[str, str]]) -> list[str]:
    shown = [escape(f"{commit}: {subject}") for commit, subject in commits]
    return _bullets(_cut(shown, _MOST["commits"]))


def _files(files: Sequence[tuple[str, str]]) -> list[str]:
    return _bullets(_cut([f"{escape(path)} - {change}" for path, change in files], _MOST["files"]))


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
    """Yield path and status of each regular file in the folder whose name begins with `start` and ends in `ending`.

    Hidden files are left out. A missing folder has no files.
    """
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
