"""The work is proportional to the document's length, counted in calls. `benchmarks/growth.py` measures the time."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from session.conversation import edit
from session.conversation.audit import Audit
from session.conversation.document import Document

from .growth_shapes import SHAPES, WORK


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


def test_a_megabyte_is_edited_and_audited() -> None:
    """It may be one line, very many lines, or one heading."""
    for text in ("x" * 1_000_000, "\n" * 1_000_000, "## " + " #" * 500_000, "- **" + "*" * 1_000_000, "`" * 1_000_000):
        assert len(edit.update("## Metadata\n" + text, "F", "v", "now")) == len(text) + 23
        Audit(Document(text))
