"""The types of a report: one workflow session next to the facts of the repository. Described in docs/resume.md."""

from typing import Any, NotRequired, TypedDict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.resume.repository_facts import Facts


class RunFacts(TypedDict, total=False):
    """The latest run of a step. If `exit` and `done_at` are missing, no result is recorded."""

    step: str
    command: str
    began_at: str
    done_at: str
    exit: int
    output: str  # the last line of the output


class Report(TypedDict):
    """A session and its repository. Times are ISO 8601 UTC, or None if they are not recorded."""

    workflow: str
    step: str | None
    since: str | None  # when the session entered the step
    started_at: str | None
    updated_at: str | None
    age_s: int | None  # seconds since updated_at
    whose: str  # a constant of session/workflow/ownership.py
    tracked: bool | None  # git tracks the file: the session belongs to someone else; None if git could not tell
    context: dict[str, Any]
    runs: list[RunFacts]
    repository: "Facts | None"  # None: there is no repository
    mismatches: list[str]
    left_out: NotRequired[dict[str, int]]  # how many entries of each kind a shortened report lacks
