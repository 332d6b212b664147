"""Helpers for tests of faults: a good session, the commands that write it, and checks of how they end."""

from pathlib import Path

from tests.conftest import Ended
from tests.store.tree import tree

GOOD = (
    b'{"started_at": "2026-01-29T22:42:48.473Z", "steps": ["init"], "step": "init",'
    b' "updated_at": "2026-01-29T22:42:48.473Z"}'
)

WRITERS = [
    ("set", "w", "next"),
    ("set", "w", "next", '{"a": 1}', "--if-step=init"),
    ("set", "w", "x", "--new"),
    ("save", "w"),
]


def refused(ended: Ended, code: int = 1) -> str:
    """Check that the command was refused with exactly one line on stderr, and return this line."""
    assert (ended.code, ended.stdout) == (code, "")
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.endswith("\n")
    assert "bug in" not in ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr[:-1]


def documents(project: Path) -> dict[str, tuple[str, str | bytes]]:
    """Return everything in the project except the lock file and `.gitignore`."""
    return {path: what for path, what in tree(project).items() if Path(path).name not in (".lock", ".gitignore")}
