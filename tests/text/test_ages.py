"""Tests of ages as people write them."""

import pytest

from session.text.ages import age

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0 s"),
        (999, "0 s"),
        (SECOND, "1 s"),
        (MINUTE - 1, "59 s"),
        (MINUTE, "1 min"),
        (12 * MINUTE + 59 * SECOND, "12 min"),
        (HOUR - 1, "59 min"),
        (HOUR, "1 h"),
        (DAY - 1, "23 h"),
        (DAY, "1 day"),
        (2 * DAY - 1, "1 day"),
        (2 * DAY, "2 days"),
        (400 * DAY, "400 days"),
        (-1, "0 s"),  # by a clock that was set back since
        (-DAY, "0 s"),
    ],
)
def test_age(ms: int, text: str) -> None:
    assert age(ms) == text
