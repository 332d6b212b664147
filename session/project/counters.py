"""The counters of the project's state (seed: 000).

A counter is in `quick_stats`, as `"8/62"`, `"8/62 modules"` or `8`; or in `extraction.progress`, as an object; or in
both: then it is the same counter. `quick_stats.extracted` is no counter but their sum.
"""

from session.project.state import object_, wrong_type
from session.text.untrusted import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.project.state import State

SUM = "extracted"
MOST_DIGITS = 15  # of what is given, so that every tool reads it exactly
_MOST_READ = 30  # of what is there: sums, too
_DIGITS = "0123456789"


class Counter:
    """How far something is: `value` of `total`, None where no total is known."""

    __slots__ = ("total", "value")

    def __init__(self, value: int, total: int | None) -> None:
        self.value = value
        self.total = total

    def __str__(self) -> str:
        return str(self.value) if self.total is None else f"{self.value}/{self.total}"


def parse(word: str) -> Counter | None:
    """The counter of a command line, `8` or `8/62`; None if it is none."""
    value, slash, total = word.partition("/")
    numbers = (value, total) if slash else (value,)
    if all(number and not number.strip(_DIGITS) and len(number) <= MOST_DIGITS for number in numbers):
        return Counter(int(value), int(total) if slash else None)
    return None


def counters(state: "State") -> dict[str, Counter]:
    """The counters by name, those of `extraction.progress` first. What is no counter is left out."""
    quick, progress = _shown(state, "quick_stats"), _shown(_shown(state, "extraction"), "progress")
    found: dict[str, Counter] = {}
    for name in (*progress, *quick):
        counter, measured = _read(quick.get(name))[0], _measured(progress.get(name))
        if counter is None:
            counter = measured
        elif counter.total is None and measured is not None:
            counter.total = measured.total
        if counter is not None and name != SUM:
            found.setdefault(name, counter)
    return found


def update(state: "State", name: str, given: Counter) -> "tuple[State, str]":
    """The counter `name` is at `given` now; the total that it had is kept where none is given."""
    quick = object_(state, "quick_stats")
    extraction = object_(state, "extraction")
    progress = object_(extraction, "progress", "extraction.")
    old, rest = _read(quick.get(name))
    if old is None and quick.get(name) is not None:
        raise wrong_type(f"quick_stats.{one_line(name, 80)}", "a counter", quick[name])
    measured = object_(progress, name, "extraction.progress.") if name in progress else None
    known = [counter.total for counter in (old, _measured(measured)) if counter is not None]
    total = given.total if given.total is not None else next((one for one in known if one is not None), None)
    new = Counter(given.value, total)
    plain = total is None and not isinstance(quick.get(name), str)
    state = {**state, "quick_stats": {**quick, name: new.value if plain else f"{new}{rest}"}}
    if measured is not None:
        count = {**measured, "extracted": new.value}
        if given.total is not None:
            count["total"] = given.total
        state["extraction"] = {**extraction, "progress": {**progress, name: count}}
    if name != SUM:
        _add_up(state)
    return state, f"Updated {name}: {new}"


def _add_up(state: "State") -> None:
    quick = state["quick_stats"]
    old, rest = _read(quick.get(SUM))
    if old is not None and old.total is not None and isinstance(quick[SUM], str):
        total = sum(counter.value for counter in counters(state).values())
        quick[SUM] = f"{Counter(total, old.total)}{rest}"


def _read(value: object) -> tuple[Counter | None, str]:
    """The counter in `8`, `"8"`, `"8/62"`, `"8/62 modules"`, and what stands after it; None if there is none."""
    if isinstance(value, str):
        number, rest = _number(value)
        if number is None:
            return None, ""
        if rest[:1] != "/":
            return Counter(number, None), rest
        total, after = _number(rest[1:])
        return (None, "") if total is None else (Counter(number, total), after)
    number = _whole(value)
    return (None if number is None else Counter(number, None)), ""


def _number(text: str) -> tuple[int | None, str]:
    rest = text.lstrip(_DIGITS)
    digits = text[: len(text) - len(rest)]
    return (int(digits), rest) if 0 < len(digits) <= _MOST_READ else (None, text)


def _measured(value: object) -> Counter | None:
    if not isinstance(value, dict):
        return None
    number = _whole(value.get("extracted"))
    total = _whole(value.get("total"))
    return Counter(number or 0, total) if number is not None or total is not None else None


def _whole(value: object) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**_MOST_READ:
        return value
    return None


def _shown(holder: "State", key: str) -> "State":
    value = holder.get(key)
    return value if isinstance(value, dict) else {}
