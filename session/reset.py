"""The command session-reset: delete a workflow's session without archiving it."""

import sys

if __name__ == "__main__":
    from session import _preload  # cost: first, because it loads the others

    _preload.load("reset", running=True)

from session import output
from session.arguments import asked_for_help, split, usage_error
from session.store import lock, paths
from session.workflow import sessions


def main(argv: list[str]) -> int:
    """Run `session-reset`: delete the session, even if its file is damaged; return the exit code."""
    return output.run(_reset, argv)


def _reset(argv: list[str]) -> int:
    if asked_for_help("reset", argv):
        return 0
    words, _ = split("reset", argv)
    if not words or not words[0]:
        raise usage_error("reset")
    if len(words) > 1:
        raise usage_error("reset", f"unexpected argument: {words[1]}")
    workflow = words[0]
    paths.check_name(workflow)
    store = sessions.open_store()
    is_deleted = sessions.reset(store, workflow, timeout_s=lock.timeout_s())
    for notice in store.notices:
        output.tell(notice)
    message = f"Session {workflow} reset\n" if is_deleted else f"No session found for {workflow}\n"
    output.answer(message.encode(), committed=is_deleted, exact=True)
    return 0


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
