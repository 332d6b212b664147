"""How the reading words answer: rich tables on a terminal, JSON when piped or asked for."""

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


def wants_json(asked: bool) -> bool:
    """Whether the answer is JSON: `--json` was given, or stdout is no terminal. SessionError for a terminal without
    rich."""
    if asked or not os.isatty(1):
        return True
    try:
        import rich  # noqa: F401  cost: on terminals only
    except ImportError:
        raise SessionError("tables need rich, which is not installed", "pip install rich, or add --json") from None
    return False


def json_out(value: object, *, committed: bool = False) -> None:
    """Print `value` as JSON, with every number as exact as in the file it came from.

    `committed` says that the command has changed something: a failed print then raises Unconfirmed.
    """
    output.answer(codec.encode(value) + b"\n", committed=committed)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> "Table":
    """A table to `show`. Cells are values from anywhere, as `text` makes them, or what it made."""
    from rich.box import SIMPLE_HEAD  # cost: as above
    from rich.table import Table
    from rich.text import Text

    made = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, title_justify="left")
    made.title = text(title, "bold") if title else None
    for column in columns:
        made.add_column(text(column), overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else text(cell) for cell in row))
    return made


def text(value: object, style: str = "", *, keep_lines: bool = False) -> "Text":
    """A text from anywhere, to `show`: harmless, on one line unless `keep_lines`; None is a dash."""
    from rich.text import Text  # cost: as above

    said = "-" if value is None else str(value)
    return Text(untrusted.visible(said, keep="\n\t") if keep_lines else untrusted.inline(said), style)


def show(*parts: "RenderableType") -> None:
    """Print tables and texts on the terminal, one below the other. A plain `str` is ours, with rich's markup;
    what is from anywhere else goes through `text` or `table`."""
    from io import StringIO  # cost: as above
    from shutil import get_terminal_size

    from rich.console import Console

    buffer = StringIO()
    # the buffer stands for the terminal; rich itself sees to NO_COLOR and TERM
    size = get_terminal_size()
    console = Console(
        file=buffer, force_terminal=True, width=size.columns, height=size.lines, highlight=False, emoji=False
    )
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, str))
    lines = (line.rstrip() for line in buffer.getvalue().split("\n"))  # rich fills them up with spaces
    output.answer("\n".join(lines).encode(), styled=True)
