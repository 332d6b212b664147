"""What checkpoints are called, `CP_20260129_224248`, and which of them is the newer one (seed: 000). Pure."""

import re
from collections.abc import Iterable

from session.host import clock

_ID = re.compile(r"CP_(\d{8})_(\d{6})(?:_(\d{3,9}))?", re.ASCII)
_NO_DIGIT = re.compile(r"\D+", re.ASCII)


def next_id(taken: Iterable[str], now_ms: int) -> str:
    """The id of a checkpoint made now: later in order than every one that is `taken`.

    Where the clock stands still or went back, it has the time of the last one, and a number: `…_002`.
    """
    now = _NO_DIGIT.sub("", clock.iso(now_ms))[:14]
    stamp, number = max([(now, 0), *(place for name in taken if (place := _place(name)) is not None)])
    plain = f"CP_{stamp[:8]}_{stamp[8:]}"
    return f"{plain}_{number + 1:03d}" if number else plain


def order(name: str, created: str = "") -> tuple[str, int, str]:
    """What to sort checkpoints by, oldest first: the time in the name, else the one at which it was `created`."""
    stamp, number = _place(name) or (_NO_DIGIT.sub("", created)[:14], 0)
    return stamp, number, name


def _place(name: str) -> tuple[str, int] | None:
    found = _ID.fullmatch(name)
    return (found[1] + found[2], int(found[3] or "1")) if found else None
