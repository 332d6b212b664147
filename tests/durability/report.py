"""Print the results as tables: commands and methods, mutants and what caught them, and every violation."""

from collections import defaultdict

from .cases import SEED, Outcome, Unavailable
from .survivors import METHODS, MUST_CATCH, Hunt

_MOST = 20  # violations shown in full


def tables(
    outcomes: list[Outcome],
    caught: list[tuple[Hunt, Outcome]],
    lacking: dict[str, Unavailable],
    unhunted: list[Hunt],
) -> int:
    """Print all results; return the exit code."""
    print(f"seed {SEED}")
    bad = [outcome for outcome in outcomes if outcome.violations]
    vain = _vain(outcomes)
    if outcomes or lacking:
        _methods(outcomes)
    for name, reason in lacking.items():
        print(f"skipped: {name}: {reason}")
    for line in sorted({f"{o.case.point}: {o.skipped}" for o in outcomes if o.skipped}):
        print(f"skipped: {line}")
    survivors = _mutants(caught, unhunted)
    for outcome in bad[:_MOST]:
        _violation(outcome)
    if len(bad) > _MOST:
        print(f"… and {len(bad) - _MOST} more")
    missing = [f"{name}: {reason}" for name, reason in lacking.items() if reason.fails]
    for line in vain + survivors + missing:
        print(f"\nFAILED {line}")
    total = sum(outcome.checked for outcome in outcomes)
    held = "0 violations" if not bad else f"{len(bad)} cases VIOLATED"
    print(f"\n{total} cases, {held}; {len(caught) - len(survivors)} of {len(caught)} hunts for mutants caught theirs")
    return 1 if bad or vain or survivors or missing else 0


def single(outcomes: list[Outcome]) -> int:
    """Print the results of cases that were selected by name; return the exit code."""
    for outcome in outcomes:
        if outcome.violations:
            _violation(outcome)
        else:
            print(f"{outcome.case}: {outcome.skipped or f'held, {outcome.checked} checked'}")
    return 1 if any(outcome.violations for outcome in outcomes) else 0


def _violation(outcome: Outcome) -> None:
    print(f"\nVIOLATED {outcome.case}\n  again: {outcome.case.again}")
    for text in outcome.violations[:3]:
        print(f"  {text[:1500]}")


def _vain(outcomes: list[Outcome]) -> list[str]:
    """Return an error for each method whose crashes left only one kind of state, because it misses the commit."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for outcome in outcomes:
        if outcome.case.method in ("crash", "power") and not outcome.skipped:
            found[outcome.case.method, "*"] |= outcome.notes
    return [
        f"{method}: only {sorted(notes)} states were ever seen: the crashes miss the commit"
        for (method, _), notes in found.items()
        if not {"old", "new"} <= notes
    ]


def _methods(outcomes: list[Outcome]) -> None:
    names = [name for name in METHODS if any(outcome.case.method == name for outcome in outcomes)]
    cells: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        cells[outcome.case.command, outcome.case.method].append(outcome)
    rows = list(dict.fromkeys(outcome.case.command for outcome in outcomes))
    table = [["command", *names]]
    table += [[row, *(_cell(cells.get((row, name), [])) for name in names)] for row in rows]
    table.append(["together", *(_cell([o for o in outcomes if o.case.method == name]) for name in names)])
    print("\ncases / violations")
    _print(table)


def _cell(outcomes: list[Outcome]) -> str:
    if not outcomes:
        return ""
    return f"{sum(o.checked for o in outcomes)} / {sum(bool(o.violations) for o in outcomes)}"


def _mutants(caught: list[tuple[Hunt, Outcome]], unhunted: list[Hunt]) -> list[str]:
    if not caught:
        return []
    by_mutant: dict[str, list[str]] = {mutant: [] for mutant in MUST_CATCH}
    for quarry, outcome in caught:
        how = "SURVIVES" if outcome.violations else "skipped" if outcome.skipped else f"after {outcome.checked}"
        by_mutant[quarry.mutant].append(f"{quarry.method}/{quarry.command} ({how})")
    for quarry in unhunted:
        by_mutant[quarry.mutant].append(f"{quarry.method}/{quarry.command} (skipped)")
    print()
    _print(
        [["mutant", "caught by (after so many cases)"], *([name, ", ".join(how)] for name, how in by_mutant.items())]
    )
    return [f"{quarry}: {outcome.violations[0]}" for quarry, outcome in caught if outcome.violations]


def _print(table: list[list[str]]) -> None:
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    for number, row in enumerate(table):
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))
