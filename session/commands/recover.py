"""session recover: one recovery for each kind of failure, and the log of recoveries."""

import sys
from argparse import Namespace
from collections.abc import Callable

from session import output
from session.arguments import check_utf8
from session.commands.parser import Parser, parser, run, unknown
from session.entry import recovery
from session.errors import SessionError, UsageError
from session.host.project_store import open_store
from session.notices import print_all, printed
from session.store import codec, lock

_SEE = "session recover --help lists the words"
_HELP = """\
usage: session recover WORD ...

Recover from a failure. Each recovery is logged in .claude/progress/recoveries.jsonl
and counted in the entry session's metrics.

  broken           the health check fails: show what changed since it last passed
  crash            an entry session crashed: go back to the last auto-checkpoint
  hook-rejection   a hook refused an action: log it, print what to adjust
  context-overflow the context is full: save an auto-checkpoint, print a summary
  tool-failure     a command fails: run it again, with longer and longer pauses
  test-timeout     a test hangs: block its feature and take the next one
  checkpoint       save an auto-checkpoint, unless the last one is under 5 minutes old
  log              list the recoveries so far

session recover WORD --help prints the options of WORD.

examples:
  session recover broken
  session recover crash
  session recover tool-failure --retries 5 -- npm ci
  session recover test-timeout F-2
"""

_BROKEN = """\
Show what changed since the commit on which the health check last passed, and the possible
repairs. Nothing in the repository is changed: this command never runs `git reset`."""
_CRASH = """\
Go back to the last auto-checkpoint if an entry session crashed: that is, if state.json is
marked dirty, or if state.json or the feature list can't be read. Both files are restored.
Features added since the auto-checkpoint are kept. The replaced files are saved in
.claude/progress/before-recovery-….json.
If nothing crashed, nothing is changed, and the exit code is 0."""
_HOOK = "Log that a hook refused something (exit code 2), and print what to adjust before a retry."
_OVERFLOW = """\
Save an auto-checkpoint because the context is full, and print a short text with all that is
needed to continue with an empty context."""
_TOOL = """\
Run CMD. While it fails, run it again, after 1 s, 2 s, 4 s and so on. Its output is printed;
the exit code is that of the last attempt."""
_TEST = """\
Block the feature whose test does not end, by default the current one, and take the next
feature. (`session feature tested` stops a test by itself when its time limit is reached.)"""
_CHECKPOINT = """\
Save an auto-checkpoint for `session recover crash`: the state, the features, the repository's
commit, and what is still to be done. If the last one is under 5 minutes old, nothing is
saved, and the exit code is 0."""
_JSON = "print JSON"
_PENDING = "something still to be done; can be given several times"


def main(argv: list[str]) -> int:
    """Run `session recover WORD …`; return the exit code, for `tool-failure` that of the command."""
    return run(_recover, argv)


def _recover(argv: list[str]) -> int:
    if not argv:
        raise UsageError("Usage: session recover WORD ...", _SEE)
    word, *rest = (
        argv[0].replace("_", "-"),
        *argv[1:],
    )  # the entry protocol's texts spell the words with an underscore: test_timeout
    if word in ("--help", "-h", "help"):
        output.answer(_HELP.encode())
        return 0
    if word in ("broken", "log"):
        from session.commands import recover_report  # cost: only for `broken` and `log`

        if word == "log":
            return recover_report.show_log(rest)
        return recover_report.show_broken(_parser(word, _BROKEN), rest)
    if word not in _WORDS:
        raise unknown(word, (*_WORDS, "broken", "log"), _SEE)
    return _WORDS[word](rest)


def _crash(argv: list[str]) -> int:
    arguments = _parser("crash", _CRASH)
    arguments.add_argument("--force", action="store_true", help="go back even if nothing crashed")
    arguments.add_json(_JSON)
    options = arguments.parse_args(argv)
    store = open_store()
    with printed(store.notices):
        result = recovery.crash(store, force=options.force, timeout_s=lock.timeout_s())
    if result is None:
        _answer(options, {"recovered": False}, ["nothing to recover: no session died here"])
        return 0
    lines = [f"Recovered from crash to the checkpoint of {result.checkpoint_at or 'an unknown time'}"]
    lines += [f"  {line}" for line in result.changes or ["nothing differed"]]
    lines += [f"What was replaced is in {result.saved_as}", "session enter goes on from here"]
    answer: dict[str, object] = {
        "recovered": True,
        "checkpoint_at": result.checkpoint_at,
        "changes": result.changes,
        "saved_as": result.saved_as,
    }
    _answer(options, answer, lines, committed=True)
    return 0


