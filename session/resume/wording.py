"""One session as it is told to who may resume it: a few lines of facts, or JSON, within a budget of tokens."""

from session.host import clock
from session.resume.shortening import shortened
from session.store import codec
from session.text.ages import age
from session.text.budget import BYTES_PER_TOKEN, named, quoted, size
from session.text.untrusted import one_line, visible
from session.workflow.run_history import Run, line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal, NotRequired, TypedDict

    from session.resume.repository_facts import Facts

    class RunFacts(TypedDict, total=False):
        """The latest run of a step; without `exit` and `done_at`, no result was recorded."""

        step: str
        command: str
        began_at: str
        done_at: str
        exit: int
        output: str  # its last line

    class Report(TypedDict):
        """A session, and the repository next to it. Times are ISO 8601 UTC, None where none is recorded."""

        workflow: str
        step: str | None
        since: str | None  # when it entered the step
        started_at: str | None
        updated_at: str | None
        age_s: int | None  # since updated_at
        whose: str  # see session/workflow/ownership.py
        tracked: bool  # git tracks its file: it is someone else's, whoever wrote it last
        context: dict[str, Any]
        runs: list[RunFacts]
        repository: Facts | None  # None: there is none
        mismatches: list[str]
        left_out: NotRequired[dict[str, int]]  # how many of what, once shortened


BUDGET = 200  # tokens
LEAST_TOKENS = 50  # what can be told in less is of no use
TRACKED = "tracked by git: someone else's, not offered"

_AS_ONE = {"context_keys": "context key", "runs": "run", "mismatches": "mismatch", "entries": "entry"}


def render(report: "Report", now_ms: int, budget: int = BUDGET) -> str:
    """The report as lines of text, in no more than `budget` tokens (LEAST_TOKENS at least)."""
    return _text(lines(report, now_ms, budget))


def lines(report: "Report", now_ms: int, budget: int = BUDGET) -> list[tuple[str, str]]:
    """The lines of that text, as what each is about and what it says: harmless, and without line breaks."""
    view = shortened(report, budget * BYTES_PER_TOKEN, lambda view: size(_text(_lines(view, now_ms))))
    return _lines(view, now_ms)


def trimmed(report: "Report", budget: int = BUDGET) -> "Report":
    """The report, its compact JSON in no more than `budget` tokens (LEAST_TOKENS at least)."""
    return shortened(report, budget * BYTES_PER_TOKEN, lambda view: size(codec.compact(view)))


def _text(told: list[tuple[str, str]]) -> str:
    (about, said), *rest = told
    return "\n".join([f"{about} {said}", *(f"  {about}: {said}" for about, said in rest)])


def _lines(view: "Report", now_ms: int) -> list[tuple[str, str]]:
    told = [("workflow", _head(view, now_ms))]
    context = view.get("context")
    if context:
        pairs = (f"{quoted(key)}: {visible(codec.compact(value))}" for key, value in context.items())
        told.append(("context", f"{{{', '.join(pairs)}}}"))
    told += [("run", run_line(run, now_ms)) for run in view.get("runs", ()) if "exit" in run]
    if "repository" in view:
        told.append(("repository", _repository(view["repository"])))
    told += [("mismatch", one) for one in view.get("mismatches", ())]
    if view.get("left_out"):
        told.append(("left out", ", ".join(_counted(count, name) for name, count in view["left_out"].items())))
    return told


def run_line(run: "RunFacts", now_ms: int) -> str:
    """The truth about a run as runs.py words it, with what comes from elsewhere in quotes."""
    step = run["step"]
    said = line(Run(step, {**run, "output": None}, earlier=False), now_ms).removeprefix(one_line(step))
    output = run.get("output")
    return named(step) + said + (f": {quoted(output)}" if output else "")


def _head(report: "Report", now_ms: int) -> str:
    step = report["step"]
    told = quoted(report["workflow"]) + (": at an unknown step" if step is None else f": at step {quoted(step)}")
    updated_ms, started_ms = (clock.parse_ms(report.get(key)) for key in ("updated_at", "started_at"))
    since_ms = clock.parse_ms(report.get("since", report.get("updated_at")))
    if since_ms is not None:
        told += f" since {_ago(since_ms, now_ms)} ({clock.iso(since_ms)[:19]}Z)"
        if updated_ms is not None and age(now_ms - updated_ms) != age(now_ms - since_ms):
            told += f", updated {_ago(updated_ms, now_ms)}"
        if started_ms is not None and age(now_ms - started_ms) != age(now_ms - since_ms):
            told += f", begun {_ago(started_ms, now_ms)}"
    return f"{told}, {TRACKED if report['tracked'] else report['whose']}"


def _repository(facts: "Facts | None") -> str:
    if facts is None:
        return "none"
    told: list[str] = []
    if "branch" in facts:
        branch, head = facts["branch"], facts["head"]
        told.append("HEAD detached" if branch is None else f"branch {quoted(branch)}")
        told.append("no commit yet" if head is None else f"HEAD {head[:7]}")
    if "dirty" in facts:
        files = [quoted(file) for file in facts.get("dirty_files", ())]
        if files and len(files) < facts["dirty"]:
            files.append("…")
        count = _count(facts, "dirty", "dirty file") if facts["dirty"] else "clean"
        told.append(f"{count} ({', '.join(files)})" if files else count)
    if "commits_since" in facts:
        told.append(_count(facts, "commits_since", "commit") + " since the last update")
    if "unknown" in facts:
        told.append(f"unknown: {quoted(facts['unknown'])}")
    return ", ".join(told)


def _count(facts: "Facts", key: 'Literal["dirty", "commits_since"]', what: str) -> str:
    count = facts[key]
    more = "+" if key in facts.get("at_least", ()) else ""
    return f"{count}{more} {what}{'' if count == 1 else 's'}"


def _ago(at_ms: int, now_ms: int) -> str:
    return f"{age(now_ms - at_ms)} ago"


def _counted(count: int, name: str) -> str:
    return name if name == "repository" else f"{count} {_AS_ONE[name] if count == 1 else name.replace('_', ' ')}"
