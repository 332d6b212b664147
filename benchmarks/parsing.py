"""Measure how long it takes to parse hostile results of prompt_engine: 1 MB compared with 10 kB.

    python benchmarks/parsing.py

If parsing takes linear time, the ratio is about 100. A regular expression that backtracks would give thousands.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from session.chain import parse_prompt_engine_response
from session.chain.parse import read

SMALL, LARGE = 10_000, 1_000_000

HOSTILE: dict[str, Callable[[int], Any]] = {
    "plain prose": lambda size: "the quick brown fox\n" * (size // 20),
    "one word": lambda size: "a" * size,
    "white space": lambda size: " " * size,
    "empty lines": lambda size: "\n" * size,
    "Step and white space": lambda size: "Step" + " " * size,
    "Steps without number": lambda size: "Step " * (size // 5),
    "Steps with half a number": lambda size: "Step 1 " * (size // 7),
    "a number without end": lambda size: "Step " + "1" * size,
    "step, white space, of": lambda size: "Step 1" + " " * size + "off",
    "steps beyond the total": lambda size: "Step 9 of 1 " * (size // 12),
    "dates": lambda size: "Progress 1/2/" * (size // 13),
    "underscores": lambda size: "_" * size,
    "underscores and steps": lambda size: "_Step" * (size // 5),
    "parameter names": lambda size: "chain_id " * (size // 9),
    "chain-chain-": lambda size: "-chain-" * (size // 7),
    "footers without progress": lambda size: "→ \n" * (size // 3),
    "Chain: and Chain:": lambda size: "Chain:\n" * (size // 7),
    "sections": lambda size: "## Inline Gates\n" * (size // 16),
    "signs": lambda size: "#" * size,
    "lines of signs": lambda size: "## Inline Gates\n" + "# #\n" * (size // 4),
    "rules": lambda size: "## Inline Gates\n" + "- " * (size // 2),
    "criteria": lambda size: "## Inline Gates\n" + "- c\n" * (size // 4),
    "asterisks": lambda size: "*" * size,
    "empty lists of gates": lambda size: "**Gates**: " * (size // 11) + "\n" * 9,
    "verdicts": lambda size: "**Review Required**GATE_VERDICTS:" + "[1] \n" * (size // 5),
    "templates": lambda size: "**Review Required**" + "GATE_VERDICTS:\n" * (size // 15),
    "verdict and white space": lambda size: "**Review Required**GATE_VERDICTS:\n[1]" + " " * size,
    "verdict and empty lines": lambda size: "**Review Required**GATE_VERDICTS:\n[1]" + "\n" * size + "[2] PASS - b",
    "attempts": lambda size: "Attempt " * (size // 8),
    "attempts and white space": lambda size: "Attempt" + " " * size + "x",
    "verification of nothing": lambda size: "Shell verification:\n" * (size // 20),
    "verification and white space": lambda size: "Shell verification: x" + " " * size + "y",
    "backticks": lambda size: "Shell verification: " + "`" * size,
    "notes": lambda size: "Shell verification: " + "(Attempt 1/2" * (size // 12),
    "failures without command": lambda size: "## Shell Verification FAILED\n" * (size // 29),
    "blocks": lambda size: [{"type": "text", "text": "x"}] * (size // 40),
    "one verification, many signs": lambda size: "Shell verification: " + "(" * size,
    "a failure and commands": lambda size: "## Shell Verification FAILED" + "**Command:** \n" * (size // 14),
    "depth": lambda size: json.loads("[" * 900 + '"' + "x" * size + '"' + "]" * 900),
}


def seconds(value: object) -> float:
    """Parse the value five times and return the shortest time, because noise only makes runs longer."""
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        read(value)
        best = min(best, time.perf_counter() - start)
    return best


def main(argv: list[str]) -> int:
    """Print a line for each text; return 1 if a ratio is too large for linear time on a busy machine, else 0."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--most", type=float, default=400, help="the largest ratio that still counts as linear (400)")
    most = words.parse_args(argv).most
    parse_prompt_engine_response("Step 1 of 2")  # import everything before measuring
    worst = 0.0
    print(f"{'text':32}{'10 kB, ms':>12}{'1 MB, ms':>12}{'ratio':>8}")
    for name, make in HOSTILE.items():
        small, large = seconds(make(SMALL)), seconds(make(LARGE))
        worst = max(worst, large / small)
        print(f"{name:32}{small * 1000:12.3f}{large * 1000:12.2f}{large / small:8.0f}")
    print(f"worst ratio: {worst:.0f}, linear would be {LARGE // SMALL}")
    return int(worst > most)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
