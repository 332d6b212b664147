"""session transition: change the entry protocol's state, see it, or ask what may follow."""

import sys
from argparse import Namespace

from session import output
from session.commands.parser import parser, run
from session.entry import documents, states
from session.entry.documents import STATE, Document
from session.errors import SessionError, UsageError
from session.store import codec, lock
from session.store.files import open_store

_DESCRIPTION = f"""\
The entry protocol's state: {", ".join(states.STATES)}.

A transition must be one that may follow, or what the last `session enter` said comes
next; it is noted in .claude/progress/state.json. From TEST back to IMPLEMENT counts as
a failed attempt: after three, the feature is blocked and the next one is taken."""
_EXAMPLES = """\
session transition IMPLEMENT 'F-2 comes next'
session transition --show
session transition --validate TEST COMPLETE"""


def main(argv: list[str]) -> int:
    """`TO [REASON ...]`, `--show` or `--validate FROM TO`. Returns the exit code."""
    return run(_transition, argv)


def _transition(argv: list[str]) -> int:
    words = parser("session transition", _DESCRIPTION, _EXAMPLES)
    ways = words.add_mutually_exclusive_group()
    ways.add_argument("--show", action="store_true", help="print the state, with --json all that is known of it")
    ways.add_argument("--validate", action="store_true", help="exit code 0 if TO may follow FROM, else 1")
    words.add_argument("--json", action="store_true", help="JSON")
    words.add_argument("words", metavar="TO [REASON]", nargs="*", help="the state to enter, and why")
    given = words.parse_args(argv)
    if given.show:
        return _show(given)
    if given.validate:
        return _validate(given)
    if not given.words:
        raise UsageError("Usage: transition-state TO [REASON]", f"states: {', '.join(states.STATES)}")
    return _enter(given)


def _show(given: Namespace) -> int:
    if given.words:
        raise UsageError(f"unexpected argument: {given.words[0]}", "usage: check-state [--json]")
    state = documents.read(open_store(), STATE) or {}
    if not given.json:
        output.answer(f"{states.current(state)}\n".encode("utf-8", "replace"))
        return 0
    told = {"health_status": states.UNKNOWN, **state, "state": states.current(state)}
    told["valid_next"] = list(states.followers(told["state"], _health(state)))
    output.answer(codec.encode(told) + b"\n")
    return 0


def _validate(given: Namespace) -> int:
    if len(given.words) != 2:
        usage = "Usage: validate-transition FROM TO"
        raise UsageError(usage, f"States: {', '.join(states.STATES)}")
    old, new = given.words
    try:
        health = _health(documents.read(open_store(), STATE) or {})
    except SessionError as error:
        output.tell(str(error))
        health = states.UNKNOWN
    refusal = states.refusal(old, new, health)
    if given.json:
        told = {"from": old, "to": new, "valid": not refusal, "valid_next": list(states.followers(old, health))}
        output.answer(codec.encode(told) + b"\n")
    elif refusal:
        output.answer(f"{refusal}\n".encode("utf-8", "replace"))
    return int(bool(refusal))


def _enter(given: Namespace) -> int:
    new, *rest = given.words
    if new not in states.STATES:
        raise UsageError(f"Error: Invalid state '{new}'. Valid states: {' '.join(states.STATES)}")
    from session.entry import transition  # cost: not for those who ask

    store = open_store()
    done = transition.enter(store, new, " ".join(rest), timeout_s=lock.timeout_s())
    if done.is_first:
        for notice in store.notices:
            output.tell(notice)
    told = {"from": done.old, "to": done.new, "state": done.state, "said": done.messages}
    lines = "".join(f"{line}\n" for line in (f"{done.old} → {done.new}", *done.messages))
    output.answer(codec.encode(told) + b"\n" if given.json else lines.encode("utf-8", "replace"), committed=True)
    return 0


def _health(state: Document) -> str:
    health = state.get("health_status")
    return health if isinstance(health, str) else states.UNKNOWN


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
