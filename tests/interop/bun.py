"""Where Bun and Node are, for the tests and the benchmarks."""

import os
import shutil
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent.parent
PEER = Path(__file__).parent / "peer"
HOW_TO_INSTALL = "Bun is missing: run tests/interop/install_bun.sh, or set $BUN to the program"


def find_bun() -> str | None:
    """The path of Bun: $BUN, else what `install_bun.sh` put into `.node/`, else the one on the PATH."""
    named = os.environ.get("BUN")
    if named:
        return named
    installed = sorted(REPOSITORY.glob(".node/node_modules/@oven/bun-*/bin/bun*"))
    return str(installed[0]) if installed else shutil.which("bun")


def find_node() -> str | None:
    """The path of Node: $NODE, else the one on the PATH."""
    return os.environ.get("NODE") or shutil.which("node")
