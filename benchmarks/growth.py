"""Measure how the time to parse, edit and audit a conversation's document grows: four times the length compared.

    python benchmarks/growth.py [WORK ...]

If the work is linear, each ratio is about 4; quadratic work would give 16. The exit code is 1 if any ratio is above 9.
"""

import argparse
import gc
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.conversation.growth_shapes import LONG_LINES, SHAPES, WORK

LINES, CHARACTERS = 4_000, 60_000  # of the shorter document
LIMIT = 9.0
NOISE_S = 0.05


def seconds(work: Callable[[], object]) -> float:
    """Return the least time of the processor that the work takes, of three runs."""
    times = []
    for _ in range(3):
        began_s = time.process_time()
        work()
        times.append(time.process_time() - began_s)
    return min(times)


def measure(name: str, shape: str) -> tuple[float, float]:
    """Return the time that one kind of work takes on a document of one shape, and on one of four times its length."""
    make, unit = (SHAPES[shape], LINES) if shape in SHAPES else (LONG_LINES[shape], CHARACTERS)
    small, large = (
        seconds(partial(WORK[name], make(size), size if shape in SHAPES else 3)) for size in (unit, 4 * unit)
    )
    return small, large


def main() -> int:
    """Print a line for each kind of work and shape; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("work", nargs="*", metavar="WORK", help=f"one of: {', '.join(WORK)} (all, if none is named)")
    names = parser.parse_args().work or list(WORK)
    unknown = [name for name in names if name not in WORK]
    if unknown:
        parser.error(f"no such work: {', '.join(unknown)} (choose from {', '.join(WORK)})")
    gc.disable()
    slow = 0
    for name in names:
        for shape in (*SHAPES, *LONG_LINES):
            small_s, large_s = measure(name, shape)
            is_slow = large_s > LIMIT * small_s + NOISE_S
            slow += is_slow
            ratio = f"{large_s / small_s:6.1f}" if small_s else "      "
            mark = "  more than linear" if is_slow else ""
            print(f"{name:9} {shape:31} {small_s * 1000:8.1f} ms {large_s * 1000:8.1f} ms {ratio}{mark}", flush=True)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
