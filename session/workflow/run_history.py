"""Record runs in a session's history, and read them from there. A run is one execution by `session run`.

No I/O, no clock. An entry of the history holds the latest run of its step, and some fields of earlier runs:

    {"step", "at", "command"?: str, "began_at"?: ISO, "done_at"?: ISO, "exit"?: int, "output"?: str,
     "earlier"?: [{"command", "began_at", "done_at"?, "exit"?}, …]}

A run with `began_at` but without `done_at` and `exit` has no recorded result: its command may have ended or not.
"""

from session.errors import SessionError
from session.host import clock
from session.text.ages import age

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from session.workflow.state import State

OUTPUT_BYTES = 2048
_COMMAND_LENGTH = 500
_EARLIER = 20
_LINE_LENGTH = 120
_LASTING_KEYS = ("command", "began_at", "done_at", "exit")  # they stay when the step is run again
_RUN_KEYS = (*_LASTING_KEYS, "output", "earlier")


class Run:
    """One recorded run. A field is None if the record lacks it or holds another type.

    `earlier` is True if another run of the same history entry followed.
    """

    __slots__ = ("began_at", "command", "done_at", "earlier", "exit", "output", "step")

    def __init__(self, step: str, record: "dict[str, Any]", *, earlier: bool) -> None:
        self.step = step
        self.command = _text(record.get("command"))
        self.began_at = _text(record.get("began_at"))
        self.done_at = _text(record.get("done_at"))
        code = record.get("exit")
        self.exit = code if isinstance(code, int) and not isinstance(code, bool) else None
        self.output = None if earlier else _text(record.get("output"))
        self.earlier = earlier

    @property
    def unknown(self) -> bool:
        """Return True if no result of the run is recorded."""
        return self.done_at is None and self.exit is None


def runs(state: "State") -> list[Run]:
    """Return all recorded runs, in the order of the history. A malformed state raises no error."""
    recorded: list[Run] = []
    history = state.get("history")
    for entry in history if isinstance(history, list) else ():
        step = entry.get("step") if isinstance(entry, dict) else None
        if isinstance(step, str):
            earlier = entry.get("earlier")
            records = earlier if isinstance(earlier, list) else ()
            recorded += [Run(step, record, earlier=True) for record in records if isinstance(record, dict)]
            if any(entry.get(key) is not None for key in _LASTING_KEYS):
                recorded.append(Run(step, entry, earlier=False))
    return recorded


def line(run: Run, now_ms: int) -> str:
    """Return one printable line about a run: its step, its result and its age.

    `git:pr:create: exit 0, 14 min ago: https://…/pull/8`, or
    `git:pr:create began 12 min ago, no result recorded: check before repeating`.
    """
    from session.text.untrusted import one_line  # cost: only if something was run

    step = one_line(run.step)
    if run.unknown:
        return f"{step} began {ago(run.began_at, now_ms)}, no result recorded: check before repeating"
    if run.exit is None:
        return f"{step} ended {ago(run.done_at, now_ms)}, exit code not recorded: check before repeating"
    when = "" if clock.parse_ms(run.done_at) is None else f", {ago(run.done_at, now_ms)}"
    last = last_line(run.output)
    return f"{step}: exit {run.exit}{when}" + (f": {last}" if last else "")


def last_line(output: str | None) -> str:
    """Return the last non-empty line of an output, printable and cut to a bounded length; "" if there is none."""
    if not output:
        return ""
    import re  # cost: only if a command printed something

    from session.text.untrusted import one_line

    end = re.sub(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-Z\\^-~])", "", output[-4096:])
    lines = (part.strip() for part in reversed(re.split(r"[\r\n]", end)))
    return one_line(next(filter(None, lines), ""), _LINE_LENGTH)


