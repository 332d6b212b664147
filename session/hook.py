"""The command session-hook: answer an event of an agent CLI with JSON on stdout or nothing, and exit code 0."""

import sys

from session import output
from session._posix import posix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

EVENTS = ("SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "PreCompact", "Stop", "SessionEnd")


def main(argv: list[str]) -> int:
    """Run `session-hook`: answer the event whose payload is on stdin; return 0, also after an error.

    The event's name is the first word, or else in the payload. An agent CLI stops the agent's work at any other exit
    code, so an error is only one line on stderr. A person who asks for help, or runs this on a terminal, gets the
    usual exit codes.
    """
    is_person = argv and (argv[0][:1] == "-" or argv[-1] in ("--help", "-h", "--version"))
    if is_person or (not argv and posix.isatty(0)):
        return output.run(_explain, argv)
    output.run(_hook, argv)
    return 0


def _explain(argv: list[str]) -> int:
    from session.arguments import asked_for_help, usage_error  # cost: only for people

    if asked_for_help("hook", argv):
        return 0
    raise usage_error("hook", f"unknown option: {argv[0]}" if argv else "")


def _hook(argv: list[str]) -> int:
    from session.hooks import payload as payloads  # cost: not needed for help

    payload = payloads.read()
    event = argv[0] if argv else payload.get("hook_event_name")
    if event not in EVENTS:
        from session.arguments import usage_error  # cost: when something is refused

        raise usage_error("hook", f"unknown event: {event}" if event else "")
    owner = payloads.owner(payload)
    if not owner and event != "PreToolUse":
        return 0
    payloads.enter_project(payload)
    reply = _answer(event, payload, owner)
    if reply is not None:
        from session.store import codec  # cost: most events have no answer

        output.answer(codec.compact(reply).encode() + b"\n")
    return 0


def _answer(event: str, payload: "dict[str, Any]", owner: str) -> "dict[str, Any] | None":
    """Handle the event; return the object to print, or None to print nothing."""
    # cost: each event loads its own module
    if event == "SessionStart":
        from session.hooks import session_start

        return session_start.answer(payload, owner)
    if event == "UserPromptSubmit":
        from session.hooks import user_prompt_submit

        return user_prompt_submit.answer(owner)
    if event == "PreToolUse":
        from session.hooks import pre_tool_use

        return pre_tool_use.answer(payload, owner)
    if event == "PostToolUse":
        from session.hooks import post_tool_use

        return post_tool_use.answer(payload, owner)
    if event == "Stop":
        from session.hooks import stop

        return stop.answer(payload, owner)
    if event == "SessionEnd":
        from session.hooks import session_end

        session_end.note(owner)
    else:
        from session.hooks import unfinished

        unfinished.finish(event, owner)
    return None


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
