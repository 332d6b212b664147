"""Documents and values for property tests: usual text of agents, and text that could break a document."""

from hypothesis import strategies as st

PIECES = (
    "## Metadata",
    "## Progress",
    "## Covered",
    "## covered ##",
    "### Tests",
    "# SESSION STATE",
    "  ## Topics",
    "    ## code",
    "\t## code",
    "##none",
    "#tag",
    "- **Focus:** TBD",
    "- **Status:** active",
    "* **Overall:**",
    "  - nested",
    "- item",
    "1. one",
    "```",
    "```py",
    "````",
    "~~~",
    "<!--",
    "-->",
    "<!-- x -->",
    "---",
    "===",
    "...",
    "status: active",
    "last_updated: 2026-01-01T00:00:00+00:00",
    "*a hint*",
    "text",
    "\\## escaped",
    "",
)
ENDS = ("\n", "\r\n", "\r", "\n\n")
_CHARS = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
LINES = st.sampled_from(PIECES) | st.text(_CHARS, max_size=8)
DOCUMENTS = st.builds(
    lambda front, pairs: front + "".join(line + end for line, end in pairs),
    st.sampled_from(
        ["", "\ufeff", "---\nstatus: active\nlast_updated: x\n---\n", "---\r\ntype: 'a'\r\n---\r\n", "---\n"]
    ),
    st.lists(st.tuples(LINES, st.sampled_from((*ENDS, ""))), max_size=25),
)
VALUES = st.lists(LINES, max_size=6).map("\n".join) | st.text(_CHARS, max_size=20)
