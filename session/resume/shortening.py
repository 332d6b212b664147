"""Shorten a report to a limit, dropping the least important parts first. Runs and mismatches are kept longest."""

from functools import partial

from session.store import codec
from session.text.budget import cut, cut_value, quoted, size
from session.text.untrusted import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from session.resume.report_types import Report

    View = dict[str, Any]  # a report of which any part may be missing
    # takes the excess in bytes, shortens the view, and returns True if a further call may shorten it more
    Reduction = Callable[[View, int], bool]

# these limits hold for every budget
_MOST_KEYS = 200
_LONGEST_KEY = 100  # the most bytes of a quoted key
_LONGEST_VALUE = 1000

_SMALL = 22  # bytes of a short key with its value, such as a branch
_ROOMY = 100  # bytes of a line that has room for advice
_HEAD = 12  # digits of a shortened commit id


def shorten(report: "Report", limit: int, measure: "Callable[[Report], int]") -> "Report":
    """Return the report without its least important parts, so that `measure` returns at most `limit` bytes for it.

    `left_out` in the result counts the missing entries. Values that are cut end in `…`. The workflow, its step, its
    owner and `left_out` always stay.
    """
    view: Any = {**report, "runs": [{**run} for run in report["runs"]], "mismatches": [*report["mismatches"]]}
    if report["repository"] is not None:
        view["repository"] = {**report["repository"]}
    entries = list(report["context"].items())[:_MOST_KEYS]
    view["context"] = {key: value for key, value in entries if size(quoted(key[:_LONGEST_KEY])) < _LONGEST_KEY}
    _leave_out(view, "context_keys", len(report["context"]) - len(view["context"]))
    _values(view, 0, limit=_LONGEST_VALUE)
    for reduce in _REDUCTIONS:
        while (excess := measure(view) - limit) > 0 and reduce(view, excess):
            pass
    shorter: Report = view
    return shorter


def _leave_out(view: "View", kind: str, count: int) -> None:
    if count:
        counts = view.setdefault("left_out", {})
        counts[kind] = counts.get(kind, 0) + count


def _files(view: "View", excess: int) -> bool:
    """Drop names of dirty files. Their number stays in the report."""
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
    """Drop the longest entries of the context, but only entries of more than `over` bytes."""
    costs = {key: size(quoted(key)) + size(visible(codec.compact(value))) for key, value in view["context"].items()}
    long_keys = sorted((key for key in costs if costs[key] > over), key=lambda key: costs[key])
    while long_keys and excess > 0:
        key = long_keys.pop()
        del view["context"][key]
        _leave_out(view, "context_keys", 1)
        excess -= costs[key]
    return bool(long_keys)


def _redundant(view: "View", excess: int) -> bool:
    """Drop details that other parts of the report contain, or nearly contain."""
    view["runs"] = [run for run in view["runs"] if "exit" in run]  # each run without a result is a mismatch too
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
    """Drop the oldest run, unless only `keep` runs are left."""
    if len(view["runs"]) <= keep:
        return False
    del view["runs"][0]
    _leave_out(view, "runs", 1)
    return True


def _texts(view: "View", excess: int, *, names: int, mismatches: int) -> bool:
    """Cut names to `names` bytes and each mismatch to `mismatches` bytes."""
    for key in ("workflow", "step"):
        if view[key] is not None:
            view[key] = cut(view[key], names)
    facts = view.get("repository") or {}
    for key in ("branch", "unknown"):
        if facts.get(key) is not None:
            facts[key] = cut(facts[key], names)
    for run in view.get("runs", ()):
        run["step"] = cut(run["step"], names)
    view["mismatches"] = [_cut_mismatch(line, mismatches) for line in view["mismatches"]]
    return False


def _cut_mismatch(mismatch: str, limit: int) -> str:
    """Return the line cut to about `limit` bytes. In a line about a run without a result, only the name is cut."""
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
    """Drop the last mismatches."""
    lines = view["mismatches"]
    while lines and excess > 0:
        excess -= size(lines.pop())
        _leave_out(view, "mismatches", 1)
    return bool(lines)


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
    partial(_texts, names=80, mismatches=250),
    partial(_without, keys=("runs", "context")),
    partial(_texts, names=48, mismatches=120),
    _repository,
    partial(_without, keys=("since", "updated_at")),
    partial(_texts, names=30, mismatches=60),
    _mismatches,
    partial(_without, keys=("mismatches",)),
    _counts,
)
