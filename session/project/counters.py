"""The counters of the project's state.

A counter is in `quick_stats`, as `"8/62"`, `"8/62 modules"` or `8`, or in `extraction.progress`, as an object. A name
that is in both is one counter. `quick_stats.extracted` is not a counter: it is the sum of all counters.
"""

from session.project.state import object_, wrong_type
from session.text.typed import object_at
from session.text.untrusted import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.project.state import State

SUM = "extracted"
MOST_DIGITS = 15  # the most digits of a number on a command line: JavaScript reads longer numbers inexactly
_MOST_READ = 30  # the most digits of a number in the state: a sum can be longer than MOST_DIGITS
_DIGITS = "0123456789"


class Counter:
    """A counter: `value` out of `total`, which is None if it is not known."""

    __slots__ = ("total", "value")

    def __init__(self, value: int, total: int | None) -> None:
        self.value = value
        self.total = total

    def __str__(self) -> str:
        return str(self.value) if self.total is None else f"{self.value}/{self.total}"


def parse(word: str) -> Counter | None:
    """Return the counter that `8` or `8/62` on a command line means, or None if the word has another form."""
    value, slash, total = word.partition("/")
    numbers = (value, total) if slash else (value,)
    if all(number and not number.strip(_DIGITS) and len(number) <= MOST_DIGITS for number in numbers):
        return Counter(int(value), int(total) if slash else None)
    return None


def counters(state: "State") -> dict[str, Counter]:
    """Return the counters by name, those of `extraction.progress` first. Values that are not counters are left out."""
    quick, progress = object_at(state, "quick_stats"), object_at(object_at(state, "extraction"), "progress")
    result: dict[str, Counter] = {}
    for name in (*progress, *quick):
        counter, measured = _read(quick.get(name))[0], _measured(progress.get(name))
        if counter is None:
            counter = measured
        elif counter.total is None and measured is not None:
            counter.total = measured.total
        if counter is not None and name != SUM:
            result.setdefault(name, counter)
    return result


def update(state: "State", name: str, counter: Counter) -> "tuple[State, str]":
    """Return the state with the counter `name` set, and a line for the user.

    If `counter` has no total, the old total is kept.
    """
    quick = object_(state, "quick_stats")
    extraction = object_(state, "extraction")
    progress = object_(extraction, "progress", "extraction.")
    old, rest = _read(quick.get(name))
    if old is None and quick.get(name) is not None:
        raise wrong_type(f"quick_stats.{one_line(name, 80)}", "a counter", quick[name])
    measured = object_(progress, name, "extraction.progress.") if name in progress else None
    total = counter.total
    for earlier in (old, _measured(measured)):
        if total is None and earlier is not None:
            total = earlier.total
    new = Counter(counter.value, total)
    is_plain_number = total is None and not isinstance(quick.get(name), str)
    state = {**state, "quick_stats": {**quick, name: new.value if is_plain_number else f"{new}{rest}"}}
    if measured is not None:
        count = {**measured, "extracted": new.value}
        if counter.total is not None:
            count["total"] = counter.total
        state["extraction"] = {**extraction, "progress": {**progress, name: count}}
    if name != SUM:
        _update_sum(state)
    return state, f"Updated {name}: {new}"


def _update_sum(state: "State") -> None:
    quick = state["quick_stats"]
    old, rest = _read(quick.get(SUM))
    if old is not None and old.total is not None and isinstance(quick[SUM], str):
        total = sum(counter.value for counter in counters(state).values())
        quick[SUM] = f"{Counter(total, old.total)}{rest}"


def _read(value: object) -> tuple[Counter | None, str]:
    """Return the counter and the text after it: of `"8/62 modules"`, 8 out of 62 and ` modules`.

    The counter is None if the value is neither such a text nor a number.
    """
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
