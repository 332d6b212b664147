"""session transition: change the entry protocol's state, show it, or check whether a change is allowed."""

import sys
from argparse import Namespace

from session import output
from session.commands.parser import parser, run
from session.entry import documents, states
from session.entry.documents import STATE, Document
from session.errors import SessionError, UsageError
from session.host.project_store import open_store
from session.notices import print_all
from session.store import codec, lock

_DESCRIPTION = f"""\
The entry protocol's state: {", ".join(states.STATES)}.

Change the state to TO. The change must be one that the protocol allows, or the next
state that the last `session enter` printed. It is recorded in .claude/progress/state.json.
TEST to IMPLEMENT counts as a failed attempt at the feature: after three, the feature is
blocked, and the next one is taken."""
_EXAMPLES = """\
session transition IMPLEMENT 'F-2 comes next'
session transition --show
session transition --validate TEST COMPLETE"""


def main(argv: list[str]) -> int:
    """Run `session transition`; return the exit code."""
    return run(_transition, argv)


def _transition(argv: list[str]) -> int:
    arguments = parser("session transition", _DESCRIPTION, _EXAMPLES)
    modes = arguments.add_mutually_exclusive_group()
    modes.add_argument("--show", action="store_true", help="print the state; with --json, the whole record")
    modes.add_argument("--validate", action="store_true", help="check FROM TO: exit code 0 if allowed, else 1")
    arguments.add_json("print JSON")
    arguments.add_argument("words", metavar="TO [REASON]", nargs="*", help="the new state, and why")
    options = arguments.parse_args(argv)
    if options.show:
        return _show(options)
    if options.validate:
        return _validate(options)
    if not options.words:
        raise UsageError("Usage: session transition TO [REASON]", f"states: {', '.join(states.STATES)}")
    return _enter(options)


def _show(options: Namespace) -> int:
    if options.words:
        raise UsageError(f"unexpected argument: {options.words[0]}", "usage: session transition --show [--json]")
    store = open_store()
    state = documents.read(store, STATE) or {}
    print_all(store.notices)
    if not options.json:
        output.answer(f"{states.current(state)}\n".encode("utf-8", "replace"))
        return 0
    answer = {"health_status": states.UNKNOWN, **state, "state": states.current(state)}
    answer["valid_next"] = list(states.followers(answer["state"], _health(state)))
    output.answer(codec.encode(answer) + b"\n")
    return 0


def _validate(options: Namespace) -> int:
    if len(options.words) != 2:
        usage = "Usage: session transition --validate FROM TO"
        raise UsageError(usage, f"States: {', '.join(states.STATES)}")
    old, new = options.words
    try:
        health = _health(documents.read(open_store(), STATE) or {})
    except SessionError as error:
        output.tell(str(error))
        health = states.UNKNOWN
    refusal = states.refusal(old, new, health)
    if options.json:
        answer = {"from": old, "to": new, "valid": not refusal, "valid_next": list(states.followers(old, health))}
        output.answer(codec.encode(answer) + b"\n")
    elif refusal:
        output.answer(f"{refusal}\n".encode("utf-8", "replace"))
    return int(bool(refusal))


def _enter(options: Namespace) -> int:
    new, *rest = options.words
    if new not in states.STATES:
        raise UsageError(f"Error: Invalid state '{new}'. Valid states: {' '.join(states.STATES)}")
    from session.entry import transition  # cost: only for a change of state

    store = open_store()
    result = transition.enter(store, new, " ".join(rest), timeout_s=lock.timeout_s())
    if result.is_first:
        print_all(store.notices)
    if options.json:
        answer = {"from": result.old, "to": result.new, "state": result.state, "said": result.messages}
        data = codec.encode(answer) + b"\n"
    else:
        lines = (f"{result.old} → {result.new}", *result.messages)
        data = "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")
    output.answer(data, committed=True)
    return 0


def _health(state: Document) -> str:
    health = state.get("health_status")
    return health if isinstance(health, str) else states.UNKNOWN


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
