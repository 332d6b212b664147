"""A report made smaller, the least important first: what happened, and what does not fit together, goes last."""

from functools import partial

from session.store import codec
from session.text.budget import cut, cut_value, quoted, size
from session.text.untrusted import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from session.resume.wording import Report

    View = dict[str, Any]  # a report of which any part may be gone
    Reduction = Callable[[View, int], bool]  # told how many bytes are too many; whether doing it again may help

# left out from the start, whatever the budget
_MOST_KEYS = 200
_LONGEST_KEY = 100  # bytes, quoted
_LONGEST_VALUE = 1000

_SMALL = 22  # bytes of a name and its value, a branch, say
_ROOMY = 100  # bytes of a line in which there is room for advice
_HEAD = 12  # digits of a commit that is told in short


def shortened(report: "Report", limit: int, measure: "Callable[[Report], int]") -> "Report":
    """The report, or as much of it as `measure` finds to take at most `limit` bytes; `left_out` counts the rest.

    Values that are cut end in `…`. The smallest is the workflow, its step, whose it is and how much was left out.
    """
    view: Any = {**report, "runs": [{**run} for run in report["runs"]], "mismatches": [*report["mismatches"]]}
    if report["repository"] is not None:
        view["repository"] = {**report["repository"]}
    first = list(report["context"].items())[:_MOST_KEYS]
    view["context"] = {key: value for key, value in first if size(quoted(key[:_LONGEST_KEY])) < _LONGEST_KEY}
    _leave_out(view, "context_keys", len(report["context"]) - len(view["context"]))
    _values(view, 0, limit=_LONGEST_VALUE)
    for reduce in _REDUCTIONS:
        while (excess := measure(view) - limit) > 0 and reduce(view, excess):
            pass
    shorter: Report = view
    return shorter


def _leave_out(view: "View", what: str, count: int) -> None:
    if count:
        counts = view.setdefault("left_out", {})
        counts[what] = counts.get(what, 0) + count


def _files(view: "View", excess: int) -> bool:
    """Name fewer of the dirty files; how many there are is told anyway."""
    files = [*(view["repository"] or {}).get("dirty_files", ())]
    if not files:
        return False
    while files and excess > 0:
        excess -= size(quoted(files.pop()))
    view["repository"]["dirty_files"] = files
    return True


def _values(view: "View", excess: int, *, limit: int) -> bool:
    view["context"] = {key: cut_value(value, limit) for key, value in view["context"].items()}
    return False


def _keys(view: "View", excess: int, *, over: int) -> bool:
    """Leave out of the context what takes most, and more than `over` bytes."""
    costs = {key: size(quoted(key)) + size(visible(codec.compact(value))) for key, value in view["context"].items()}
    left = sorted((key for key in costs if costs[key] > over), key=lambda key: costs[key])
    while left and excess > 0:
        key = left.pop()
        del view["context"][key]
        _leave_out(view, "context_keys", 1)
        excess -= costs[key]
    return bool(left)


def _redundant(view: "View", excess: int) -> bool:
    """What other parts tell, too, or nearly."""
    view["runs"] = [run for run in view["runs"] if "exit" in run]  # each of the others is a mismatch
    for run in view["runs"]:
        for key in ("command", "began_at"):
            run.pop(key, None)
    facts = view["repository"] or {}
    if facts.get("head"):
        facts["head"] = facts["head"][:_HEAD]
    if not facts.get("dirty_files", True):
        del facts["dirty_files"]
    if view["since"] == view["updated_at"]:
        del view["since"]
    del view["age_s"]
    return False


def _runs(view: "View", excess: int, *, keep: int) -> bool:
    """Leave out the oldest."""
    if len(view["runs"]) <= keep:
        return False
    del view["runs"][0]
    _leave_out(view, "runs", 1)
    return True


def _texts(view: "View", excess: int, *, names: int, told: int) -> bool:
    """Cut what is named, and what is told of it, to so many bytes."""
    for key in ("workflow", "step"):
        if view[key] is not None:
            view[key] = cut(view[key], names)
    facts = view.get("repository") or {}
    for key in ("branch", "unknown"):
        if facts.get(key) is not None:
            facts[key] = cut(facts[key], names)
    for run in view.get("runs", ()):
        run["step"] = cut(run["step"], names)
    view["mismatches"] = [_told(one, told) for one in view["mismatches"]]
    return False


def _told(mismatch: str, limit: int) -> str:
    """The line in about `limit` bytes. Of a run without a result, the name is cut, not that there is none."""
    name, began, rest = mismatch.partition('" began ')
    if not began or size(mismatch) <= limit:
        return cut(mismatch, limit)
    if limit < _ROOMY:
        rest = rest.removesuffix(": check before repeating")
    return cut(name, max(_SMALL, limit - size(began + rest))) + began + rest


def _without(view: "View", excess: int, *, keys: tuple[str, ...]) -> bool:
    for key in keys:
        view.pop(key, None)
    return False


def _repository(view: "View", excess: int) -> bool:
    if view.pop("repository", None):
        _leave_out(view, "repository", 1)
    return False


def _mismatches(view: "View", excess: int) -> bool:
    """Leave out the last ones."""
    kept = view["mismatches"]
    while kept and excess > 0:
        excess -= size(kept.pop())
        _leave_out(view, "mismatches", 1)
    return bool(kept)


def _counts(view: "View", excess: int) -> bool:
    if "left_out" in view:
        view["left_out"] = {"entries": sum(view["left_out"].values())}
    return False


_REDUCTIONS: "tuple[Reduction, ...]" = (
    _files,
    partial(_values, limit=200),
    _redundant,
    partial(_values, limit=80),
    partial(_runs, keep=1),
    partial(_without, keys=("started_at",)),
    partial(_values, limit=40),
    partial(_keys, over=_SMALL),
    partial(_runs, keep=0),
    partial(_keys, over=0),
    partial(_texts, names=80, told=250),
    partial(_without, keys=("runs", "context")),
    partial(_texts, names=48, told=120),
    _repository,
    partial(_without, keys=("since", "updated_at")),
    partial(_texts, names=30, told=60),
    _mismatches,
    partial(_without, keys=("mismatches",)),
    _counts,
)
