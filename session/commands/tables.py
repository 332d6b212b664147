"""Print answers: as tables on a terminal, as JSON when piped or when `--json` is given."""

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from session import output
from session.errors import SessionError
from session.store import codec
from session.text import untrusted

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text


def wants_json(has_option: bool) -> bool:
    """Return True if the answer is JSON: `--json` is given, or stdout is not a terminal.

    SessionError if a table is needed and the package `rich` is not installed.
    """
    if has_option or not os.isatty(1):
        return True
    try:
        import rich  # noqa: F401  cost: only on a terminal
    except ImportError:
        raise SessionError("tables need rich, which is not installed", "pip install rich, or add --json") from None
    return False


def json_out(value: object, *, committed: bool = False) -> None:
    """Print `value` as JSON, with every number as exact as in the file it came from.

    `committed` says that the command has changed something: a failed print then raises Unconfirmed.
    """
    output.answer(codec.encode(value) + b"\n", committed=committed)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> "Table":
    """Return a table for `show`.

    A cell is any value, even from an untrusted file: it is made harmless with `text`. A cell that `text` has made
    is used unchanged.
    """
    from rich.box import SIMPLE_HEAD  # cost: only on a terminal
    from rich.table import Table
    from rich.text import Text

    result = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, title_justify="left")
    result.title = text(title, "bold") if title else None
    for column in columns:
        result.add_column(text(column), overflow="fold")
    for row in rows:
        result.add_row(*(cell if isinstance(cell, Text) else text(cell) for cell in row))
    return result


def text(value: object, style: str = "", *, keep_lines: bool = False) -> "Text":
    """Return the value as a text for `show`, with control characters escaped; None becomes a dash.

    Line breaks are escaped too, unless `keep_lines` is set.
    """
    from rich.text import Text  # cost: only on a terminal

    shown = "-" if value is None else str(value)
    return Text(untrusted.visible(shown, keep="\n\t") if keep_lines else untrusted.inline(shown), style)


def show(*parts: "RenderableType") -> None:
    """Print tables and texts on the terminal, one below the other.

    A plain `str` may contain rich's markup, so it must come from our own code. Pass all other text through `text` or
    `table`.
    """
    from io import StringIO  # cost: only on a terminal
    from shutil import get_terminal_size

    from rich.console import Console

    buffer = StringIO()
    # rich writes into a buffer as if it were the terminal; rich itself obeys NO_COLOR and TERM
    size = get_terminal_size()
    console = Console(
        file=buffer, force_terminal=True, width=size.columns, height=size.lines, highlight=False, emoji=False
    )
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, str))
    lines = (line.rstrip() for line in buffer.getvalue().split("\n"))  # rich pads lines with spaces
    output.answer("\n".join(lines).encode(), styled=True)
