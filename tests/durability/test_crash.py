"""Tests of the methods `crash` and `error`: a kill comes before its system call, an error instead of it."""

import pytest

from tests.durability import crash, errors
from tests.durability.cases import Case, Unavailable


@pytest.fixture(autouse=True)
def tools() -> None:
    """Skip the test without strace."""
    try:
        crash.needs()
    except Unavailable as reason:
        if reason.fails:
            raise
        pytest.skip(str(reason))


@pytest.mark.parametrize(("point", "state"), [("renameat:1", "old"), ("fsync:2", "new")])
def test_a_kill_comes_before_its_call(point: str, state: str) -> None:
    outcome = crash.check(Case("crash", "set-update", point))
    assert (outcome.violations, outcome.notes) == ([], frozenset([state]))


@pytest.mark.parametrize(("point", "code"), [("fsync:1=EIO", 1), ("renameat:1=EXDEV", 1), ("fsync:2=EIO", 5)])
def test_an_error_comes_instead_of_its_call(point: str, code: int) -> None:
    outcome = errors.check(Case("error", "set-update", point))
    assert (outcome.violations, outcome.notes) == ([], frozenset([f"exit {code}"]))


def test_the_points_of_a_command_begin_with_its_state_and_end_with_its_end() -> None:
    points = crash.points("set-update")
    assert points[-1] == ("exit_group:1", True)
    assert {"renameat:1", "fsync:1", "fsync:2", "flock:1"} <= {point for point, _ in points}
