"""Ids of checkpoints are unique and sort in the order of creation, even if the clock goes back."""

from hypothesis import given
from hypothesis import strategies as st

from session.checkpoints.ids import next_id, order

MS = 1_769_726_568_473  # 2026-01-29T22:42:48.473Z


def test_the_time_then_a_number() -> None:
    assert next_id([], MS) == "CP_20260129_224248"
    assert next_id(["CP_20260129_224248"], MS) == "CP_20260129_224248_002"
    assert next_id(["CP_20260129_224248", "CP_20260129_224248_009"], MS) == "CP_20260129_224248_010"
    assert next_id(["CP_20260129_224248_999"], MS) == "CP_20260129_224248_1000"
    assert next_id(["CP_20260129_224247_999"], MS) == "CP_20260129_224248"
    assert next_id(["CP_20260129_224250"], MS) == "CP_20260129_224250_002"
    assert next_id(["mine", "CP_2026", "CP_20260129_224248x", "CP_٢٠260129_224248"], MS) == "CP_20260129_224248"


@given(st.lists(st.integers(MS - 5000, MS + 5000), min_size=1, max_size=40))
def test_every_one_is_later_than_all_before(times: list[int]) -> None:
    made: list[str] = []
    for at_ms in times:
        made.append(next_id(made, at_ms))
    assert len(set(made)) == len(made)
    assert sorted(made, key=order) == made
    assert sorted(made) == made  # as `ls` lists them


def test_others_are_placed_by_when_they_were_made() -> None:
    names = {"CP_20260129_224248": "", "copy of mine": "2026-01-29T22:42:47", "later": "2026-01-30", "when?": ""}
    assert sorted(names, key=lambda name: order(name, names[name])) == [
        "when?",
        "copy of mine",
        "CP_20260129_224248",
        "later",
    ]
