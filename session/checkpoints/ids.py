"""Make ids of checkpoints, such as `CP_20260129_224248`, and put them in order of time. No I/O, no clock."""

import re
from collections.abc import Iterable

from session.host import clock

_ID = re.compile(r"CP_(\d{8})_(\d{6})(?:_(\d{3,9}))?", re.ASCII)
_NO_DIGIT = re.compile(r"\D+", re.ASCII)


def next_id(taken: Iterable[str], now_ms: int) -> str:
    """Return an id for a new checkpoint that sorts after every id in `taken`.

    If the clock stood still or went back, the id has the time of the latest one and a number: `…_002`.
    """
    now = _NO_DIGIT.sub("", clock.iso(now_ms))[:14]
    stamp, number = max([(now, 0), *(place for name in taken if (place := _place(name)) is not None)])
    plain = f"CP_{stamp[:8]}_{stamp[8:]}"
    return f"{plain}_{number + 1:03d}" if number else plain


def order(name: str, created: str = "") -> tuple[str, int, str]:
    """Return a sort key, oldest first: by the time in the id, or by `created` (ISO 8601) if the id has no time."""
    stamp, number = _place(name) or (_NO_DIGIT.sub("", created)[:14], 0)
    return stamp, number, name


def _place(name: str) -> tuple[str, int] | None:
    match = _ID.fullmatch(name)
    return (match[1] + match[2], int(match[3] or "1")) if match else None
