"""Word a report as a few lines of text, or shorten it for JSON, within a budget of tokens."""

from session.host import clock
from session.resume.shortening import shorten
from session.store import codec
from session.text.ages import age
from session.text.budget import BYTES_PER_TOKEN, named, quoted, size
from session.text.untrusted import one_line, visible
from session.workflow.ownership import UNKNOWN
from session.workflow.run_history import Run, line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from session.resume.report_types import Report, RunFacts
    from session.resume.repository_facts import Facts


BUDGET = 200  # the most tokens of a report, unless the caller gives another number
LEAST_TOKENS = 50  # a shorter report would be of no use
TRACKED = "tracked by git: someone else's, not offered"
_UNKNOWN = f"{UNKNOWN}: perhaps someone else's"

_SINGULAR = {"context_keys": "context key", "runs": "run", "mismatches": "mismatch", "entries": "entry"}


def render(report: "Report", now_ms: int, budget: int = BUDGET) -> str:
    """Return the report as text of at most `budget` tokens. The budget must be at least LEAST_TOKENS."""
    return _join(lines(report, now_ms, budget))


def lines(report: "Report", now_ms: int, budget: int = BUDGET) -> list[tuple[str, str]]:
    """Return the report as (subject, text) pairs, one for each line, of at most `budget` tokens together.

    The texts are printable and hold no line breaks.
    """
    view = shorten(report, budget * BYTES_PER_TOKEN, lambda view: size(_join(_lines(view, now_ms))))
    return _lines(view, now_ms)


def trimmed(report: "Report", budget: int = BUDGET) -> "Report":
    """Return the report shortened so that its compact JSON takes at most `budget` tokens (LEAST_TOKENS or more)."""
    return shorten(report, budget * BYTES_PER_TOKEN, lambda view: size(codec.compact(view)))


def _join(pairs: list[tuple[str, str]]) -> str:
    (subject, text), *rest = pairs
    return "\n".join([f"{subject} {text}", *(f"  {subject}: {text}" for subject, text in rest)])


def _lines(view: "Report", now_ms: int) -> list[tuple[str, str]]:
    pairs = [("workflow", _head(view, now_ms))]
    context = view.get("context")
    if context:
        entries = (f"{quoted(key)}: {visible(codec.compact(value))}" for key, value in context.items())
        pairs.append(("context", f"{{{', '.join(entries)}}}"))
    pairs += [("run", run_line(run, now_ms)) for run in view.get("runs", ()) if "exit" in run]
    if "repository" in view:
        pairs.append(("repository", _repository(view["repository"])))
    pairs += [("mismatch", mismatch) for mismatch in view.get("mismatches", ())]
    if view.get("left_out"):
        pairs.append(("left out", ", ".join(_counted(count, name) for name, count in view["left_out"].items())))
    return pairs


def run_line(run: "RunFacts", now_ms: int) -> str:
    """Return the line about a run that `run_history.line` writes, but with the step and the output in quotes."""
    step = run["step"]
    result = line(Run(step, {**run, "output": None}, earlier=False), now_ms).removeprefix(one_line(step))
    output = run.get("output")
    return named(step) + result + (f": {quoted(output)}" if output else "")


def _head(report: "Report", now_ms: int) -> str:
    step = report["step"]
    text = quoted(report["workflow"]) + (": at an unknown step" if step is None else f": at step {quoted(step)}")
    updated_ms, started_ms = (clock.parse_ms(report.get(key)) for key in ("updated_at", "started_at"))
    since_ms = clock.parse_ms(report.get("since", report.get("updated_at")))
    if since_ms is not None:
        text += f" since {_ago(since_ms, now_ms)} ({clock.iso(since_ms)[:19]}Z)"
        if updated_ms is not None and age(now_ms - updated_ms) != age(now_ms - since_ms):
            text += f", updated {_ago(updated_ms, now_ms)}"
        if started_ms is not None and age(now_ms - started_ms) != age(now_ms - since_ms):
            text += f", begun {_ago(started_ms, now_ms)}"
    label = TRACKED if report["tracked"] else _UNKNOWN if report["tracked"] is None else report["whose"]
    return f"{text}, {label}"


def _repository(facts: "Facts | None") -> str:
    if facts is None:
        return "none"
    parts: list[str] = []
    if "branch" in facts:
        branch, head = facts["branch"], facts["head"]
        parts.append("HEAD detached" if branch is None else f"branch {quoted(branch)}")
        parts.append("no commit yet" if head is None else f"HEAD {head[:7]}")
    if "dirty" in facts:
        files = [quoted(file) for file in facts.get("dirty_files", ())]
        if files and len(files) < facts["dirty"]:
            files.append("…")
        count = _count(facts, "dirty", "dirty file") if facts["dirty"] else "clean"
        parts.append(f"{count} ({', '.join(files)})" if files else count)
    if "commits_since" in facts:
        parts.append(_count(facts, "commits_since", "commit") + " since the last update")
    if "unknown" in facts:
        parts.append(f"unknown: {quoted(facts['unknown'])}")
    return ", ".join(parts)


def _count(facts: "Facts", key: 'Literal["dirty", "commits_since"]', noun: str) -> str:
    count = facts[key]
    more = "+" if key in facts.get("at_least", ()) else ""
    return f"{count}{more} {noun}{'' if count == 1 else 's'}"


def _ago(at_ms: int, now_ms: int) -> str:
    return f"{age(now_ms - at_ms)} ago"


def _counted(count: int, name: str) -> str:
    return name if name == "repository" else f"{count} {_SINGULAR[name] if count == 1 else name.replace('_', ' ')}"
