"""What entry found, as the seed's script prints it, and as JSON (seed: 001)."""

from typing import Any

from session.entry import enter, states
from session.entry.enter import Planned, Report
from session.errors import Unconfirmed
from session.text.untrusted import one_line


def lines(report: Report) -> str:
    """The numbered lines of the three phases."""
    return "\n".join(
        (
            "=== SESSION ENTRY PROTOCOL ===",
            "",
            "Phase 1: Safety Validation",
            *_directory(report),
            *_git(report),
            f"  [3/4] Project config: {_config(report)}",
            *_health(report),
            "",
            "Phase 2: State Management",
            *_state(report),
            *_features(report.planned),
            f"  [3/3] Next state: {_next(report)}",
            "",
            "Phase 3: Context Loading",
            f"  [1/3] Summary: {f'FOUND ({_shown(report.summary)})' if report.summary else 'NONE'}",
            f"  [2/3] Recent files: {_recent(report)}",
            f"  [3/3] Skill: {_skill(report)}",
            "",
            "=== ENTRY COMPLETE ===",
            "",
            "",
        )
    )


def summary(report: Report) -> dict[str, Any]:
    """What programs need: the seed's six keys first."""
    kept, planned = report.kept, report.planned
    return {
        "directory": report.directory,
        "health_status": report.health.status,
        "feature_status": report.decision.feature_status,
        "current_state": kept.state,
        "next_state": report.decision.next_state,
        "latest_summary": report.summary,
        "why": report.decision.why,
        "health": report.health.said,
        "health_output": report.health.output or None,
        "skill": states.SKILLS.get(report.decision.next_state, states.OTHER_SKILL),
        "next_feature": planned.next_id or None,
        "blocked_features": list(planned.blocked),
        "stale_evidence": list(planned.stale),
        "recent_files": report.recent.files,
        "session_id": kept.session_id or None,
        "not_handed_off": None if kept.died is None else kept.died._asdict(),
        "git": report.git_says,
        "problems": [*report.problems, *planned.doubts],
    }


def _directory(report: Report) -> tuple[str, ...]:
    place = _shown(report.directory)
    if report.marked:
        return (f"  [1/4] Directory: OK ({place})",)
    return (
        f"  [1/4] Directory: WARNING - No project markers found in {place}",
        "  Tip: Run from project root or pass path as argument",
    )


def _git(report: Report) -> list[str]:
    if not report.is_repository:
        return ["  [2/4] Git context: SKIP (not a git repo)"]
    if report.git_says:
        return [f"  [2/4] Git context: UNKNOWN ({one_line(report.git_says[0])})"]
    commits = [f"       {commit} {one_line(subject)}" for commit, subject in report.commits]
    return ["  [2/4] Git context: OK", *(commits or ["       none"])]


def _config(report: Report) -> str:
    if report.config.broken:
        return "CORRUPT (.claude/config/project.json)"
    return "OK (.claude/config/project.json)" if report.config.known else "SKIP (no project.json)"


def _health(report: Report) -> list[str]:
    advice = [f"  {one_line(line, 1000)}" for line in report.health.advice]
    return [f"  [4/4] Health check: {one_line(report.health.said)}", *(["", *advice, ""] if advice else [])]


def _state(report: Report) -> list[str]:
    kept = report.kept
    done = {
        enter.RECOVERED: f"RECOVERED ({_shown(kept.state)}; what was there is {_shown(kept.kept_as)})",
        enter.UNUSABLE: f"UNUSABLE ({_shown(kept.state)}; {_unwritten(kept.code)})",
    }.get(kept.done, f"{kept.done} ({_shown(kept.state)})")
    found = [f"  [1/3] State: {done}"]
    if kept.died is not None:
        died = kept.died
        began = f", which began {one_line(died.began_at, 40)}," if died.began_at else ""
        doing = f"{_shown(died.state)}, feature {_shown(died.feature_id)}" if died.feature_id else _shown(died.state)
        last = f"; last: {one_line(died.last)}" if died.last else ""
        found.append(f"       The last session{began} did not hand off. It was in {doing}{last}")
        found.append("       Nothing was changed; session recover crash goes back to the last checkpoint")
    return found


def _unwritten(code: int) -> str:
    return "not confirmed durable" if code == Unconfirmed.code else "nothing was written"


def _features(planned: Planned) -> list[str]:
    counts = planned.counts
    if planned.corrupt:
        said = "CORRUPT (.claude/progress/feature-list.json)"
    elif counts is None:
        said = "NONE (need INIT)"
    elif not counts.total:
        said = "EMPTY (need INIT)"
    elif counts.pending or counts.in_progress:  # the seed's script counts those that nobody has begun
        said = f"PENDING ({counts.pending or counts.in_progress} of {counts.total} remaining)"
    elif counts.implemented:
        said = f"UNTESTED ({counts.implemented} of {counts.total} to test)"
    elif counts.blocked:
        said = f"BLOCKED ({counts.blocked} of {counts.total}: {_names(planned.blocked)})"
    else:
        said = f"COMPLETE ({counts.done} of {counts.total} done)"
    stale = [f"       Tested on another tree than this one: {_names(planned.stale)}"] if planned.stale else []
    return [f"  [2/3] Features: {said}", *stale]


def _next(report: Report) -> str:
    decision, counts = report.decision, report.planned.counts
    blocked_alone = counts is not None and counts.blocked and counts.blocked + counts.done == counts.total
    if decision.next_state == states.IMPLEMENT and blocked_alone:
        return f"{decision.next_state} ({decision.why}: {_names(report.planned.blocked)})"
    return f"{decision.next_state} ({decision.why})"


def _recent(report: Report) -> str:
    recent = report.recent
    if recent.source == "TRACKED":
        return f"TRACKED ({recent.total} files)"
    if recent.source == "GIT":
        return f"GIT ({','.join(_shown(file) for file in recent.files)})"
    return "CORRUPT (.claude/progress/file_history.json)" if recent.source == "CORRUPT" else "NONE"


def _skill(report: Report) -> str:
    return states.SKILLS.get(report.decision.next_state, states.OTHER_SKILL)


def _names(ids: tuple[str, ...], most: int = 10) -> str:
    more = f" and {len(ids) - most} more" if len(ids) > most else ""
    return ", ".join(one_line(name, 80) for name in ids[:most]) + more


def _shown(text: str) -> str:
    return one_line(text, 500)
