"""Show the report of `session enter`: as numbered lines in the original scripts' format, and as JSON."""

from typing import Any

from session.entry import enter, states
from session.entry.enter import FeaturePlan, Report
from session.errors import Unconfirmed
from session.text.untrusted import one_line


def lines(report: Report) -> str:
    """Return the report of `session enter` as numbered lines, for people."""
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
            *_features(report.plan),
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
    """Return the report of `session enter` as a JSON object, for programs.

    Its first six keys are those of the original scripts.
    """
    update, plan = report.state_update, report.plan
    return {
        "directory": report.directory,
        "health_status": report.health.status,
        "feature_status": report.decision.feature_status,
        "current_state": update.state,
        "next_state": report.decision.next_state,
        "latest_summary": report.summary,
        "why": report.decision.why,
        "health": report.health.result,
        "health_output": report.health.output or None,
        "skill": states.SKILLS.get(report.decision.next_state, states.OTHER_SKILL),
        "next_feature": plan.next_id or None,
        "blocked_features": list(plan.blocked),
        "stale_evidence": list(plan.stale),
        "recent_files": report.recent.files,
        "session_id": update.session_id or None,
        "not_handed_off": None if update.crashed is None else update.crashed._asdict(),
        "git": report.git_problems,
        "problems": [*report.problems, *plan.doubts],
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
    if report.git_problems:
        return [f"  [2/4] Git context: UNKNOWN ({one_line(report.git_problems[0])})"]
    commits = [f"       {commit} {one_line(subject)}" for commit, subject in report.commits]
    return ["  [2/4] Git context: OK", *(commits or ["       none"])]


def _config(report: Report) -> str:
    if report.config.broken:
        return "CORRUPT (.claude/config/project.json)"
    return "OK (.claude/config/project.json)" if report.config.exists else "SKIP (no project.json)"


def _health(report: Report) -> list[str]:
    advice = [f"  {one_line(line, 1000)}" for line in report.health.advice]
    return [f"  [4/4] Health check: {one_line(report.health.result)}", *(["", *advice, ""] if advice else [])]


def _state(report: Report) -> list[str]:
    update = report.state_update
    outcome = {
        enter.RECOVERED: f"RECOVERED ({_shown(update.state)}; what was there is {_shown(update.kept_as)})",
        enter.UNUSABLE: f"UNUSABLE ({_shown(update.state)}; {_write_failure(update.code)})",
    }.get(update.outcome, f"{update.outcome} ({_shown(update.state)})")
    shown = [f"  [1/3] State: {outcome}"]
    if update.crashed is not None:
        crashed = update.crashed
        began = f", which began {one_line(crashed.began_at, 40)}," if crashed.began_at else ""
        doing = _shown(crashed.state)
        doing += f", feature {_shown(crashed.feature_id)}" if crashed.feature_id else ""
        last = f"; last: {one_line(crashed.last)}" if crashed.last else ""
        shown.append(f"       The last session{began} did not hand off. It was in {doing}{last}")
        way_back = "; session recover crash goes back to the last auto-checkpoint" if crashed.has_checkpoint else ""
        shown.append(f"       Nothing was changed{way_back}")
    return shown


def _write_failure(code: int) -> str:
    return "not confirmed durable" if code == Unconfirmed.code else "nothing was written"


def _features(plan: FeaturePlan) -> list[str]:
    counts = plan.counts
    if plan.corrupt:
        status = "CORRUPT (.claude/progress/feature-list.json)"
    elif counts is None:
        status = "NONE (need INIT)"
    elif not counts.total:
        status = "EMPTY (need INIT)"
    elif counts.pending or counts.in_progress:  # the original scripts count pending features as remaining
        status = f"PENDING ({counts.pending or counts.in_progress} of {counts.total} remaining)"
    elif counts.implemented:
        status = f"UNTESTED ({counts.implemented} of {counts.total} to test)"
    elif counts.blocked:
        status = f"BLOCKED ({counts.blocked} of {counts.total}: {_names(plan.blocked)})"
    else:
        status = f"COMPLETE ({counts.done} of {counts.total} done)"
    stale = [f"       Tested on another tree than this one: {_names(plan.stale)}"] if plan.stale else []
    return [f"  [2/3] Features: {status}", *stale]


def _next(report: Report) -> str:
    decision, counts = report.decision, report.plan.counts
    only_blocked_left = counts is not None and counts.blocked and counts.blocked + counts.done == counts.total
    if decision.next_state == states.IMPLEMENT and only_blocked_left:
        return f"{decision.next_state} ({decision.why}: {_names(report.plan.blocked)})"
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
