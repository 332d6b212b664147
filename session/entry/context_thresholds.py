"""Decide what to do when a model's context fills up. No files are read or written.

A usage is a Decimal, not a float, so that comparisons with the thresholds are exact.
"""

import re
from decimal import Decimal
from typing import NamedTuple

from session.errors import UsageError

# the part of the context to remove, if the usage is above the threshold
ACTIONS = (("0.95", "emergency"), ("0.90", "full"), ("0.85", "summarize"), ("0.80", "remove_raw"))
# the preparation to make, if the usage is above the threshold
ADVICE = (("0.70", "pre_compress"), ("0.50", "checkpoint"))
# the way to resume later, if the usage is at or above the threshold
RESUMPTIONS = (("0.80", "fresh_with_summary"), ("0.60", "compress_and_continue"))
NONE = "none"
CONTINUE = "continue"

_NUMBER = re.compile(r"\+?(\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(%?)", re.ASCII)


class ContextUse(NamedTuple):
    """How full the context is (`usage`, 1 for full), and the words for what to do now, soon, and on resuming."""

    usage: Decimal
    action: str
    advice: str | None
    resumption: str


def parse(text: str) -> Decimal:
    """Return the usage that a text such as `0.86` or `86%` names; raise UsageError for any other text."""
    number = _NUMBER.fullmatch(text.strip())
    if number is None:
        raise UsageError(f"not a part of the context, such as 0.86 or 86%: {text[:100]}" if text else "no usage given")
    return Decimal(number[1]) / (100 if number[2] else 1)


def judge(usage: Decimal) -> ContextUse:
    """Return what to do at this usage of the context."""
    action = next((word for limit, word in ACTIONS if usage > Decimal(limit)), NONE)
    advice = next((word for limit, word in ADVICE if usage > Decimal(limit)), None)
    resumption = next((word for limit, word in RESUMPTIONS if usage >= Decimal(limit)), CONTINUE)
    return ContextUse(usage, action, advice, resumption)
