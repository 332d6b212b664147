"""Tests of times: as JavaScript writes them, and in other forms of ISO 8601."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.host import clock


@pytest.mark.parametrize(
    ("at_ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (999, "1970-01-01T00:00:00.999Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (1769726568473, "2026-01-29T22:42:48.473Z"),
        (951782400000, "2000-02-29T00:00:00.000Z"),
        (253402300799999, "9999-12-31T23:59:59.999Z"),
        (-62135596800000, "0001-01-01T00:00:00.000Z"),
    ],
)
def test_iso_and_back(at_ms: int, text: str) -> None:
    assert clock.iso(at_ms) == text
    assert clock.parse_ms(text) == at_ms


@given(st.integers(-62135596800000, 253402300799999))
def test_every_time_comes_back(at_ms: int) -> None:
    assert clock.parse_ms(clock.iso(at_ms)) == at_ms


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-29T22:42:48.473Z",
        "2026-01-29T22:42:48.473+00:00",
        "2026-01-29T23:42:48.473+01:00",
        "2026-01-29T17:12:48.473-05:30",
        "2026-01-29T22:42:48.473",
        "2026-01-29 22:42:48.473",
        "2026-01-29T22:42:48.473999Z",
        "  2026-01-29T22:42:48.473Z\n",
        "20260129T224248.473Z",
    ],
)
def test_one_moment(text: str) -> None:
    assert clock.parse_ms(text) == 1769726568473


def test_a_day_is_its_first_moment() -> None:
    assert clock.parse_ms("2026-01-29") == 1769644800000


@pytest.mark.parametrize(
    "value",
    [None, 0, 1769726568473, True, [], {}, "", "yesterday", "NaN", "2026-13-01", "2026-02-30", "22:42", "1769726568473",
     "2026-01-29T25:00:00Z", "2026-01-29T22:42:48.473ZZ", "\0", "9" * 5000],
)  # fmt: skip
def test_no_moment(value: object) -> None:
    assert clock.parse_ms(value) is None


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_the_edges_of_time_do_not_fail(text: str) -> None:
    at_ms = clock.parse_ms(text)
    assert at_ms is not None
    assert clock.iso(at_ms).endswith("Z")


def test_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1769726568473999999)
    assert clock.now_ms() == 1769726568473


def test_the_time_zone_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert clock.iso(1769726568473) == "2026-01-29T22:42:48.473Z"
        assert clock.parse_ms("2026-01-29T22:42:48.473") == 1769726568473
    finally:
        monkeypatch.undo()
        time.tzset()
