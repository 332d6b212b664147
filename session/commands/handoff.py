"""session handoff: end a session so that the next one can go on."""

import os
import sys
from argparse import Namespace

from session import output
from session.arguments import check_utf8
from session.commands.parser import parser, run
from session.entry import handoff
from session.entry.auto_checkpoint import repository_facts
from session.entry.handoff import EntrySession, GitFacts, HandoffNotes
from session.errors import SessionError
from session.host import temp_folders
from session.host.git.repository import Repository
from session.store import codec, lock
from session.store.files import FileStore, open_store
from session.store.paths import OWN_FOLDERS
from session.workflow.archive_read import archives

_DESCRIPTION = """\
Hand the session over to the next one, in one commit: state.json is no longer dirty, the
session's metrics are closed, a line about it goes to traces.jsonl, and a summary is
written to .claude/progress/summaries: what was done, commits, decisions, blockers, how
to go on, files. Prints the summary's path.

Where no session is under way there is nothing to hand off, and the exit code is 1,
unless something is told to be kept in a summary."""
_EXAMPLES = """\
session handoff
session handoff --decision 'SQLite: one file, no server' --blocker 'no key for the API yet'
session handoff --commit --tokens 45000"""
_GIT_TIMEOUT_S = 10.0
_MOST_COMMITS = 200
_TEXTS = ("decision", "blocker", "note")


def main(argv: list[str]) -> int:
    """`[--commit] [--tokens N] [--decision TEXT]... [--blocker TEXT]... [--note TEXT]... [--action TEXT] [--json]`.
    Returns the exit code."""
    return run(_handoff, argv)


def _handoff(argv: list[str]) -> int:
    words = parser("session handoff", _DESCRIPTION, _EXAMPLES)
    words.add_argument("--commit", action="store_true", help="commit all that is not, as `Session checkpoint: …`")
    words.add_argument("--tokens", metavar="N", type=tokens, help="how many tokens the session used")
    words.add_argument("--decision", metavar="TEXT", action="append", default=[], help="what was decided, and why")
    words.add_argument("--blocker", metavar="TEXT", action="append", default=[], help="what is in the way")
    words.add_argument("--note", metavar="TEXT", action="append", default=[], help="what else was done")
    words.add_argument("--action", metavar="TEXT", default="", help="the last thing done (default: as recorded)")
    words.add_argument("--json", action="store_true", help="JSON")
    given = words.parse_args(argv)
    told = _told(given)
    store = open_store()
    about = handoff.current_session(store)
    if not about.under_way and told.is_empty:
        with store.transaction(lock.timeout_s(), create=False):  # which carries out a commit that was cut short
            pass
        raise SessionError("no session is under way: there is nothing to hand off", "session enter begins one")
    found, unreadable = gather(store, about)
    try:
        done = handoff.hand_off(store, about, told, found, timeout_s=lock.timeout_s())
    finally:
        for notice in store.notices:
            output.tell(notice)
    problems = [*unreadable, *done.problems]
    for line in problems:
        output.tell(line)
    temp_folders.sweep()
    commit, refusal = _commit(store.root, done.headline) if given.commit else ("", None)
    if given.json:
        answer = {"summary": done.path, "headline": done.headline, "commit": commit or None, "problems": problems}
        output.answer(codec.encode(answer) + b"\n", committed=True)
    else:
        output.answer(f"{done.path}\n".encode("utf-8", "surrogateescape"), committed=True)
        if given.commit and refusal is None:
            output.tell(f"committed as {commit}" if commit else "nothing to commit")
    if refusal is not None:
        raise refusal
    return int(bool(problems))


def gather(store: FileStore, session: EntrySession) -> tuple[GitFacts, list[str]]:
    """What happened since the session began, and what could not be read of it. It takes git: not to be asked for
    under the lock."""
    if session.since_ms is None:
        return GitFacts([], [], [], repository=repository_facts(store)), []
    repository = Repository(store.root, timeout_s=_GIT_TIMEOUT_S)
    commits = repository.recent_commits(_MOST_COMMITS, session.since_ms)
    changed = repository.changed_since(session.since_ms)
    files = None
    if changed is not None:
        top = repository.top or store.root
        ours = [os.path.relpath(os.path.join(store.root, folder), top).replace(os.sep, "/") for folder in OWN_FOLDERS]
        found = [(path, "new") for path in changed.created] + [(path, "changed") for path in changed.modified]
        files = [each for each in sorted(found) if not any(each[0].startswith(f"{folder}/") for folder in ours)]
    workflows, unreadable = _workflows(store, session.since_ms)
    reasons = repository.reasons or ([] if repository.top else ["not a git repository"])
    return GitFacts(
        commits if commits is None else commits[::-1], files, workflows, reasons, repository_facts(store)
    ), unreadable


def _workflows(store: FileStore, since_ms: int) -> tuple[list[str], list[str]]:
    known, errors = archives(store)
    ended = [each for each in known if each.ended_ms is not None and each.ended_ms >= since_ms]
    lines = [
        f"Workflow {each.workflow or 'of no name'} - {each.status or 'ended'} ({os.path.basename(each.path)})"
        for each in reversed(ended)
    ]
    return lines, [str(error) for error in errors]


def tokens(text: str) -> int:
    """A number of tokens; ValueError."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise ValueError(text)
    return int(text)


def _told(given: Namespace) -> HandoffNotes:
    for option in (*_TEXTS, "action"):
        known = getattr(given, option)
        for text in known if isinstance(known, list) else [known]:
            check_utf8(f"--{option}", text)
            if not text.strip() and option in _TEXTS:
                raise SessionError(f"--{option} is empty")
    _warn({option: getattr(given, option) for option in (*_TEXTS, "action")})
    return HandoffNotes(given.decision, given.blocker, given.note, given.action.strip(), given.tokens)


def _warn(told: dict[str, object]) -> None:
    from session.text.secrets import find

    for option, texts in told.items():
        for place in find(texts, f"--{option}"):
            output.tell(f"warning: {place} looks like a secret, and goes into the summary")


def _commit(root: str, headline: str) -> tuple[str, SessionError | None]:
    """The commit's hash, empty where there was nothing to commit; or why it was refused: what was written stays."""
    from session.host.git import commit as git_commit  # cost: where asked for

    try:
        return git_commit.commit(root, f"Session checkpoint: {headline}"), None
    except SessionError as error:
        return "", error


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
