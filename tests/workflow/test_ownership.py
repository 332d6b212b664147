"""Tell whether a session is mine, possibly active elsewhere, or interrupted."""

from typing import Any

import pytest

from session.host import clock
from session.workflow.ownership import ELSEWHERE, INTERRUPTED, MINE, has_ended, owner_id, whose

NOW = "2026-01-29T22:42:48.473Z"
NOW_MS = clock.parse_ms(NOW)


def at(minutes: float) -> str:
    assert NOW_MS is not None
    return clock.iso(NOW_MS + int(minutes * 60_000))


@pytest.mark.parametrize(
    ("owner", "updated_at", "me", "expected"),
    [
        ({"id": "me"}, at(-1), "me", MINE),
        ({"id": "me"}, at(-10_000), "me", MINE),
        ({"id": "me", "ended_at": at(-1)}, at(-2), "me", MINE),
        ({"id": "other"}, at(-14.9), "me", ELSEWHERE),
        ({"id": "other"}, at(-14.9), "", ELSEWHERE),
        ({"id": "other"}, at(-15), "me", INTERRUPTED),
        ({"id": "other", "ended_at": at(-1)}, at(-1), "me", INTERRUPTED),
        ({"id": "other", "ended_at": at(-2)}, at(-1), "me", ELSEWHERE),  # it wrote again, or another tool did
        ({"id": "other", "ended_at": "soon"}, at(-1), "me", ELSEWHERE),
        ({"id": "other", "ended_at": 7}, at(-1), "me", ELSEWHERE),
        ({"id": "other"}, at(+14), "me", ELSEWHERE),  # two clocks that differ
        ({"id": "other"}, at(+15), "me", INTERRUPTED),
        ({"id": "other"}, "yesterday", "me", INTERRUPTED),
        ({"id": "other"}, None, "me", INTERRUPTED),
        (None, at(-1), "me", INTERRUPTED),
        (None, at(-1), "", INTERRUPTED),
        ({"id": ""}, at(-1), "", INTERRUPTED),
        ({"id": 7}, at(-1), "me", INTERRUPTED),
        ("me", at(-1), "me", INTERRUPTED),
    ],
)
def test_whose(owner: Any, updated_at: Any, me: str, expected: str) -> None:
    state = {"owner": owner, "updated_at": updated_at, "step": "a"}
    assert NOW_MS is not None
    assert whose(state, me, NOW_MS) == expected


def test_nobody_is_nobody() -> None:
    assert owner_id({}) == ""
    assert not has_ended({})
    assert not has_ended({"owner": {"id": "me"}, "updated_at": NOW})
    assert has_ended({"owner": {"id": "me", "ended_at": NOW}})
