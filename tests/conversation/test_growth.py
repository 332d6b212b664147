"""The work is proportional to the document's length: counted in calls, not in time."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from session.conversation import edit
from session.conversation.audit import Audit
from session.conversation.document import Document
from session.conversation.sync import sync

SHAPES: dict[str, Callable[[int], str]] = {
    "sections": lambda n: "".join(f"## S{at}\n- **F{at}:** TBD\n\n" for at in range(n)),
    "nested": lambda n: "".join(f"{'#' * (at % 5 + 2)} S{at}\n" for at in range(n)),
    "the same section": lambda n: "## S\n- TBD\n" * n,
    "open fences": lambda n: "".join(f"{'`' * (3 + at % 7)}py\n<!-- x\n" for at in range(n)),
    "items": lambda n: "## Covered\n" + "- TBD\n" * n,
    "empty": lambda n: "## S\n\n\n" * n,
    "frontmatter": lambda n: "---\n" + "".join(f"k{at}: v\n" for at in range(n)) + "---\n",
}
WORK: dict[str, Callable[[str, int], object]] = {
    "parse": lambda text, n: Document(text).render(),
    "update": lambda text, n: edit.update("## Metadata\n" + text, "F1", "v", "now"),
    "audit": lambda text, n: Audit(Document(text)),
    "sync": lambda text, n: sync(text, {f"S{at}": ["x"] for at in range(n)}, "now"),
}


def calls(work: Callable[[], object]) -> int:
    """Return how many calls the work makes, of Python functions and of built-in ones."""
    count = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", WORK)
def test_linear(name: str, shape: str) -> None:
    small, large = (
        calls(lambda size=size: WORK[name](SHAPES[shape](size), size))  # type: ignore[misc]
        for size in (300, 1200)
    )
    assert large < 4.4 * small + 500


def test_a_megabyte() -> None:
    """A megabyte in one line, in very many lines, or in one heading takes no unreasonable time."""
    for text in ("x" * 1_000_000, "\n" * 1_000_000, "## " + " #" * 500_000, "- **" + "*" * 1_000_000, "`" * 1_000_000):
        assert len(edit.update("## Metadata\n" + text, "F", "v", "now")) == len(text) + 23
        Audit(Document(text))
