"""Find Bun and Node for the tests and the benchmarks."""

import os
import shutil
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent.parent
PEER = Path(__file__).parent / "peer"
HOW_TO_INSTALL = "Bun is missing: run tests/interop/install_bun.sh, or set $BUN to the program"


def find_bun() -> str | None:
    """Return the path of Bun: $BUN, else the one that `install_bun.sh` installed, else the one on the PATH."""
    named = os.environ.get("BUN")
    if named:
        return named
    installed = sorted(REPOSITORY.glob(".node/node_modules/@oven/bun-*/bin/bun*"))
    return str(installed[0]) if installed else shutil.which("bun")


def find_node() -> str | None:
    """Return the path of Node: $NODE, else the one on the PATH."""
    return os.environ.get("NODE") or shutil.which("node")
