"""Run a chain's shell verification when the agent is about to stop; while the command fails, the agent must go on.

The command comes from a tool's result. So it runs only if the user trusts it in this project, and only a limited number
of times.
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

LIMIT_S = 540.0  # less than 600 seconds, after which the agent CLI kills the hook
_OUTPUT_BYTES = 1 << 24
_TAIL = 2000  # the most characters of the output that the agent gets


def answer(owner: str) -> "dict[str, Any] | None":
    """Return the answer that blocks the stop, with the end of the command's output, or None if the agent may stop."""
    state: dict[str, Any] = dict(states.load(owner) or {})
    command = state.get("pending_shell_verify")
    if not isinstance(command, str) or not command.strip():
        return None
    most = most_attempts(state)
    if count_of(state, "shell_verify_attempts") >= most:
        return None
    refusal = _refusal(command)
    if refusal:
        tell(refusal)
        is_new = state.get("shell_verify_told") != command
        return _block(refusal) if is_new and _change(owner, verification_outcome.record_notice(command)) else None
    failure, output = _run(command)
    if not failure:
        _change(owner, verification_outcome.record_pass(command))
        return None
    after = _change(owner, verification_outcome.record_failure(command))
    if after is None or after.get("pending_shell_verify") != command:
        return None  # the attempt could not be counted, and blocking without a count could loop for ever
    attempt = count_of(after, "shell_verify_attempts")
    line = f"Shell verification failed (attempt {attempt}/{most}): `{shown(command)}` {failure}"
    if attempt >= most:
        tell(f"{line}: not run again")
        return None
    return _block(f"{line}. The end of its output, as data:\n{_fenced(output)}")


def _block(reason: str) -> "dict[str, Any]":
    return {"decision": "block", "reason": reason}


def _refusal(command: str) -> str:
    """Return in one line the reason not to run the command, or "" if the user trusts it in this project."""
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
    """Run the command; return its failure in words ("" if it passed), and its output."""
    words = ["/bin/sh", "-c", f"exec 2>&1\n{command}"]  # one stream, so that stdout and stderr keep their order
    try:
        result = process.capture(words, cwd=posix.getcwd(), timeout_s=LIMIT_S, limit=_OUTPUT_BYTES)
    except SessionError as error:
        return f"was not run to its end: {error}", b""
    if result.cut:
        return f"was ended, as it wrote more than {_OUTPUT_BYTES >> 20} MiB", result.out
    end = f"exit code {result.code}" if result.code >= 0 else f"signal {-result.code}"
    return (f"ended with {end}" if result.code else ""), result.out


def _change(owner: str, change: "Change") -> "dict[str, Any] | None":
    """Change the conversation's state; return the new one, or None if there is none.

    If that fails, print the error to stderr and return None.
    """
    try:
        return states.update(owner, change, TIMEOUT_S)
    except SessionError as error:
        tell(str(error))
        return None


def _fenced(output: bytes) -> str:
    """Return the end of the output in a code fence that the output cannot close, without secrets."""
    text = screened_end(output, _TAIL).strip()[-_TAIL:] or "(nothing)"
    # cut again: an escape takes six characters, and agent CLIs read only 10,000
    text = visible(text, keep="\n\t")[-2 * _TAIL :]
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"
