"""Documents that grow by their length, and the work on them: for test_growth.py and benchmarks/growth.py."""

from collections.abc import Callable

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
