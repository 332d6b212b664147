"""Test the promise of durability: `python -m tests.durability [--small] [METHOD | mutants | CASE ...]`.

Without arguments, all methods run on a sample of cases. FULL=1 runs every case; DURABILITY_SEED chooses the sample.
Exit code 0: no violation, and every mutant is caught; 1: otherwise; 77: nothing can run on this machine.
"""

import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from . import disks, lab, report
from .cases import FULL, Case, Outcome, Unavailable, parse
from .commands import TABLE
from .survivors import HUNTS, METHODS, Hunt, hunt, one_each

NOTHING = 77  # test harnesses read this exit code as "skipped"


def main(words: list[str]) -> int:
    """Run the methods and cases that the arguments name, print the tables, and return the exit code."""
    if "--help" in words or "-h" in words:
        print(__doc__)
        return 0
    size = "full" if FULL else "sample"
    if "--small" in words:
        size = "small"
    selected = [word for word in words if not word.startswith("--")]
    unknown = [word for word in selected if "/" not in word and word not in (*METHODS, "mutants")]
    unknown += [word for word in words if word.startswith("--") and word != "--small"]
    if unknown:
        print(f"{__doc__}\nunknown: {' '.join(unknown)}; methods: {' '.join(METHODS)}", file=sys.stderr)
        return 1
    started = time.monotonic()
    lab.folder()
    with ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as threads:  # before any fork
        list(threads.map(lambda row: row.template(), TABLE))
    try:
        if any("/" in word for word in selected):
            outcomes = [_check(parse(word)) for word in selected if "/" in word]
            return report.single(outcomes)
        return _all(
            [name for name in METHODS if not selected or name in selected], not selected or "mutants" in selected, size
        )
    finally:
        disks.close()
        print(f"{time.monotonic() - started:.0f} s")


def _all(names: list[str], mutants: bool, size: str) -> int:
    lacking: dict[str, Unavailable] = {}
    for name in METHODS:
        try:
            METHODS[name].needs()
        except Unavailable as reason:
            lacking[name] = reason
    usable = [name for name in names if name not in lacking]
    # Use fork, so that all processes share the prepared projects.
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        usable.sort(key=lambda name: name != "storm")  # the longest case first
        pairs = [(name, row) for name in usable for row in METHODS[name].rows()]
        listed = [pool.submit(_cases, name, row, size) for name, row in pairs]
        wanted = one_each(lacking) if size == "small" else HUNTS
        hunts = [quarry for quarry in wanted if mutants and quarry.method not in lacking]
        hunted = [pool.submit(_hunt, quarry, size) for quarry in hunts]
        running = [pool.submit(_check, case) for some in listed for case in some.result()]
        outcomes = [future.result() for future in running]
        caught = list(zip(hunts, [future.result() for future in hunted], strict=True))
    skipped = [quarry for quarry in wanted if mutants and quarry.method in lacking]
    missed = {name: reason for name, reason in lacking.items() if mutants or name in names}
    code = report.tables(outcomes, caught, missed, skipped)
    return code or (0 if any(outcome.checked for outcome in (*outcomes, *(how for _, how in caught))) else NOTHING)


def _cases(name: str, row: str, size: str) -> list[Case]:
    return METHODS[name].cases(row, "", size)


def _check(case: Case) -> Outcome:
    try:
        return METHODS[case.method].check(case)
    except Unavailable as reason:
        if reason.fails:
            return Outcome(case, 1, [str(reason)])
        return Outcome(case, 0, skipped=str(reason))
    except Exception as error:  # a check that cannot run counts as a violation
        return Outcome(case, 1, [f"the check itself failed: {type(error).__name__}: {error}"])


def _hunt(quarry: Hunt, size: str) -> Outcome:
    try:
        return hunt(quarry, size)
    except Exception as error:
        case = Case(quarry.method, quarry.command, "*", quarry.mutant)
        return Outcome(case, 0, [f"the hunt itself failed: {type(error).__name__}: {error}"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
