"""update_state: note what is done, what comes next, how far it is, what blocks (seed: 000)."""

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
    """`complete TEXT`, `next ID TEXT`, `stats NAME N[/TOTAL]`, `blocker TEXT`, `clear-blocker`, `status [--json]`;
    without words, status and usage. Returns the exit code."""
    return output.run(_update, argv)


def _update(argv: list[str]) -> int:
    words = argv[1:]
    command = argv[0].lower() if argv else "status"
    if command in ("--help", "-h") or words in (["--help"], ["-h"]):
        from session.commands.project_help import HELP_UPDATE  # cost: only to be shown

        output.answer(HELP_UPDATE.encode())
        return 0
    if command == "status":
        return _status(words, usage=not argv)
    transition = _transition(command, words)
    store = project_store()
    try:
        path, said = document.change(store, transition, timeout_s=lock.timeout_s())
    finally:
        for notice in store.notices:
            output.tell(notice)
    answer = f"✅ State updated: {path}\n{_harmless(said)}\n"
    output.answer(answer.encode("utf-8", "surrogateescape"), committed=True)
    return 0


def _transition(command: str, words: list[str]) -> "Transition":
    text = " ".join(words)
    if not text.isascii():
        from session.arguments import check_utf8  # cost: for words that take a closer look

        check_utf8("the text", text)
    if command == "complete" and text.strip():
        return lambda state, now: states.complete(state, text, now)
    if command == "next" and len(words) > 1 and words[0].strip() and "".join(words[1:]).strip():
        return lambda state, now: states.next_task(state, words[0], " ".join(words[1:]))
    if command == "stats" and len(words) == 2 and words[0].strip():
        from session.project import counters  # cost: for this one alone

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


def _usage_error(wrong: str) -> "UsageError":
    from session.commands.project_help import UPDATE  # cost: when something is refused
    from session.errors import UsageError

    return UsageError(wrong, f"usage: {UPDATE}")


def _status(words: list[str], *, usage: bool) -> int:
    from session.commands import project_help as usages
    from session.project import screens, status_json  # cost: not for what writes
    from session.project.location import KEY

    for word in words:
        if word != "--json":
            raise _usage_error(f"unexpected argument: {word}")
    store = project_store()
    state = document.read(store)
    try:
        if words:
            shown = status_json.summary(state, store.shown_path(KEY))
        else:
            shown = b"" if state is None else screens.update_status(state).encode()
    except SessionError as error:
        raise document.about(store, error) from None
    output.answer(shown + (usages.ABOUT_UPDATE.encode() if usage else b""))
    if state is None:
        output.tell(f"no project state yet: {store.shown_path(KEY)} (the first update creates it)")
    return int(state is None and not usage)


def _harmless(line: str) -> str:
    if line.isascii() and line.isprintable():
        return line
    from session.text.untrusted import inline  # cost: only for what needs a closer look

    return inline(line)


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
