"""Each usage of the context leads to the right action, advice and resumption."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.entry import context_thresholds
from session.errors import UsageError


@pytest.mark.parametrize(
    ("text", "action", "advice", "resumption"),
    [
        ("0", "none", None, "continue"),
        ("0.50", "none", None, "continue"),
        ("0.51", "none", "checkpoint", "continue"),
        (".5999", "none", "checkpoint", "continue"),
        ("0.60", "none", "checkpoint", "compress_and_continue"),
        ("0.70", "none", "checkpoint", "compress_and_continue"),
        ("0.7001", "none", "pre_compress", "compress_and_continue"),
        ("0.80", "none", "pre_compress", "fresh_with_summary"),
        ("80%", "none", "pre_compress", "fresh_with_summary"),
        ("0.80000000000000000001", "remove_raw", "pre_compress", "fresh_with_summary"),
        ("0.85", "remove_raw", "pre_compress", "fresh_with_summary"),
        ("0.86", "summarize", "pre_compress", "fresh_with_summary"),
        ("0.90", "summarize", "pre_compress", "fresh_with_summary"),
        ("90.5%", "full", "pre_compress", "fresh_with_summary"),
        ("95%", "full", "pre_compress", "fresh_with_summary"),
        ("0.951", "emergency", "pre_compress", "fresh_with_summary"),
        ("1.2", "emergency", "pre_compress", "fresh_with_summary"),
        (" +1. ", "emergency", "pre_compress", "fresh_with_summary"),
    ],
)
def test_thresholds(text: str, action: str, advice: str | None, resumption: str) -> None:
    use = context_thresholds.judge(context_thresholds.parse(text))
    assert (use.action, use.advice, use.resumption) == (action, advice, resumption)


@pytest.mark.parametrize(
    "text", ["", " ", "nan", "inf", "-0.5", "-1", "abc", "0.8.1", "0,8", "%", ".", "0.8x", "٠.٨", "1_0"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        context_thresholds.parse(text)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_more_use_never_asks_for_less(one: int, other: int) -> None:
    order = [context_thresholds.NONE, *(word for _, word in reversed(context_thresholds.ACTIONS))]
    low, high = sorted((one, other))
    found = [context_thresholds.judge(context_thresholds.parse(f"{each / 10_000:.4f}")) for each in (low, high)]
    assert order.index(found[0].action) <= order.index(found[1].action)
