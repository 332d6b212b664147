"""session-set: enter a step of a workflow, durably (seed: 002, set.ts)."""

import os
import sys

from session import output
from session.arguments import Usage, asked_for_help, check_utf8, read_stdin, split
from session.store import paths
from session.store.files import open_store
from session.workflow import sessions
from session.workflow.state import parse_context


def main(argv: list[str]) -> int:
    """`WORKFLOW STEP [CONTEXT] [--if-step STEP | --new]` prints the state as stored. Returns the exit code."""
    return output.run(_set, argv)


def _set(argv: list[str]) -> int:
    if asked_for_help("set", argv):
        return 0
    words, options = split("set", argv, flags=("--new",), options=("--if-step",))
    if len(words) < 2:
        raise Usage("set")
    if len(words) > 3:
        raise Usage("set", f"unexpected argument: {words[3]}")
    if len(options) == 2:
        raise Usage("set", "--new and --if-step exclude each other")
    workflow, step = words[:2]
    paths.check_name(workflow)
    for what, text in (("step", step), ("--if-step", options.get("--if-step", "-"))):
        if not text:
            raise Usage("set", f"{what} is empty")
        check_utf8(what, text)
    context = words[2] if len(words) == 3 else ""
    if context == "-":
        context = read_stdin("the context")
    check_utf8("the context", context)
    store = open_store()
    try:
        stored, warnings = sessions.advance(
            store,
            workflow,
            step,
            parse_context(context),
            timeout_s=paths.lock_timeout_s(),
            owner=_owner(),
            if_step=options.get("--if-step"),
            new="--new" in options,
        )
    finally:
        for notice in store.notices:
            output.tell(notice)
    for warning in warnings:
        output.tell(f"warning: {workflow}: {warning}")
    output.answer(stored + b"\n", committed=True)
    return 0


def _owner() -> str:
    owner = os.environ.get("WORKFLOW_SESSION_OWNER", "")
    if len(owner) > 512 or not (owner.isascii() and owner.isprintable()):
        output.tell("warning: WORKFLOW_SESSION_OWNER is not printable ASCII of at most 512 characters: ignored")
        return ""
    return owner


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
