"""update_state: record finished tasks, the next task, counters and the blocker in the project's state."""

import sys

from session import output
from session.errors import SessionError
from session.project import document
from session.project import state as states
from session.project.location import project_store
from session.store import lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from session.errors import UsageError
    from session.project.state import State

    Transition = Callable[[State, str], tuple[State, str]]


def main(argv: list[str]) -> int:
    """Run `update_state`; return the exit code. Without arguments it prints the status and the usage."""
    return output.run(_update, argv)


def _update(argv: list[str]) -> int:
    words = argv[1:]
    command = argv[0].lower() if argv else "status"
    if command in ("--help", "-h") or words in (["--help"], ["-h"]):
        from session.commands.project_help import HELP_UPDATE  # cost: only for --help

        output.answer(HELP_UPDATE.encode())
        return 0
    if command == "status":
        return _status(words, usage=not argv)
    transition = _transition(command, words)
    store = project_store()
    try:
        path, message = document.change(store, transition, timeout_s=lock.timeout_s())
    finally:
        for notice in store.notices:  # cost: session.notices would load contextlib
            output.tell(notice)
    updated = f"✅ State updated: {_harmless(path)}\n" if path else ""
    answer = f"{updated}{_harmless(message)}\n"
    output.answer(answer.encode(), committed=bool(path), exact=True)  # cost: else `answer` would look at each character
    return 0


def _transition(command: str, words: list[str]) -> "Transition":
    if len(words) > 1 and words[-1] == "--json":  # an option of other commands, and hardly part of a task's text
        raise _usage_error("unexpected argument: --json")
    text = " ".join(words)
    if not text.isascii():
        from session.arguments import check_utf8  # cost: only for text that is not ASCII

        check_utf8("the text", text)
    if command == "complete" and text.strip():
        return lambda state, now: states.complete(state, text, now)
    if command == "next" and len(words) > 1 and words[0].strip() and "".join(words[1:]).strip():
        return lambda state, now: states.next_task(state, words[0], " ".join(words[1:]))
    if command == "stats" and len(words) == 2 and words[0].strip():
        from session.project import counters  # cost: only for `stats`

        counter = counters.parse(words[1])
        if counter is None:
            raise _usage_error(f"not N or N/TOTAL, whole numbers of up to {counters.MOST_DIGITS} digits: {words[1]}")
        return lambda state, now: counters.update(state, words[0], counter)
    if command == "blocker" and text.strip():
        return lambda state, now: states.block(state, text)
    if command == "clear-blocker" and not words:
        return lambda state, now: states.unblock(state)
    raise _wrong_words(command, words)


def _wrong_words(command: str, words: list[str]) -> "UsageError":
    if command in ("complete", "blocker"):
        return _usage_error(f"{command} needs a text")
    if command == "next":
        return _usage_error("next needs an id and a text")
    if command == "stats":
        return _usage_error("stats needs a name and a number")
    if command == "clear-blocker":
        return _usage_error(f"unexpected argument: {words[0]}")
    return _usage_error(f"unknown command: {command}" if command else "the command is empty")


def _usage_error(message: str) -> "UsageError":
    from session.commands.project_help import UPDATE  # cost: only when a command is refused
    from session.errors import UsageError

    return UsageError(message, f"usage: {UPDATE}")


def _status(words: list[str], *, usage: bool) -> int:
    from session.commands import project_help
    from session.project import screens, status_json  # cost: only for `status`
    from session.project.location import KEY

    for word in words:
        if word != "--json":
            raise _usage_error(f"unexpected argument: {word}")
    store = project_store()
    state = document.read(store)
    try:
        if words:
            answer = status_json.summary(state, store.shown_path(KEY))
        else:
            answer = b"" if state is None else screens.status_lines(state).encode()
    except SessionError as error:
        raise document.error_with_path(store, error) from None
    output.answer(answer + (project_help.ABOUT_UPDATE.encode() if usage else b""))
    if state is None:
        output.tell(f"no project state yet: {store.shown_path(KEY)} (the first update creates it)")
    return int(state is None and not usage)


def _harmless(line: str) -> str:
    if line.isascii() and line.isprintable():
        return line
    from session.text.untrusted import inline  # cost: only for text that must be escaped

    return inline(line)


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
