"""What `run` notes in a session's history, and what that tells. Pure: no files, no clock.

An entry of the history holds the latest run of its step, and what is left of those before:

    {"step", "at", "command"?: str, "began_at"?: ISO, "done_at"?: ISO, "exit"?: int, "output"?: str,
     "earlier"?: [{"command", "began_at", "done_at"?, "exit"?}, …]}

`began_at` alone: the command began, and whether it ended, and how, nobody recorded.
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
_KEPT = ("command", "began_at", "done_at", "exit")  # of a run that another one follows
_OF_A_RUN = (*_KEPT, "output", "earlier")


class Run:
    """A run as recorded. What the record lacks, or has in another type, is None. `earlier`: another run of the
    same entry followed."""

    __slots__ = ("began_at", "command", "done_at", "earlier", "exit", "output", "step")

    def __init__(self, step: str, told: "dict[str, Any]", *, earlier: bool) -> None:
        self.step = step
        self.command = _text(told.get("command"))
        self.began_at = _text(told.get("began_at"))
        self.done_at = _text(told.get("done_at"))
        code = told.get("exit")
        self.exit = code if isinstance(code, int) and not isinstance(code, bool) else None
        self.output = None if earlier else _text(told.get("output"))
        self.earlier = earlier

    @property
    def unknown(self) -> bool:
        """Whether it began, and no result was recorded."""
        return self.done_at is None and self.exit is None


def runs(state: "State") -> list[Run]:
    """Everything that was run, in the order of the history. Never an error, whatever the state holds."""
    found: list[Run] = []
    history = state.get("history")
    for entry in history if isinstance(history, list) else ():
        step = entry.get("step") if isinstance(entry, dict) else None
        if isinstance(step, str):
            earlier = entry.get("earlier")
            before = earlier if isinstance(earlier, list) else ()
            found += [Run(step, told, earlier=True) for told in before if isinstance(told, dict)]
            if any(entry.get(key) is not None for key in _KEPT):
                found.append(Run(step, entry, earlier=False))
    return found


def line(run: Run, now_ms: int) -> str:
    """The truth about a run on one harmless line.

    `git:pr:create: exit 0, 14 min ago: https://…/pull/8`, or
    `git:pr:create began 12 min ago, no result recorded: check before repeating`.
    """
    from session.text.untrusted import one_line  # cost: only where something was run

    step = one_line(run.step)
    if run.unknown:
        return f"{step} began {ago(run.began_at, now_ms)}, no result recorded: check before repeating"
    if run.exit is None:
        return f"{step} ended {ago(run.done_at, now_ms)}, exit code not recorded: check before repeating"
    when = "" if clock.parse_ms(run.done_at) is None else f", {ago(run.done_at, now_ms)}"
    last = last_line(run.output)
    return f"{step}: exit {run.exit}{when}" + (f": {last}" if last else "")


def last_line(output: str | None) -> str:
    """The last line of an output that is not empty, harmless and of bounded length; empty if there is none."""
    if not output:
        return ""
    import re  # cost: only where a command said something

    from session.text.untrusted import one_line

    end = re.sub(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-Z\\^-~])", "", output[-4096:])
    lines = (part.strip() for part in reversed(re.split(r"[\r\n]", end)))
    return one_line(next(filter(None, lines), ""), _LINE_LENGTH)


def begin(state: "State", command: str, now_ms: int) -> "tuple[State, str]":
    """The state with a run noted at the step that it is at, and the run's `began_at`, which no other run of the step
    has. SessionError, to follow the file's path, where the history is of a shape of its own."""
    entries = _entries(state)
    if entries is None:
        raise SessionError("has a history in which no run can be noted", "mend it, or drop it with session-reset")
    entry = entries[-1]
    taken = {run.began_at for run in runs(state) if run.step == entry["step"]}
    while (began_at := clock.iso(now_ms)) in taken:
        now_ms += 1
    earlier = list(entry.get("earlier", ()))
    if any(key in entry for key in _KEPT):
        earlier.append({key: entry[key] for key in _KEPT if key in entry})
    if len(earlier) > _EARLIER:
        # that the step succeeded is not forgotten before what failed
        failed = (at for at, told in enumerate(earlier) if not (isinstance(told, dict) and told.get("exit") == 0))
        del earlier[next(failed, 0)]
    noted = {key: value for key, value in entry.items() if key not in _OF_A_RUN}
    noted |= {"command": command, "began_at": began_at}
    if earlier:
        noted["earlier"] = earlier
    return {**state, "history": [*entries[:-1], noted]}, began_at


def finish(state: "State", step: str, began_at: str, *, done_at: str, code: int, output: str) -> "State | None":
    """The state with the result of the run of `step` that began at `began_at`; None where that is not in it.

    The output is kept only if no other run of the same entry has begun since.
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
            done = {**entry, **result}
            if output:
                done["output"] = output
            if "earlier" in done:  # it stays the last one, for those who read the file
                done["earlier"] = done.pop("earlier")
        elif isinstance(earlier, list):
            found = [isinstance(told, dict) and told.get("began_at") == began_at for told in earlier]
            if not any(found):
                continue
            told = [{**told, **result} if mine else told for told, mine in zip(earlier, found, strict=True)]
            done = {**entry, "earlier": told}
        else:
            continue
        return {**state, "history": [*history[:at], done, *history[at + 1 :]]}
    return None


def command_text(words: "Sequence[str]") -> str:
    """A command line as it is recorded: quoted for a shell, without secrets, of bounded length."""
    from shlex import join  # cost: only where something is run

    from session.text.secrets import screen_words

    text = join(screen_words([word.encode("utf-8", "replace").decode() for word in words]))
    return text if len(text) <= _COMMAND_LENGTH else text[: _COMMAND_LENGTH - 1] + "…"


def output_text(end: bytes, *, whole: bool) -> str:
    """The end of an output as it is recorded: the last 2048 bytes of its text, without secrets. `whole`: nothing was
    cut off before."""
    from session.text.secrets import screen  # cost: as above

    if not whole:  # the first line may be half of a secret, which then does not look like one
        rest = end.partition(b"\n")[2]
        end = rest if len(rest) > len(end) // 2 else end
    kept = screen(end.decode("utf-8", "replace")).encode()[-OUTPUT_BYTES:]
    return kept.decode("utf-8", "ignore")  # ignored: what is left of a character that was cut


def _entries(state: "State") -> "list[dict[str, Any]] | None":
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
    """`12 min ago`, or that nobody knows."""
    at_ms = clock.parse_ms(at)
    return "at an unknown time" if at_ms is None else f"{age(now_ms - at_ms)} ago"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
