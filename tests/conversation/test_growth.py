"""The work is proportional to the document's length: counted in calls, and measured for work in built-in functions."""

import gc
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from session.commands.doc_answers import document_object
from session.conversation import edit, markdown_lines
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
    "open frontmatter": lambda n: "---\n" + "".join(f"k{at}: v\n" for at in range(n)),
    "the same key": lambda n: "---\n" + "last_updated: v\n" * n + "---\n",
    "a long value in the frontmatter": lambda n: "---\nlast_updated:\n" + "- v\n\n" * n + "---\n",
    "short headings": lambda n: "#\n" * n,
    "deeper and deeper": lambda n: "".join(f"{'#' * level} S\n" * (n // 5) for level in range(2, 7)) + "x\n",
    "sections that may be empty": lambda n: "## Build-Specific\n### S\n" * n,
    "fences": lambda n: "```\n" * n,
    "fences with words": lambda n: "".join(f"~~~ {at}\n## S\n~~~\n" for at in range(n)),
    "fences that no line closes": lambda n: "~~~~~\n```\n" + "~~~~ x\n```` x\n" * n + "~~~\n```\n",
    "comments": lambda n: "<!--\n-->\n<!-- x -->\n" * n,
    "open comments": lambda n: "<!--\n" * n,
    "fences in comments": lambda n: "<!--\n```\n~~~\n-->\n" * n,
    "fields": lambda n: "## Metadata\n" + "".join(f"- **F{at}:** v\n" for at in range(n)),
    "empty fields": lambda n: "".join(f"- **F{at}:**\n\t\n" for at in range(n)),
    "the same field": lambda n: "## S\n" + "- **F1:** v\n" * n,
    "the same field in sections": lambda n: "- **F1:** v\n## S\n" * n,
    "CR LF": lambda n: "#\r\nx\r\n" * n,
    "CR": lambda n: "#\r- x\r" * n,
}
LONG_LINES: dict[str, Callable[[int], str]] = {
    "text": lambda n: "x" * n,
    "hashes": lambda n: "## " + " #" * (n // 2),
    "stars": lambda n: "- **" + "*" * n,
    "rule": lambda n: "- " * (n // 2),
    "backticks": lambda n: "`" * n,
    "backticks and more": lambda n: "`" * (n // 2) + "x`" * (n // 4),
    "white space": lambda n: "[ ]" + " " * n + "x",
    "underscores": lambda n: "tbd" + "_" * n + "x",
    "fields": lambda n: "- **F:" + ":**" * (n // 3),
    "frontmatter": lambda n: "---\nk: " + "x" * n + "\n---\n",
}
WORK: dict[str, Callable[[str, int], object]] = {
    "parse": lambda text, n: Document(text).render(),
    "update": lambda text, n: edit.update("## Metadata\n" + text, "F1", "v", "now"),
    "audit": lambda text, n: Audit(Document(text)),
    "sync": lambda text, n: sync(text, {f"S{at}": ["x"] for at in range(n)}, "now"),
    "sync one": lambda text, n: sync(text, {"S": ["x"], "Metadata": {"status": "x", "F1": "y"}}, "now"),
    "append": lambda text, n: edit.append(text, "S", "x", "now"),
    "as JSON": lambda text, n: document_object(Document(text), ""),
    "escape": lambda text, n: markdown_lines.escape(text),
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


def seconds(work: Callable[[], object]) -> float:
    """Return the least time of the processor that the work takes, of three runs."""
    times = []
    for _ in range(3):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


@pytest.mark.slow
@pytest.mark.parametrize("shape", {**SHAPES, **LONG_LINES})
@pytest.mark.parametrize("name", WORK)
def test_linear_time(name: str, shape: str) -> None:
    """Four times the length may take nine times as long, which is far from the sixteen times of quadratic work."""
    make = {**SHAPES, **LONG_LINES}[shape]
    unit = 4000 if shape in SHAPES else 60_000
    times = []
    gc.disable()
    try:
        for size in (unit, 4 * unit):
            work = partial(WORK[name], make(size), size if shape in SHAPES else 3)
            times.append(seconds(work))
    finally:
        gc.enable()
    small, large = times
    assert large < 9 * small + 0.05


def test_a_megabyte() -> None:
    """A megabyte in one line, in very many lines, or in one heading takes no unreasonable time."""
    for text in ("x" * 1_000_000, "\n" * 1_000_000, "## " + " #" * 500_000, "- **" + "*" * 1_000_000, "`" * 1_000_000):
        assert len(edit.update("## Metadata\n" + text, "F", "v", "now")) == len(text) + 23
        Audit(Document(text))