def _hook_rejection(argv: list[str]) -> int:
    arguments = _parser("hook-rejection", _HOOK)
    arguments.add_argument("--note", metavar="TEXT", default="", help="the hook's message, or what you will adjust")
    options = arguments.parse_args(argv)
    check_utf8("--note", options.note)
    store = open_store()
    message = options.note.strip() or "a hook refused"
    with printed(store.notices):
        recovery.note(store, recovery.HOOK_REJECTION, message, timeout_s=lock.timeout_s())
    _answer(options, {}, [*recovery.adjustments(store), "Adjust that, then try again."], committed=True)
    return 0


def _overflow(argv: list[str]) -> int:
    arguments = _parser("context-overflow", _OVERFLOW)
    arguments.add_argument("--pending", metavar="TEXT", action="append", default=[], help=_PENDING)
    options = arguments.parse_args(argv)
    _check_pending(options)
    store = open_store()
    from session.context.overflow import resume_text
    from session.host import clock
    from session.workflow.sessions import owner

    with printed(store.notices):
        recovery.overflow(store, options.pending, timeout_s=lock.timeout_s())
    text = resume_text(store, owner=owner([]), now_ms=clock.now_ms()).text
    output.answer(text.encode("utf-8", "backslashreplace"), committed=True)
    return 0


def _tool_failure(argv: list[str]) -> int:
    split = argv.index("--") if "--" in argv else len(argv)
    arguments = _parser("tool-failure", _TOOL)
    arguments.usage = "session recover tool-failure [-h] [--retries N] [--delay S] -- CMD ..."
    arguments.add_argument(
        "--retries", metavar="N", type=_retries, default=3, help="most repetitions after the first attempt (default 3)"
    )
    arguments.add_argument(
        "--delay", metavar="S", type=_delay, default=1.0, help="seconds before the first repetition (default 1)"
    )
    options = arguments.parse_args(argv[:split])
    command = argv[split + 1 :]
    if not command or not command[0]:
        arguments.error("what to run is missing: it comes after --")
    from session.entry import retry
    from session.text.secrets import screen_words
    from session.text.untrusted import one_line

    result = retry.run(command, retries=options.retries, delay_s=options.delay, tell=output.tell)
    if result.code == 0 and not result.retries:
        return 0  # the command succeeded at once: there is no recovery to log
    times = f"{result.retries} {'retry' if result.retries == 1 else 'retries'}"
    message = f"{one_line(' '.join(screen_words(command)))}: exit code {result.code} after {times}"
    store = open_store()
    try:  # an error here must not change the exit code, which is the command's
        recovery.note(store, recovery.TOOL_FAILURE, message, timeout_s=lock.timeout_s(), retries=result.retries)
    except SessionError as error:
        output.tell(f"the recovery was not logged: {error}")
    print_all(store.notices)
    return result.code


def _test_timeout(argv: list[str]) -> int:
    arguments = _parser("test-timeout", _TEST)
    arguments.add_argument("feature", metavar="FEATURE", nargs="?", default="", help="the feature's id")
    arguments.add_argument("--reason", metavar="TEXT", default="", help="why it is blocked (default: its test hangs)")
    options = arguments.parse_args(argv)
    check_utf8("FEATURE", options.feature)
    check_utf8("--reason", options.reason)
    store = open_store()
    reason = options.reason.strip() or "its test did not end in time"
    with printed(store.notices):
        line = recovery.give_up_test(store, options.feature, reason, timeout_s=lock.timeout_s())
    _answer(options, {}, [line], committed=True)
    return 0


def _checkpoint(argv: list[str]) -> int:
    arguments = _parser("checkpoint", _CHECKPOINT)
    arguments.add_argument("--pending", metavar="TEXT", action="append", default=[], help=_PENDING)
    arguments.add_argument("--force", action="store_true", help="save one even if the last one is under 5 minutes old")
    arguments.add_json(_JSON)
    options = arguments.parse_args(argv)
    _check_pending(options)
    from session.entry import auto_checkpoint
    from session.entry.documents import CHECKPOINT

    store = open_store()
    with printed(store.notices):
        is_saved = auto_checkpoint.save(store, force=options.force, pending=options.pending, timeout_s=lock.timeout_s())
    path = store.shown_path(CHECKPOINT)
    line = f"Checkpoint saved: {path}" if is_saved else f"{path} is younger than five minutes: nothing saved"
    _answer(options, {"saved": is_saved, "path": path}, [line], committed=is_saved)
    return 0


def _parser(word: str, description: str) -> Parser:
    return parser(f"session recover {word}", description)


def _answer(options: Namespace, answer: dict[str, object], lines: list[str], *, committed: bool = False) -> None:
    """Print `answer` as JSON if `--json` is given, else `lines`."""
    if getattr(options, "json", False):
        data = codec.encode(answer) + b"\n"
    else:
        data = "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")
    output.answer(data, committed=committed)


def _check_pending(options: Namespace) -> None:
    for text in options.pending:
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
