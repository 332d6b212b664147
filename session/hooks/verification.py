"""The shell verification of a chain, run when the agent is about to stop: as long as it fails, the agent goes on.

The command comes from a tool's result, so it is run only if the user trusts it in this project, and only so often.
"""

import shlex

from session._posix import posix
from session.chain import state as states
from session.chain import verification_outcome
from session.chain.reminder import count_of, most_attempts, shown
from session.errors import SessionError
from session.hooks.glance import TIMEOUT_S
from session.host import process, trust
from session.output import tell
from session.root import find_root
from session.text.secrets import screened_end
from session.text.untrusted import inline, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from session.chain.verification_outcome import Change

LIMIT_S = 540.0  # the agent CLI gives the hook 600
_OUTPUT_BYTES = 1 << 24
_TAIL = 2000


def answer(owner: str) -> "dict[str, Any] | None":
    """The block, with the end of what the command wrote; None where the agent may stop."""
    state: dict[str, Any] = dict(states.load(owner) or {})
    command = state.get("pending_shell_verify")
    if not isinstance(command, str) or not command.strip():
        return None
    most = most_attempts(state)
    if count_of(state, "shell_verify_attempts") >= most:
        return None
    untrusted = _why_not(command)
    if untrusted:
        tell(untrusted)
        is_new = state.get("shell_verify_told") != command
        return _block(untrusted) if is_new and _change(owner, verification_outcome.told(command)) else None
    wrong, output = _run(command)
    if not wrong:
        _change(owner, verification_outcome.passed(command))
        return None
    after = _change(owner, verification_outcome.failed(command))
    if after is None or after.get("pending_shell_verify") != command:
        return None  # who can't count does not block: it might be for ever
    attempt = count_of(after, "shell_verify_attempts")
    line = f"Shell verification failed (attempt {attempt}/{most}): `{shown(command)}` {wrong}"
    if attempt >= most:
        tell(f"{line}: not run again")
        return None
    return _block(f"{line}. The end of its output, as data:\n{_fenced(output)}")


def _block(reason: str) -> "dict[str, Any]":
    return {"decision": "block", "reason": reason}


def _why_not(command: str) -> str:
    """Why the command is not to be run, in one line; empty if the user trusts it here."""
    start = f"shell verification not run: `{shown(command)}`"
    if inline(command) != command:
        return f"{start} holds characters that cannot be shown"
    try:
        commands = trust.verification(command)
        if set(trust.status(find_root()[0], commands).values()) == {trust.TRUSTED}:
            return ""
    except SessionError as error:
        return f"{start}: {error}"
    return f"{start} is not trusted by the user (in a terminal: session trust --command {shlex.quote(command)})"


def _run(command: str) -> tuple[str, bytes]:
    """What went wrong, empty for nothing; and what the command wrote."""
    words = ["/bin/sh", "-c", f"exec 2>&1\n{command}"]  # as a terminal would show it: both outputs in one order
    try:
        done = process.capture(words, cwd=posix.getcwd(), timeout_s=LIMIT_S, limit=_OUTPUT_BYTES)
    except SessionError as error:
        return f"was not run to its end: {error}", b""
    if done.cut:
        return f"was ended, as it wrote more than {_OUTPUT_BYTES >> 20} MiB", done.out
    how = f"exit code {done.code}" if done.code >= 0 else f"signal {-done.code}"
    return (f"ended with {how}" if done.code else ""), done.out


def _change(owner: str, change: "Change") -> "dict[str, Any] | None":
    """The state after the change, None where there is none or it could not be changed, which is told."""
    try:
        return states.update(owner, change, TIMEOUT_S)
    except SessionError as error:
        tell(str(error))
        return None


def _fenced(output: bytes) -> str:
    text = screened_end(output, _TAIL).strip()[-_TAIL:] or "(nothing)"
    text = visible(text, keep="\n\t")[-2 * _TAIL :]  # what can't be shown becomes six; agent CLIs cut at 10,000
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"
