"""session handoff: end an entry session, and leave the next one a summary.

Described in docs/handoff.md.
"""

import os
import sys
from argparse import ArgumentTypeError, Namespace

from session import output
from session.arguments import check_utf8
from session.commands.commit_changes import commit_changes, report_commit
from session.commands.parser import parser, run, whole_number
from session.commands.tables import json_out
from session.entry import handoff
from session.entry.auto_checkpoint import repository_facts
from session.entry.handoff import EntrySession, GitFacts, HandoffNotes
from session.errors import SessionError
from session.host import temp_folders
from session.host.git.repository import Repository
from session.host.project_store import open_store
from session.notices import printed
from session.store import lock
from session.store.files import FileStore
from session.store.paths import OWN_FOLDERS, PROGRESS
from session.workflow.archive_read import archives

_DESCRIPTION = """\
End the session that `session enter` began, so that the next one can continue its work.
It changes .claude/progress in one step, or not at all: state.json no longer says that a
session is under way, the session's metrics are closed, traces.jsonl gets a line about it,
and a summary is written: work done, commits, decisions, blockers, what comes next, files.

Prints the summary's path. If no session is under way, there is nothing to hand off and
the exit code is 1, unless an option gives a text or a number for the summary to keep."""
_EXAMPLES = """\
session handoff
session handoff --decision 'SQLite: one file, no server' --blocker 'no key for the API yet'
session handoff --commit --tokens 45000"""
_GIT_TIMEOUT_S = 10.0
_MOST_COMMITS = 200
_TEXTS = ("decision", "blocker", "note")


def main(argv: list[str]) -> int:
    """Run `session handoff`; return the exit code."""
    return run(_handoff, argv)


def _handoff(argv: list[str]) -> int:
    command_line = parser("session handoff", _DESCRIPTION, _EXAMPLES)
    command_line.add_argument(
        "--commit", action="store_true", help="then commit all files to git, as `Session checkpoint: …`"
    )
    command_line.add_argument("--tokens", metavar="N", type=tokens, help="the number of tokens that the session used")
    command_line.add_argument(
        "--decision", metavar="TEXT", action="append", default=[], help="a decision and its reason; may be repeated"
    )
    command_line.add_argument(
        "--blocker", metavar="TEXT", action="append", default=[], help="an obstacle that is left; may be repeated"
    )
    command_line.add_argument(
        "--note", metavar="TEXT", action="append", default=[], help="other work that was done; may be repeated"
    )
    command_line.add_argument(
        "--action", metavar="TEXT", default="", help="the last thing that was done (default: what the state records)"
    )
    command_line.add_json("print JSON")
    options = command_line.parse_args(argv)
    notes = _notes(options)
    store = open_store()
    session = handoff.current_session(store)
    if not session.under_way and notes.is_empty:
        with store.transaction(
            lock.timeout_s(), create=False, place=PROGRESS
        ):  # carries out a commit that a crash cut short
            pass
        raise SessionError("no session is under way: there is nothing to hand off", "session enter begins one")
    facts, unreadable = gather(store, session)
    with printed(store.notices):
        result = handoff.hand_off(store, session, notes, facts, timeout_s=lock.timeout_s())
    problems = [*unreadable, *result.problems]
    for line in problems:
        output.tell(line)
    temp_folders.sweep()
    commit, refusal = None, None
    if options.commit:
        commit, refusal = commit_changes(store.root, f"Session checkpoint: {result.headline}")
    if options.json:
        answer = {
            "summary": result.path,
            "headline": result.headline,
            "commit": commit or None,
            "problems": problems,
        }
        json_out(answer, committed=True)
    else:
        output.answer(f"{result.path}\n".encode("utf-8", "surrogateescape"), committed=True, exact=True)
        report_commit(commit)
    if refusal is not None:
        raise refusal
    return int(bool(problems))


def gather(store: FileStore, session: EntrySession) -> tuple[GitFacts, list[str]]:
    """Return the commits, files and archived workflows since the session began, and the errors of unreadable archives.

    Do not call it while the store's lock is held: it runs git.
    """
    if session.since_ms is None:
        return GitFacts([], [], [], repository=repository_facts(store)), []
    repository = Repository(store.root, timeout_s=_GIT_TIMEOUT_S)
    commits = repository.recent_commits(_MOST_COMMITS, session.since_ms)
    changed = repository.changed_since(session.since_ms)
    files = None
    if changed is not None:
        top = repository.top or store.root
        ours = [os.path.relpath(os.path.join(store.root, folder), top).replace(os.sep, "/") for folder in OWN_FOLDERS]
        every = [(path, "new") for path in changed.created] + [(path, "changed") for path in changed.modified]
        files = [file for file in sorted(every) if not any(file[0].startswith(f"{folder}/") for folder in ours)]
    workflows, unreadable = _workflows(store, session.since_ms)
    reasons = repository.reasons or ([] if repository.top else ["not a git repository"])
    return GitFacts(
        commits if commits is None else commits[::-1], files, workflows, reasons, repository_facts(store)
    ), unreadable


def _workflows(store: FileStore, since_ms: int) -> tuple[list[str], list[str]]:
    """Return a line for each workflow archived since `since_ms`, the oldest first, and the error messages."""
    every, errors = archives(store)
    recent = [archive for archive in every if archive.ended_ms is not None and archive.ended_ms >= since_ms]
    lines = [
        f"Workflow {archive.workflow or 'of no name'} - {archive.status or 'ended'} ({os.path.basename(archive.path)})"
        for archive in reversed(recent)
    ]
    return lines, [str(error) for error in errors]


def tokens(text: str) -> int:
    """Return `text` as a number of tokens; raise ArgumentTypeError unless it is a whole number from 0."""
    count = whole_number(text)
    if count < 0:
        raise ArgumentTypeError(f"below 0: {text}")
    return count


def _notes(options: Namespace) -> HandoffNotes:
    """Return what the options say for the summary; print a warning about each text that looks like a secret."""
    for option in (*_TEXTS, "action"):
        value = getattr(options, option)
        for text in value if isinstance(value, list) else [value]:
            check_utf8(f"--{option}", text)
            if not text.strip() and option in _TEXTS:
                raise SessionError(f"--{option} is empty")
    _warn({option: getattr(options, option) for option in (*_TEXTS, "action")})
    return HandoffNotes(options.decision, options.blocker, options.note, options.action.strip(), options.tokens)


def _warn(texts_by_option: dict[str, object]) -> None:
    from session.text.secrets import find  # cost: the patterns take time to compile

    for option, texts in texts_by_option.items():
        for place in find(texts, f"--{option}"):
            output.tell(f"warning: {place} looks like a secret, and goes into the summary")


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
