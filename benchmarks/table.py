"""Print measurements as a table or as JSON."""

import json
from collections.abc import Mapping


def print_measured(about: Mapping[str, str], rows: list[dict[str, object]], *, as_json: bool) -> None:
    """Print the measurements as JSON or as a table."""
    if as_json:
        print(json.dumps({"machine": about, "rows": rows}, indent=2))
    else:
        print_table(about, rows)


def print_table(about: Mapping[str, str], rows: list[dict[str, object]]) -> None:
    """Print the facts about the machine, the rows as a table, and how to read a ratio."""
    print(" · ".join(f"{key} {value}" for key, value in about.items()), end="\n\n")
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines = [columns, *([_show(row.get(column)) for column in columns] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(columns))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    if any(isinstance(value, dict) for row in rows for value in row.values()):
        print("\nratio of times: median of pairs (quartiles; fastest run to fastest run) pairs")


def _show(value: object) -> str:
    if isinstance(value, dict):
        return "{median:.2f} ({low:.2f}–{high:.2f}; {of_fastest:.2f}) {pairs}".format_map(value)
    return f"{value:.2f}" if isinstance(value, float) else str("" if value is None else value)
