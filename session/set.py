"""The command session-set: enter a step of a workflow, durably."""

import sys

if __name__ == "__main__":
    from session import _preload  # cost: first, because it loads the others

    _preload.load("set", running=True)

from session import output
from session.store import lock, paths
from session.workflow import sessions
from session.workflow.state import parse_context


def main(argv: list[str]) -> int:
    """Run `session-set`: enter the step and print the session as stored; return the exit code."""
    return output.run(_set, argv)


def _set(argv: list[str]) -> int:
    if len(argv) in (2, 3) and all(word and word.isascii() and word[0] != "-" for word in argv):
        words, options = argv, dict[str, str]()
    else:
        from session.arguments import set_words  # cost: only for options, help and unusual words

        words, options = set_words(argv)
        if not words:
            return 0
    workflow, step, context = words if len(words) == 3 else [*words, ""]
    paths.check_name(workflow)
    store = sessions.open_store()
    try:
        stored, warnings = sessions.advance(
            store,
            workflow,
            step,
            parse_context(context),
            timeout_s=lock.timeout_s(),
            owner=sessions.owner(store.notices),
            if_step=options.get("--if-step"),
            new="--new" in options,
        )
    finally:
        for notice in store.notices:
            output.tell(notice)
    for warning in warnings:
        output.tell(f"warning: {workflow}: {warning}")
    output.answer(stored + b"\n", committed=True, exact=True)
    return 0


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
