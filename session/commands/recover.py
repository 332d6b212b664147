"""session recover: what to do when something went wrong, an error each; and the log of it."""

import sys
from argparse import Namespace
from collections.abc import Callable
from typing import TypeVar

from session import output
from session.arguments import check_utf8
from session.commands.parser import Parser, parser, run, unknown
from session.entry import recovery
from session.errors import SessionError, UsageError
from session.store import codec, lock
from session.store.files import FileStore, open_store

T = TypeVar("T")

_SEE = "session recover --help lists the words"
_HELP = """\
usage: session recover WORD ...

What to do when something went wrong. Each recovery is noted in
.claude/progress/recoveries.jsonl, and counted in the session's metrics.

  broken           the health check fails: what changed since it last passed
  crash            a session died: back to the last checkpoint, keeping what that replaces
  hook-rejection   a hook refused: note that, and what to adjust
  context-overflow the context is full: save a checkpoint, print what to go on with
  tool-failure     run a command again, later and later, until it succeeds
  test-timeout     a test hangs: block its feature, take the next one
  checkpoint       save a checkpoint now: at most one in five minutes
  log              what was recovered so far

session recover WORD --help says what WORD takes.

examples:
  session recover broken
  session recover crash
  session recover tool-failure --retries 5 -- npm ci
  session recover test-timeout F-2
"""

_BROKEN = """\
Show what changed since the commit on which the health check last passed, and what can be
done. Nothing is changed: no command here runs `git reset`."""
_CRASH = """\
Where a session died (state.json is dirty, or it or the feature list can't be read), go
back to the last checkpoint: both files become what they were then. Features that came
since are kept, and so is what is replaced, in .claude/progress/before-recovery-….json.
Where nothing crashed, nothing is changed, and the exit code is 0."""
_HOOK = "A hook refused something (exit code 2): note that, and say what to adjust before a retry."
_OVERFLOW = """\
The context is full: save a checkpoint, and print, in few words, what whoever goes on
with an empty context has to know."""
_TOOL = """\
Run CMD, and while it fails, again: after 1 s, 2 s, 4 s and so on. Its output passes
through; the exit code is that of the last attempt."""
_TEST = """\
A test does not end: block its feature, by default the one that is worked on, and take
the next one. `session feature tested` ends a test by itself when its time is over."""
_CHECKPOINT = """\
Save a checkpoint for `session recover crash`: the state, the features, where the
repository stands, what is still to be done. If the last one is younger than five minutes,
nothing is saved, and the exit code is 0."""


def main(argv: list[str]) -> int:
    """`broken | crash | hook-rejection | context-overflow | tool-failure | test-timeout | checkpoint | log`, with
    options. Returns the exit code, for `tool-failure` the command's."""
    return run(_recover, argv)


def _recover(argv: list[str]) -> int:
    if not argv:
        raise UsageError("Usage: session recover WORD ...", _SEE)
    word, *rest = argv[0].replace("_", "-"), *argv[1:]  # the protocol's texts write error_types so
    if word in ("--help", "-h", "help"):
        output.answer(_HELP.encode())
        return 0
    if word in ("broken", "log"):
        from session.commands import recover_report  # cost: not for those that do something

        return recover_report.broken(_parser(word, _BROKEN), rest) if word == "broken" else recover_report.log(rest)
    if word not in _WORDS:
        raise unknown(word, (*_WORDS, "broken", "log"), _SEE)
    return _WORDS[word](rest)


def _crash(argv: list[str]) -> int:
    words = _parser("crash", _CRASH)
    words.add_argument("--force", action="store_true", help="go back although nothing crashed")
    words.add_argument("--json", action="store_true", help="JSON")
    given = words.parse_args(argv)
    store = open_store()
    done = _noticed(store, lambda: recovery.crash(store, force=given.force, timeout_s=lock.timeout_s()))
    if done is None:
        _answer(given, {"recovered": False}, ["nothing to recover: no session died here"])
        return 0
    told = {"recovered": True, "checkpoint_at": done.checkpoint_at, "changes": done.changes, "saved_as": done.saved_as}
    head = f"Recovered from crash to the checkpoint of {done.checkpoint_at or 'an unknown time'}"
    lines = [head, *(f"  {line}" for line in done.changes or ["nothing differed"])]
    lines += [f"What was replaced is in {done.saved_as}", "session enter goes on from here"]
    _answer(given, told, lines, committed=True)
    return 0


def _hook_rejection(argv: list[str]) -> int:
    words = _parser("hook-rejection", _HOOK)
    words.add_argument("--note", metavar="TEXT", default="", help="what the hook said, or what will be adjusted")
    given = words.parse_args(argv)
    check_utf8("--note", given.note)
    store = open_store()
    what = given.note.strip() or "a hook refused"
    _noticed(store, lambda: recovery.note(store, recovery.HOOK_REJECTION, what, timeout_s=lock.timeout_s()))
    _answer(given, {}, [*recovery.adjustments(store), "Adjust that, then try again."], committed=True)
    return 0


