"""The texts that `update_state` and `session_manager` print for people, in the layout of the original scripts."""

from session.host import clock
from session.project import work_session
from session.project.counters import SUM, counters
from session.text.typed import object_at
from session.text.untrusted import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.project.state import State
    from session.project.state_checks import Check
    from session.project.work_session import Record

_WIDTH = 62
_LINE = "─" * 29
_LONG_LINE = "─" * 50
_LABELS = {"knowledgeBases": "Knowledge"}
_MOST_ON_BANNER = 2  # the most counters on a banner


def status_lines(state: "State") -> str:
    """Return phase, focus, blocker and counters, one line each, as `update_state status` prints them."""
    current = object_at(state, "current")
    extracted = object_at(state, "quick_stats").get(SUM)
    stats = str(extracted) if type(extracted) is int else _text(extracted)
    stats = stats or ", ".join(f"{one_line(name, 40)} {counter}" for name, counter in counters(state).items())
    return (
        f"\nPRISM Status\n{_LINE}\n"
        f"Phase: {_text(current.get('phase')) or 'None'}\n"
        f"Focus: {_text(current.get('focus')) or 'None'}\n"
        f"Blocker: {_text(current.get('blocker')) or 'None'}\n"
        f"Stats: {stats or 'None'}\n"
        f"{_LINE}\n\n"
    )


def start_banner(state: "State") -> str:
    """Return the banner that `session_manager start` prints for the work session that it has opened."""
    record = work_session.open_record(state) or {}
    rows = [_row("Current Stage:", _text(state["current"]["phase"]), 14)]
    for name, counter in list(counters(state).items())[:_MOST_ON_BANNER]:
        rows.append(f"  {_label(name) + ':':<14} {counter} extracted{' ' * 34}")
    return _box("PRISM SESSION STARTED", _session_rows(record), rows)


def end_banner(record: "Record", left_out: int) -> str:
    """Return the banner that `session_manager end` prints, from the log of the work session.

    `left_out` is the number of changed files that the log does not list.
    """
    files = f"{len(record['filesCreated'])} created, {len(record['filesModified'])} modified"
    if left_out:
        files += f", {left_out} more"
    rows = [
        _row("End Time:", _moment(record["endTime"]), 12),
        _row("Completed:", str(len(record["completedItems"])), 12),
        _row("Files:", files, 12),
    ]
    return _box("PRISM SESSION ENDED", [*_session_rows(record), *rows])


def status_box(state: "State") -> str:
    """Return the open work session and all counters in a box, as `session_manager status` prints them."""
    record = work_session.open_record(state)
    name = "No active session" if record is None else one_line(work_session.id_of(record), 45) or "(without an id)"
    rows = [_row("Session:", name, 14)]
    if record is not None:
        rows.append(_row("Start Time:", _moment(record.get("startTime")), 14))
    current = object_at(state, "current")
    rows += [
        _row(f"{key.capitalize()}:", _text(current[key], 45), 14)
        for key in ("phase", "focus", "blocker")
        if current.get(key)
    ]
    rows.append(_row("Last Updated:", _text(state.get("lastUpdated"), 45)[:19], 14))
    all_counters = counters(state)
    if not all_counters:
        return _box("PRISM EXTRACTION STATUS", rows)
    progress = ["  EXTRACTION PROGRESS" + " " * 42, "  " + "─" * 60]
    for name, counter in all_counters.items():
        row = f"  {_label(name) + ':':<15} {counter.value:>3}"
        if counter.total is not None:
            percent = 100 * counter.value / counter.total if counter.total else 0
            row += f" / {counter.total:>3}  ({percent:5.1f}%)"
        progress.append(f"{row:<37}" + " " * 23)
    return _box("PRISM EXTRACTION STATUS", rows, progress)


def check_results(checks: "list[Check]") -> str:
    """Return each check with PASS or FAIL and the reason, as `session_manager verify` prints them."""
    lines = [
        f"  {check.name}: {f'❌ FAIL ({one_line(check.reason, 400)})' if check.reason else '✅ PASS'}\n"
        for check in checks
    ]
    passed = sum(not check.reason for check in checks)
    return (
        f"Running verification checks...\n\n Verification Results:\n{_LONG_LINE}\n{''.join(lines)}{_LONG_LINE}\n"
        f"  Total: {passed}/{len(checks)} checks passed\n"
    )


def _box(title: str, *parts: list[str]) -> str:
    rule = "═" * _WIDTH
    lines = [f"╔{rule}╗", f"║            {title:<21}{' ' * (30 if len(title) <= 21 else 28)}║"]
    for rows in parts:
        lines += [f"╠{rule}╣", *(f"║{row}║" for row in rows)]
    return "\n" + "\n".join([*lines, f"╚{rule}╝"]) + "\n\n"


def _row(label: str, value: str, room: int) -> str:
    return f"  {label:<{room}} {value}".ljust(_WIDTH)


def _session_rows(record: "Record") -> list[str]:
    name = one_line(work_session.id_of(record), 45) or "(without an id)"
    return [_row("Session ID:", name, 12), _row("Start Time:", _moment(record.get("startTime")), 12)]


def _moment(time: object) -> str:
    at_ms = clock.parse_ms(time)
    return "unknown" if at_ms is None else clock.iso(at_ms)[:19].replace("T", " ")


def _label(name: str) -> str:
    label = _LABELS.get(name)
    if label:
        return label
    shown = one_line(name, 13)
    return shown[:1].upper() + shown[1:]


def _text(value: object, limit: int = 200) -> str:
    return one_line(value, limit) if isinstance(value, str) else ""