def begin(state: "State", command: str, now_ms: int) -> "tuple[State, str]":
    """Return the state with a new run of its current step, and the run's `began_at`.

    No other run of the step has this `began_at`. SessionError if the history has an unexpected shape; its message
    continues the file's path.
    """
    entries = _entries(state)
    if entries is None:
        raise SessionError("has a history in which no run can be noted", "mend it, or drop it with session-reset")
    entry = entries[-1]
    used_times = {run.began_at for run in runs(state) if run.step == entry["step"]}
    while (began_at := clock.iso(now_ms)) in used_times:
        now_ms += 1
    earlier = list(entry.get("earlier", ()))
    if any(key in entry for key in _LASTING_KEYS):
        earlier.append({key: entry[key] for key in _LASTING_KEYS if key in entry})
    if len(earlier) > _EARLIER:
        # drop failures first: `--once` must find out that the step succeeded
        failures = (at for at, run in enumerate(earlier) if not (isinstance(run, dict) and run.get("exit") == 0))
        del earlier[next(failures, 0)]
    new_entry = {key: value for key, value in entry.items() if key not in _RUN_KEYS}
    new_entry |= {"command": command, "began_at": began_at}
    if earlier:
        new_entry["earlier"] = earlier
    return {**state, "history": [*entries[:-1], new_entry]}, began_at


def finish(state: "State", step: str, began_at: str, *, done_at: str, code: int, output: str) -> "State | None":
    """Return the state with the result of the run of `step` that began at `began_at`; None if it has no such run.

    The output is recorded only if no other run of the same history entry began since.
    """
    result = {"done_at": done_at, "exit": code}
    history = state.get("history")
    if not isinstance(history, list):
        return None
    for at, entry in enumerate(history):
        if not isinstance(entry, dict) or entry.get("step") != step:
            continue
        earlier = entry.get("earlier")
        if entry.get("began_at") == began_at:
            new_entry = {**entry, **result}
            if output:
                new_entry["output"] = output
            if "earlier" in new_entry:  # keep it last: people read the file
                new_entry["earlier"] = new_entry.pop("earlier")
        elif isinstance(earlier, list):
            matches = [isinstance(run, dict) and run.get("began_at") == began_at for run in earlier]
            if not any(matches):
                continue
            records = [{**run, **result} if match else run for run, match in zip(earlier, matches, strict=True)]
            new_entry = {**entry, "earlier": records}
        else:
            continue
        return {**state, "history": [*history[:at], new_entry, *history[at + 1 :]]}
    return None


def command_text(words: "Sequence[str]") -> str:
    """Return a command line as text for the record: quoted for a shell, without secrets, of bounded length."""
    from shlex import join  # cost: only if something is run

    from session.text.secrets import screen_words

    text = join(screen_words([word.encode("utf-8", "replace").decode() for word in words]))
    return text if len(text) <= _COMMAND_LENGTH else text[: _COMMAND_LENGTH - 1] + "…"


def output_text(end: bytes, *, whole: bool) -> str:
    """Return the text to record of an output: at most its last 2048 bytes, without secrets.

    `end` is the end of the output; `whole` is True if `end` is all of it.
    """
    from session.text.secrets import screen  # cost: only if something is run

    if not whole:  # drop the first line: it may be half of a secret, which no longer looks like one
        rest = end.partition(b"\n")[2]
        end = rest if len(rest) > len(end) // 2 else end
    tail = screen(end.decode("utf-8", "replace")).encode()[-OUTPUT_BYTES:]
    return tail.decode("utf-8", "ignore")  # ignore the rest of a character that the limit cut in two


def _entries(state: "State") -> "list[dict[str, Any]] | None":
    """Return the history if it has one well-formed entry for each step, else None."""
    history, steps = state.get("history"), state.get("steps")
    if not isinstance(history, list) or not isinstance(steps, list) or not history or len(history) != len(steps):
        return None
    for entry, step in zip(history, steps, strict=True):
        if not isinstance(entry, dict) or not isinstance(step, str) or entry.get("step") != step:
            return None
        if not isinstance(entry.get("at"), str | None):
            return None
    return history if isinstance(history[-1].get("earlier", []), list) else None


def ago(at: str | None, now_ms: int) -> str:
    """Return `12 min ago` for an ISO 8601 time, or `at an unknown time`."""
    at_ms = clock.parse_ms(at)
    return "at an unknown time" if at_ms is None else f"{age(now_ms - at_ms)} ago"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