def _overflow(argv: list[str]) -> int:
    words = _parser("context-overflow", _OVERFLOW)
    words.add_argument("--pending", metavar="TEXT", action="append", default=[], help="what is still to be done")
    given = words.parse_args(argv)
    _check_pending(given)
    store = open_store()
    from session.context.overflow import resume_text
    from session.host import clock
    from session.workflow.sessions import owner

    _noticed(store, lambda: recovery.overflow(store, given.pending, timeout_s=lock.timeout_s()))
    text = resume_text(store, owner=owner([]), now_ms=clock.now_ms()).text
    output.answer(text.encode("utf-8", "backslashreplace"), committed=True)
    return 0


def _tool_failure(argv: list[str]) -> int:
    at = argv.index("--") if "--" in argv else len(argv)
    words = _parser("tool-failure", _TOOL)
    words.usage = "session recover tool-failure [-h] [--retries N] [--delay S] -- CMD ..."
    words.add_argument("--retries", metavar="N", type=_retries, default=3, help="how often to try again (3)")
    words.add_argument("--delay", metavar="S", type=_delay, default=1.0, help="seconds before the first retry (1)")
    given = words.parse_args(argv[:at])
    command = argv[at + 1 :]
    if not command or not command[0]:
        words.error("what to run is missing: it comes after --")
    from session.entry import retry
    from session.text.secrets import screen_words
    from session.text.untrusted import one_line

    ended = retry.run(command, retries=given.retries, delay_s=given.delay, tell=output.tell)
    if ended.code == 0 and not ended.retries:
        return 0  # nothing failed
    times = f"{ended.retries} {'retry' if ended.retries == 1 else 'retries'}"
    what = f"{one_line(' '.join(screen_words(command)))}: exit code {ended.code} after {times}"
    store = open_store()
    try:  # whatever comes of it, the exit code is the command's
        recovery.note(store, recovery.TOOL_FAILURE, what, timeout_s=lock.timeout_s(), retries=ended.retries)
    except SessionError as error:
        output.tell(f"not noted down: {error}")
    for notice in store.notices:
        output.tell(notice)
    return ended.code


def _test_timeout(argv: list[str]) -> int:
    words = _parser("test-timeout", _TEST)
    words.add_argument("feature", metavar="FEATURE", nargs="?", default="", help="the feature's id")
    words.add_argument("--reason", metavar="TEXT", default="", help="why it is blocked (default: its test hangs)")
    given = words.parse_args(argv)
    check_utf8("FEATURE", given.feature)
    check_utf8("--reason", given.reason)
    store = open_store()
    reason = given.reason.strip() or "its test did not end in time"
    said = _noticed(store, lambda: recovery.give_up_test(store, given.feature, reason, timeout_s=lock.timeout_s()))
    _answer(given, {}, [said], committed=True)
    return 0


def _checkpoint(argv: list[str]) -> int:
    words = _parser("checkpoint", _CHECKPOINT)
    words.add_argument("--pending", metavar="TEXT", action="append", default=[], help="what is still to be done")
    words.add_argument("--force", action="store_true", help="save one in any case")
    words.add_argument("--json", action="store_true", help="JSON")
    given = words.parse_args(argv)
    _check_pending(given)
    from session.entry import auto_checkpoint
    from session.entry.documents import CHECKPOINT

    store = open_store()
    timeout_s = lock.timeout_s()
    saved = _noticed(
        store, lambda: auto_checkpoint.save(store, force=given.force, pending=given.pending, timeout_s=timeout_s)
    )
    path = store.shown_path(CHECKPOINT)
    line = f"Checkpoint saved: {path}" if saved else f"{path} is younger than five minutes: nothing saved"
    _answer(given, {"saved": saved, "path": path}, [line], committed=saved)
    return 0


def _parser(word: str, about: str) -> Parser:
    return parser(f"session recover {word}", about)


def _noticed(store: FileStore, work: Callable[[], T]) -> T:
    try:
        return work()
    finally:
        for notice in store.notices:
            output.tell(notice)


def _answer(given: Namespace, told: dict[str, object], lines: list[str], *, committed: bool = False) -> None:
    text = codec.encode(told) + b"\n" if getattr(given, "json", False) else "".join(f"{line}\n" for line in lines)
    data = text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")
    output.answer(data, committed=committed)


def _check_pending(given: Namespace) -> None:
    for text in given.pending:
        check_utf8("--pending", text)


def _retries(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 3):
        raise ValueError(text)
    return int(text)


def _delay(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 3600:
        raise ValueError(text)
    return seconds


_WORDS: dict[str, Callable[[list[str]], int]] = {
    "crash": _crash,
    "hook-rejection": _hook_rejection,
    "context-overflow": _overflow,
    "tool-failure": _tool_failure,
    "test-timeout": _test_timeout,
    "checkpoint": _checkpoint,
}


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
